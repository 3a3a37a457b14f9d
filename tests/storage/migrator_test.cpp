#include "storage/migrator.hpp"

#include <gtest/gtest.h>

#include "core/manual_clock.hpp"
#include "storage/described_table.hpp"
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

TEST_F(upgrade, RowsInErrorKnowWhoseTheyAre) {
  migrate_to(27);
  db_.execute("fill jobs",
              "INSERT INTO jobs (id, queue_id, kind_id, state, priority, attempts, ties, run_at, started_at, "
              "finished_at, integration_id) VALUES (1, 1, 1, 3, 5, 1, 0, 100, 100, 100, 7)");
  db_.execute("fill errors", "INSERT INTO row_errors (job_id, run_id, table_name, source_id, message, at) VALUES "
                             "(1, NULL, 'points', 'a', 'no date', 100), (2, NULL, 'points', 'b', 'no date', 100)");
  migrate_to(1000);
  EXPECT_EQ(number("SELECT COUNT(*) FROM row_errors WHERE integration_id = 7"), 1);
  EXPECT_EQ(number("SELECT COUNT(*) FROM v_row_errors WHERE integration_id IS NULL"), 1);
}

/// Tables of what people describe, and describe anew.
class described : public ::testing::Test {
protected:
  result<int> describe(const std::vector<column>& columns) {
    std::vector<migration> known{described_table("shop_items")};
    std::vector<std::string> shown;
    for (const auto& each : columns) {
      known.push_back(described_column("shop_items", each));
      shown.push_back(each.name);
    }
    known.push_back(described_view("shop_items", shown));
    known.push_back(described_versions("shop_items", source_));
    return migrator{db_, known}.run(clock_);
  }
  std::string view() {
    std::string text;
    statement query{db_, "look", "SELECT sql FROM sqlite_master WHERE name = 'v_shop_items'"};
    query.out(text);
    query.one();
    return text;
  }

  manual_clock clock_;
  std::shared_ptr<dialect> dialect_ = make_sqlite_dialect(":memory:", {});
  session db_{*dialect_, connection_role::writer, nullptr};
  std::string source_ = "/changed 0";
  const column title_{"title", column_type::text}, price_{"price", column_type::integer};
};

TEST_F(described, ColumnsThatComeLaterAreAddedAndTheViewFollows) {
  EXPECT_EQ(describe({title_}), 4);
  db_.execute("fill",
              "INSERT INTO shop_items (integration_id, source_id, source_version, first_seen_at, updated_at, raw, "
              "title) VALUES (7, 'a', 0, 0, 0, '{}', 'A')");
  EXPECT_EQ(describe({title_}), 0) << "nothing changed";
  EXPECT_EQ(describe({price_, title_}), 2);
  EXPECT_NE(view().find("source_id, price, title, raw"), std::string::npos) << view();
  db_.execute("use", "UPDATE shop_items SET price = 5 WHERE title = 'A'");
}

TEST_F(described, ColumnsThatGoAndComeBackKeepWhatTheyHeld) {
  EXPECT_TRUE(describe({title_, price_}));
  EXPECT_EQ(describe({title_}), 1);
  EXPECT_EQ(view().find("price"), std::string::npos);
  EXPECT_EQ(describe({title_, price_}), 1);
  EXPECT_NE(view().find("price"), std::string::npos);
}

TEST_F(described, ColumnKeepsItsType) {
  EXPECT_TRUE(describe({price_}));
  const auto other = describe({{"price", column_type::text}});
  ASSERT_FALSE(other);
  EXPECT_TRUE(
    other.error().message.ends_with("shop_items has a column of this name and another type: give the field another "
                                    "name"))
    << other.error().message;
}

TEST_F(described, ViewOfSomebodyElseIsNeverTakenAway) {
  db_.execute("make", "CREATE VIEW v_shop_items AS SELECT 7 AS other");
  const auto refused = describe({title_});
  ASSERT_FALSE(refused);
  EXPECT_TRUE(
    refused.error().message.ends_with("a view v_shop_items is there already, for something else: name another table"))
    << refused.error().message;
  EXPECT_NE(view().find("other"), std::string::npos) << view();
}

TEST_F(described, NamesOfTheEngineAreKnown) {
  for (const std::string name : {"jobs", "integrations", "audit", "audit_log", "schema_migrations", "v_audit",
                                 "job_states", "jobs_waiting", "webhook_addresses", "users"})
    EXPECT_TRUE(is_engine_name(name)) << name;
  for (const std::string name : {"shop_items", "log", "job", "table", "if", ""})
    EXPECT_FALSE(is_engine_name(name)) << name;
}

TEST_F(described, StepsAreKnownAgainByTheirOwners) {
  for (const auto& step : {described_table("shop_items"), described_column("shop_items", price_)}) {
    const auto again = described_step(step.owner);
    ASSERT_TRUE(again) << step.owner;
    EXPECT_EQ(again->statements, step.statements);
  }
  for (const std::string owner : {"engine", "described ", "described a b", "described a b money", "described A",
                                  "described a;b text", "described a b text more", "described a b) integer"})
    EXPECT_FALSE(described_step(owner)) << owner;
}

} // namespace
} // namespace penstock::storage
