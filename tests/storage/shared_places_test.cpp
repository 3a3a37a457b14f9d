#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "storage/node_fence.hpp"
#include "storage/session.hpp"
#include "tests/storage/other_connection.hpp"
#include "tests/storage/store_fixture.hpp"

// What a node may say of its place, and of transactions under it, when another process has that place.
namespace penstock::storage {
namespace {

class shared_places : public store_fixture {
protected:
  void SetUp() override {
    if (!use_postgresql())
      GTEST_SKIP() << scratch_schema::why_skipped;
    open();
  }
};

TEST_F(shared_places, ATransactionUnderAnothersEpochIsNotTakenForStored) {
  enqueue(request());
  const node_fence::transaction_number last{number("SELECT last_commit FROM nodes"), number("SELECT epoch FROM nodes")};
  const auto dialect = make_postgresql_dialect({.url = schema->url()});
  session look{*dialect, connection_role::writer, nullptr};
  EXPECT_TRUE(node_fence::was_stored(look, 1, last));
  EXPECT_FALSE(node_fence::was_stored(look, 1, {last.number + 1, last.epoch}));
  // The next transaction is lost; a new process of this name joins and commits under the same number.
  schema->execute("UPDATE nodes SET epoch = epoch + 1, last_commit = last_commit + 1");
  EXPECT_FALSE(node_fence::was_stored(look, 1, {last.number + 1, last.epoch}));
  EXPECT_TRUE(node_fence::was_stored(look, 1, {last.number + 1, last.epoch + 1}));
}

TEST_F(shared_places, ANodeWhosePlaceIsAnothersShowsNoLifeAndEndsNoLease) {
  // The twin stands in line for the place, and gets it when the connection that holds it breaks.
  const std::string place = "(hashtext('penstock node ' || current_schema()), 1)";
  other_connection twin{schema->url()};
  std::thread waits{[&] { twin.execute("SELECT pg_advisory_lock" + place); }};
  other_connection looks{schema->url()};
  looks.await_somebody_waiting();
  schema->execute("UPDATE node_leases SET expires_at = 1");
  schema->break_connections("pid IN (SELECT l.pid FROM pg_locks l WHERE l.locktype = 'advisory' AND l.granted AND "
                            "l.classid = CAST(hashtext('penstock node ' || current_schema()) & 4294967295 AS OID) "
                            "AND l.objid = 1)");
  waits.join();
  // It connects again, does not get the place, and looks at its neighbours all the same: a second time when a new
  // connection's last query is much younger than it.
  const auto began = looks.value("SELECT clock_timestamp()");
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  bool looked = false;
  while (!looked && std::chrono::steady_clock::now() < end)
    looked = looks.value("SELECT COUNT(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND "
                         "application_name = current_setting('application_name') AND backend_start > '" +
                         began + "' AND query_start > backend_start + interval '500 milliseconds'") != "0";
  EXPECT_TRUE(looked) << "the watch does not come back";
  EXPECT_EQ(looks.value("SELECT expires_at FROM node_leases"), "1");
  reader.reset();
  writer.reset();
  db.reset();
  EXPECT_EQ(looks.value("SELECT expires_at FROM node_leases"), "1");
}

} // namespace
} // namespace penstock::storage
