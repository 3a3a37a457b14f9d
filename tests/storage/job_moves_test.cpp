#include "storage/job_moves.hpp"

#include "storage/dialect.hpp"
#include "storage/job_endings.hpp"
#include "storage/storage_exception.hpp"
#include "tests/storage/store_fixture.hpp"

namespace penstock::storage {
namespace {

using enum job_state;

TEST(job_moves, WhatTheTableDoesNotAllowIsAnInternalError) {
  for (const auto from : {waiting, active, awaiting_children, completed, failed, cancelled})
    for (const auto to : {waiting, active, awaiting_children, completed, failed, cancelled}) {
      if (can_move(from, to)) {
        EXPECT_NO_THROW(require_move({5}, from, to));
        continue;
      }
      try {
        require_move({5}, from, to);
        ADD_FAILURE() << to_string(from) << " -> " << to_string(to);
      } catch (const storage_exception& thrown) {
        EXPECT_EQ(thrown.problem().code, error_code::internal);
        EXPECT_EQ(thrown.blame(), storage_blame::unit);
        EXPECT_NE(thrown.problem().message.find(to_string(from)), std::string::npos);
      }
    }
}

/// The endings of jobs on a connection of the test's own.
class job_endings_moves : public store_fixture {
protected:
  void SetUp() override {
    open(true);
    id = enqueue(request());
    writer.reset();
    house.clock = &clock;
    house.ids = &ids;
    house.kinds = &kinds;
    dialect_ = make_sqlite_dialect(file, {});
    db_ = std::make_unique<session>(*dialect_, connection_role::writer, nullptr);
    state = std::make_unique<write_state>(*db_, house, offers);
    state->load();
    state->begin();
    runs = std::make_unique<run_writer>(*state);
    endings = std::make_unique<job_endings>(*state, *runs);
  }
  void TearDown() override { state->rollback(); }
  /// The job's row says `from`; what becomes of a close, which is undone before the next.
  void close(job_state from, job_state as, bool active = false) {
    db_->execute("savepoint", started_ ? "ROLLBACK TO closing" : "SAVEPOINT closing");
    started_ = true;
    auto row = find_job_row(*db_, id);
    ASSERT_TRUE(row);
    row->state = from;
    job_closing how;
    how.active = active;
    endings->close(std::move(*row), as, std::move(how));
  }

  job_id id;
  database_context house;
  std::unique_ptr<dialect> dialect_;
  std::unique_ptr<session> db_;
  slot_offers offers;
  std::unique_ptr<write_state> state;
  std::unique_ptr<run_writer> runs;
  std::unique_ptr<job_endings> endings;
  bool started_ = false;
};

TEST_F(job_endings_moves, AnEndedJobDoesNotEndAgain) {
  for (const auto from : {completed, failed, cancelled})
    for (const auto as : {awaiting_children, completed, failed, cancelled})
      EXPECT_THROW(close(from, as), storage_exception) << to_string(from) << " -> " << to_string(as);
  EXPECT_EQ(find_job_row(*db_, id)->state, waiting) << "nothing was written";
}

TEST_F(job_endings_moves, AWaitingJobThatNeverRanCanOnlyBeCancelled) {
  for (const auto as : {awaiting_children, completed, failed})
    EXPECT_THROW(close(waiting, as), storage_exception) << to_string(as);
  EXPECT_NO_THROW(close(waiting, cancelled));
}

TEST_F(job_endings_moves, OneThatASlotHoldsOrWhoseAttemptEndsCountsAsActive) {
  EXPECT_NO_THROW(close(waiting, completed, true));
  EXPECT_NO_THROW(close(waiting, failed, true));
  state->slots.claim(state->queues.id_of("default"), {"default", 0, false, {id}}, clock.now());
  EXPECT_NO_THROW(close(waiting, failed));
  EXPECT_NO_THROW(close(awaiting_children, completed));
}

} // namespace
} // namespace penstock::storage
