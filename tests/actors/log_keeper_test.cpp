#include "actors/log_keeper.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <semaphore>
#include <span>
#include <string>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <gtest/gtest.h>

#include "actors/caf_settings.hpp"
#include "actors/commit_port.hpp"
#include "actors/store_writer.hpp"

namespace penstock::actors {
namespace {

using namespace std::chrono_literals;

/// Stores nothing. Its disk takes its time, or fails.
class slow_disk : public storage::write_session {
public:
  storage::group_result commit(std::span<storage::write_batch>) override { return {}; }
  storage::group_result commit_ahead(std::span<storage::write_batch> batches) override {
    storage::group_result done;
    argument_bytes = 0;
    for (const auto& batch : batches) {
      for (const auto& unit : batch.units)
        for (const auto& job : unit.jobs)
          argument_bytes += job.args.size();
      auto& outcome = done.batches.emplace_back();
      outcome.units.resize(batch.units.size());
      if (full && batch.units.size() > 1) {
        outcome.failed = error{error_code::storage_full, "no room for a large one"};
        continue;
      }
      for (const auto& unit : batch.units)
        for (const auto& wanted : unit.jobs) {
          if (wanted.unique_key == "given") {
            done.news.gifts.push_back({"default", 0, 1, {}});
            continue;
          }
          auto& job = done.news.ready.emplace_back();
          job.queue = "default";
          job.fresh = wanted.unique_key != "told before";
        }
    }
    stored.release();
    return done;
  }
  bool syncs_apart() const noexcept override { return true; }
  result<void> make_durable() override {
    ++syncs;
    started.release();
    may_end.acquire();
    if (fails)
      return failure(error_code::storage_failed, "the disk failed");
    return {};
  }
  result<void> try_write() override {
    if (fails)
      return failure(error_code::storage_failed, "the disk failed");
    if (full)
      return failure(error_code::storage_full, "no room");
    return {};
  }
  void close_slots_of(const std::string& queue) noexcept override { closed = queue == "default"; }
  result<storage::recovery_report> recover() override { return storage::recovery_report{}; }
  result<storage::recovery_report> take_over(std::int64_t) override { return storage::recovery_report{}; }

  std::counting_semaphore<> stored{0}, started{0}, may_end{0};
  std::atomic<int> syncs{0};
  std::atomic<std::size_t> argument_bytes{0}; ///< of the latest transaction
  std::atomic<bool> fails{false};
  std::atomic<bool> full{false};   ///< but for units that come alone
  std::atomic<bool> closed{false}; ///< the slots that the default queue had left open
};

class log_keeping : public ::testing::Test {
protected:
  log_keeping() {
    store_listeners listeners;
    listeners.unknown_queue = [this](const std::string&) { told_of_jobs.release(); };
    listeners.events = [](std::vector<event>) {};
    keeper = spawn_log_keeper(system, disk, listeners);
    writer = spawn_store_writer(system, {disk, listeners, keeper});
    port.emplace(writer);
  }
  ~log_keeping() override {
    disk->may_end.release(1000);
    caf::scoped_actor last{system};
    caf::anon_send_exit(writer, caf::exit_reason::user_shutdown);
    last->wait_for(writer);
    caf::anon_send_exit(keeper, caf::exit_reason::user_shutdown);
    last->wait_for(keeper);
  }

  void ask(std::uint64_t token, bool told_before = false, int units = 1) {
    commit_request request;
    request.token = token;
    request.reply_to = caf::actor_cast<commit_client_actor>(caf::actor_cast<caf::actor>(self));
    auto& job = request.units.emplace_back().jobs.emplace_back();
    if (told_before)
      job.unique_key = "told before";
    request.units.resize(static_cast<std::size_t>(units));
    caf::anon_send(writer, std::move(request));
  }
  /// By no actor, with arguments of so many bytes.
  void submit(std::size_t bytes = 0) {
    unit_of_work unit;
    unit.jobs.emplace_back().args = std::string(bytes, ' ');
    port->submit(std::move(unit), [this](const result<unit_result>& outcome) {
      (outcome ? submitted_stored : submitted_refused).release();
    });
  }
  std::uint64_t answer() {
    std::uint64_t token = 0;
    self->receive([&](const commit_answer& answer) { token = answer.token; },
                  caf::after(20s) >> [] { ADD_FAILURE() << "no answer"; });
    return token;
  }
  void expect_silence() {
    self->receive([](const commit_answer&) { ADD_FAILURE() << "told before the disk had it"; },
                  caf::after(0s) >> [] {});
  }

