#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "tests/storage/store_fixture.hpp"

namespace penstock::storage {

/// Two nodes on one PostgreSQL database, each with a writer of its own: `writer` is node 1's, `other` node 2's.
class shared_database_fixture : public store_fixture {
protected:
  void SetUp() override {
    if (!use_postgresql())
      GTEST_SKIP() << scratch_schema::why_skipped;
    open();
    database_context context;
    context.clock = &clock;
    context.ids = &other_ids;
    context.kinds = &kinds;
    context.node_name = "other";
    auto opened = database::open({.url = schema->url()}, context);
    ASSERT_TRUE(opened) << opened.error().message;
    other_db = std::move(*opened);
    auto write = other_db->open_writer();
    ASSERT_TRUE(write) << write.error().message;
    other = std::move(*write);
  }
  void TearDown() override {
    other.reset();
    other_db.reset();
  }

  static write_batch_result run(write_session& session, std::vector<unit_of_work> units,
                                std::vector<slot_claim> claims = {}) {
    std::vector<write_batch> batches(1);
    batches[0].units = std::move(units);
    batches[0].claims = std::move(claims);
    return std::move(session.commit(batches).batches[0]);
  }
  /// What this node had is the other's, as if it had been silent for long.
  recovery_report be_taken_over() {
    schema->execute("UPDATE node_leases SET expires_at = 0 WHERE number = 1");
    auto report = other->take_over(1);
    EXPECT_TRUE(report) << report.error().message;
    return report ? std::move(*report) : recovery_report{};
  }

  id_generator other_ids{clock, 1};
  std::unique_ptr<database> other_db;
  std::unique_ptr<write_session> other;
};

} // namespace penstock::storage
