#include "storage/migrator.hpp"

#include <gtest/gtest.h>

#include "core/manual_clock.hpp"
#include "storage/dialect.hpp"
#include "storage/engine_schema.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

/// A database as an older version left it, brought up to date.
class upgrade : public ::testing::Test {
protected:
  void migrate_to(int number) {
    std::vector<migration> known;
    for (auto& each : engine_migrations())
      if (each.number <= number)
        known.push_back(std::move(each));
    migrator steps{db_, known};
    ASSERT_TRUE(steps.run(clock_)) << number;
  }
  std::int64_t number(const std::string& sql) {
    std::int64_t found = -1;
    statement query{db_, "look", sql};
    query.out(found);
    query.one();
    return found;
  }

  manual_clock clock_;
  std::shared_ptr<dialect> dialect_ = make_sqlite_dialect(":memory:", {});
  session db_{*dialect_, connection_role::writer, nullptr};
};

TEST_F(upgrade, IntegrationsThatWereDueStayDueAtTheirTime) {
  migrate_to(20);
  db_.execute(
    "fill",
    "INSERT INTO integrations (id, service, name, organisation_id, config, status, frequency_us, "
    "consecutive_failures, next_due_at, created_at, updated_at) VALUES "
    "(1, 'probe', 'due', 7, '{}', 0, 1, 0, 500, 1, 1), (2, 'probe', 'by hand', NULL, '{}', 0, 0, 0, NULL, 1, 1)");
  migrate_to(1000);
  EXPECT_EQ(number("SELECT COUNT(*) FROM due_integrations"), 1);
  EXPECT_EQ(number("SELECT next_due_at FROM due_integrations WHERE integration_id = 1 AND organisation_id = 7"), 500);
  EXPECT_EQ(number("SELECT COUNT(*) FROM v_integrations WHERE status = 'idle'"), 2);
}

TEST_F(upgrade, JobsThatWaitedStandInTheirOrder) {
  migrate_to(21);
  db_.execute("fill", "INSERT INTO jobs (id, queue_id, kind_id, state, priority, attempts, ties, run_at, started_at, "
                      "finished_at, group_key) VALUES (1, 1, 1, 0, 5, 2, 8, 100, 100, 100, NULL), "
                      "(2, 1, 1, 3, 5, 1, 0, 100, 100, 100, NULL), (3, 1, 1, 0, 5, 0, 0, 100, 100, 100, 'tenant')");
  migrate_to(1000);
  EXPECT_EQ(number("SELECT COUNT(*) FROM waiting_jobs"), 1);
  EXPECT_EQ(number("SELECT id FROM waiting_jobs WHERE queue_id = 1 AND priority = 5 AND run_at = 100 AND attempts = 2 "
                   "AND tied = 1"),
            1);
}

} // namespace
} // namespace penstock::storage
