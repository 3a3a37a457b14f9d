#include <gtest/gtest.h>

#include <thread>

#include "core/id_text.hpp"
#include "tests/storage/other_connection.hpp"
#include "tests/storage/shared_database_fixture.hpp"

// A credential that two nodes want to refresh at the same moment.
namespace penstock::storage {
namespace {

using std::chrono::seconds;

class shared_refresh : public shared_database_fixture {
protected:
  void SetUp() override {
    shared_database_fixture::SetUp();
    if (IsSkipped())
      return;
    integration account;
    account.service = "probe";
    account.name = "mine";
    id = {commit_one(unit_of(add_integration{account})).created.at(0)};
    schema->execute("INSERT INTO credentials (id, integration_id, version, body, updated_at) VALUES (1, " +
                    to_string(id) + ", 1, '', 0)");
  }
  static unit_of_work unit_of(engine_change change) {
    unit_of_work unit;
    unit.changes.push_back(std::move(change));
    return unit;
  }
  unit_of_work begin() const { return unit_of(begin_refresh{id, 1, clock.now() + seconds{30}}); }
  /// This node asks for the refresh while another's transaction, which did `sql` to the credential, is open.
  unit_result beside(const std::string& sql) {
    other_connection holds{schema->url()};
    holds.execute("BEGIN; SELECT 1 FROM credentials FOR UPDATE; " + sql);
    write_batch_result done;
    std::thread waits{[&] { done = run(*writer, {begin()}); }};
    holds.await_somebody_waiting();
    holds.execute("COMMIT");
    waits.join();
    EXPECT_FALSE(done.failed) << done.failed->message;
    return done.failed ? unit_result{} : done.units.at(0);
  }

  integration_id id{};
};

TEST_F(shared_refresh, OfTwoNodesOneMay) {
  EXPECT_TRUE(run(*other, {begin()}).units.at(0).ok());
  const auto second = run(*writer, {begin()}).units.at(0);
  ASSERT_TRUE(second.refused);
  EXPECT_EQ(second.refused->code, error_code::conflict);
}

TEST_F(shared_refresh, WhoWaitsForAnothersClaimFindsItTaken) {
  const auto late = beside(
    "INSERT INTO shared_limits (name, parts, calls, updated_at, blocked_until) VALUES ('refresh " + to_string(id) +
    " 1', 0, 0, 0, " + std::to_string((clock.now() + seconds{20}).time_since_epoch().count()) + ")");
  ASSERT_TRUE(late.refused);
  EXPECT_EQ(late.refused->code, error_code::conflict);
}

TEST_F(shared_refresh, WhoWaitsForAnothersPairDoesNotRefreshTheOldOne) {
  const auto late = beside("UPDATE credentials SET version = 2");
  ASSERT_TRUE(late.refused);
  EXPECT_EQ(late.refused->code, error_code::conflict);
  EXPECT_EQ(number("SELECT COUNT(*) FROM shared_limits"), 0);
}

} // namespace
} // namespace penstock::storage