  struct settings : caf::actor_system_config {
    settings() { apply_engine_settings(*this); }
  };
  settings config;
  caf::actor_system system{config};
  std::shared_ptr<slow_disk> disk = std::make_shared<slow_disk>();
  std::counting_semaphore<> told_of_jobs{0}, submitted_stored{0}, submitted_refused{0};
  caf::scoped_actor self{system};
  log_keeper_actor keeper;
  store_writer_actor writer;
  std::optional<commit_port> port;
};

TEST_F(log_keeping, AnAnswerComesAfterTheSync) {
  ask(1);
  disk->started.acquire();
  expect_silence();
  disk->may_end.release();
  EXPECT_EQ(answer(), 1u);
}

TEST_F(log_keeping, TheNextTransactionsRunMeanwhileAndShareASync) {
  ask(1);
  disk->stored.acquire();
  disk->started.acquire();
  for (std::uint64_t token = 2; token < 6; ++token) {
    ask(token);
    ASSERT_TRUE(disk->stored.try_acquire_for(20s)) << "the writer waits for no disk";
  }
  disk->may_end.release(2);
  for (std::uint64_t token = 1; token < 6; ++token)
    EXPECT_EQ(answer(), token) << "in the order of the commits";
  EXPECT_EQ(disk->syncs, 2);
}

TEST_F(log_keeping, QueuesHearOfNewJobsAtOnceAndOfOthersAfterTheirEnd) {
  ask(1);
  disk->started.acquire();
  ASSERT_TRUE(told_of_jobs.try_acquire_for(20s));
  ask(2, true);
  disk->stored.acquire();
  disk->stored.acquire();
  ask(3);
  ASSERT_TRUE(told_of_jobs.try_acquire_for(20s));
  EXPECT_FALSE(told_of_jobs.try_acquire()) << "of the second it must first hear how it ended";
  disk->may_end.release(3); // the third may reach the log keeper after it began with the second
  for (std::uint64_t token = 1; token < 4; ++token)
    EXPECT_EQ(answer(), token);
  EXPECT_TRUE(told_of_jobs.try_acquire_for(20s)) << "now it does";
}

TEST_F(log_keeping, WhatCameBeforeTheExitIsToldAfterItsSync) {
  ask(1);
  disk->started.acquire();
  ask(2);
  caf::anon_send_exit(writer, caf::exit_reason::user_shutdown);
  self->wait_for(writer);
  caf::anon_send_exit(keeper, caf::exit_reason::user_shutdown);
  disk->may_end.release(2);
  self->wait_for(keeper);
  EXPECT_EQ(answer(), 1u);
  EXPECT_EQ(answer(), 2u);
}

TEST_F(log_keeping, WhatWasSubmittedIsAnsweredAfterTheSync) {
  submit();
  disk->started.acquire();
  EXPECT_FALSE(submitted_stored.try_acquire());
  disk->may_end.release();
  EXPECT_TRUE(submitted_stored.try_acquire_for(20s));
}

TEST_F(log_keeping, TheWriterHearsOfWhatASyncsAnswersLeadToWhenAllAreTold) {
  std::binary_semaphore checked{0};
  submit();
  disk->started.acquire();
  const auto stores_another = [this](commit_port::completion done) {
    port->submit(unit_of_work{}, std::move(done));
    disk->stored.acquire();
  };
  disk->stored.acquire();
  // Two transactions share the next sync. What the first leads to would be seen by the time that another's is stored.
  stores_another([this](const result<unit_result>&) { submit(10); });
  stores_another([&](const result<unit_result>&) {
    ask(1);
    disk->stored.acquire();
    EXPECT_EQ(disk->argument_bytes, 2u) << "the writer began with what the first led to, and not with this: {}";
    checked.release();
  });
  stores_another([](const result<unit_result>&) {}); // by now the keeper has the second one's
  disk->may_end.release(1000);
  checked.acquire();
  ASSERT_TRUE(disk->stored.try_acquire_for(20s));
  EXPECT_EQ(disk->argument_bytes, 10u);
  EXPECT_EQ(answer(), 1u);
}

TEST_F(log_keeping, LargeUnitsThatWereSubmittedTogetherAreAllStored) {
  disk->may_end.release(1000);
  constexpr std::size_t more_than_half_a_commit = 1536 * 1024;
  for (int i = 0; i < 4; ++i)
    submit(more_than_half_a_commit);
  for (int i = 0; i < 4; ++i)
    EXPECT_TRUE(submitted_stored.try_acquire_for(20s)) << i;
}

TEST_F(log_keeping, WhatWasSubmittedBeforeTheExitIsStored) {
  ask(1);
  disk->started.acquire();
  constexpr std::size_t more_than_half_a_commit = 1536 * 1024;
  for (int i = 0; i < 3; ++i)
    submit(more_than_half_a_commit);
  port->close();
  submit();
  caf::anon_send_exit(writer, caf::exit_reason::user_shutdown);
  self->wait_for(writer);
  disk->may_end.release(1000);
  caf::anon_send_exit(keeper, caf::exit_reason::user_shutdown);
  self->wait_for(keeper);
  for (int i = 0; i < 3; ++i)
    EXPECT_TRUE(submitted_stored.try_acquire()) << i;
  EXPECT_TRUE(submitted_refused.try_acquire());
  EXPECT_FALSE(submitted_refused.try_acquire());
}

TEST_F(log_keeping, ANodeWhoseDiskStandsStillDoesNotSayThatItTakesWrites) {
  ask(1);
  disk->started.acquire();
  self->request(writer, 50ms, writes_query{})
    .receive([](const writes_state&) { ADD_FAILURE() << "nothing is stored any more"; }, [](const caf::error&) {});
  disk->may_end.release();
  self->request(writer, 20s, writes_query{})
    .receive([](const writes_state& told) { EXPECT_FALSE(told.refused); }, [](const caf::error&) { ADD_FAILURE(); });
}

TEST_F(log_keeping, SmallCommitsThatStillPassDoNotMakeAFullDiskReady) {
  disk->may_end.release(1000);
  const auto refused = [this] {
    std::optional<error> told;
    self->request(writer, 20s, writes_query{})
      .receive([&](const writes_state& state) { told = state.refused; }, [](const caf::error&) { ADD_FAILURE(); });
    return told;
  };
  disk->full = true;
  EXPECT_FALSE(refused()) << "it does not know yet";
  ask(1, false, 2);
  EXPECT_EQ(answer(), 1u);
  ask(2);
  EXPECT_EQ(answer(), 2u);
  for (int i = 0; i < 2; ++i) {
    const auto told = refused();
    ASSERT_TRUE(told);
    EXPECT_EQ(told->code, error_code::storage_full);
  }
  disk->full = false;
  EXPECT_FALSE(refused());
}

TEST_F(log_keeping, ADiskThatFailsEndsTheKeeperAndNobodyIsToldAnything) {
  disk->fails = true;
  ask(1);
  disk->may_end.release();
  self->wait_for(keeper);
  expect_silence();
}

TEST_F(log_keeping, ALogThatIsFoundLostWhileNothingIsStoredEndsTheKeeperToo) {
  disk->may_end.release(1000);
  disk->full = true;
  ask(1, false, 2);
  EXPECT_EQ(answer(), 1u);
  disk->fails = true;
  self->request(writer, 20s, writes_query{})
    .receive([](const writes_state& state) { EXPECT_TRUE(state.refused); }, [](const caf::error&) { ADD_FAILURE(); });
  self->wait_for(keeper);
}

TEST_F(log_keeping, WhatASlotWasGivenIsToldAfterTheSyncBeforeTheAnswerAndBeforeWhatElseWaitsForTheQueue) {
  std::vector<std::string> heard;
  const auto hear = [&] {
    self->receive([&](const jobs_given&) { heard.emplace_back("given"); },
                  [&](const jobs_ready& told) { heard.emplace_back(told.jobs.empty() ? "attached" : "ready"); },
                  [&](const commit_answer&) { heard.emplace_back("answer"); },
                  caf::after(20s) >> [&] { heard.emplace_back("nothing"); });
  };
  caf::anon_send(writer, attach_queue{"default", caf::actor_cast<job_taker_actor>(caf::actor_cast<caf::actor>(self))});
  hear();
  EXPECT_TRUE(disk->closed) << "of a queue before this one";
  commit_request request;
  request.reply_to = caf::actor_cast<commit_client_actor>(caf::actor_cast<caf::actor>(self));
  auto& unit = request.units.emplace_back();
  unit.jobs.emplace_back(); // ready, and new
  unit.jobs.emplace_back().unique_key = "given";
  caf::anon_send(writer, std::move(request));
  disk->started.acquire();
  self->receive([](const jobs_given&) { ADD_FAILURE() << "told before the disk had it"; },
                [](const jobs_ready&) { ADD_FAILURE() << "the queue would ask for a slot that is taken"; },
                caf::after(0s) >> [] {});
  disk->may_end.release();
  for (int i = 0; i < 3; ++i)
    hear();
  EXPECT_EQ(heard, (std::vector<std::string>{"attached", "given", "answer", "ready"}));
}

} // namespace
} // namespace penstock::actors
