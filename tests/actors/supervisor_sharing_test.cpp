#include <algorithm>

#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/supervisor.hpp"
#include "tests/actors/deterministic_engine.hpp"
#include "tests/actors/stub_queue.hpp"

// What a supervisor makes of what other nodes on the same database do.
namespace penstock::actors::testing {

using namespace std::chrono_literals;

class supervisor_sharing_test : public deterministic_engine {
protected:
  void SetUp() override {
    start();
    auto& system = caf::actor_cast<caf::actor>(aut->handles().store).home_system();
    supervisor_config config;
    config.queues = {"shared"};
    config.start_queue = [this, &system](const std::string&, bool, bool, suspect_listener_actor) -> queue_actor {
      stub_queue queue;
      queue.heard = [this](const command_queue& word) {
        if (word.command == queue_command::pause || word.command == queue_command::resume)
          heard.push_back(word.command);
      };
      return queue.spawn(system);
    };
    config.start_scheduler = [this, &system]() -> scheduler_actor {
      return system.spawn([this](scheduler_actor::pointer) -> scheduler_actor::behavior_type {
        return {[](commit_answer&) {}, [this](const reload_schedules&) { ++reloads; }};
      });
    };
    config.store = aut->handles().store;
    config.fatal = [](const std::string& reason) { FAIL() << reason; };
    config.look_pause = 30s;
    config.read_paused = [this] { ++reads; };
    supervisor = spawn_supervisor(system, std::move(config));
    settle();
  }
  void TearDown() override {
    caf::anon_send_exit(supervisor, caf::exit_reason::user_shutdown);
    settle();
    supervisor = nullptr;
    deterministic_engine::TearDown();
  }
  template <class Message>
  void tell(Message message) {
    caf::anon_send(supervisor, std::move(message));
    settle();
  }

  supervisor_actor supervisor;
  std::vector<queue_command> heard;
  int reads = 0, reloads = 0;
};

TEST_F(supervisor_sharing_test, APauseIsNotUndoneByWhatWasReadBeforeIt) {
  tell(look_at_queues{{"!other"}});
  ASSERT_EQ(reads, 1);
  tell(command_named_queue{"shared", queue_command::pause});
  tell(paused_queues{{}}); // read before the pause was stored
  EXPECT_EQ(heard, std::vector{queue_command::pause});
  EXPECT_EQ(reads, 2) << "it is read anew";
  tell(paused_queues{{"shared"}});
  EXPECT_EQ(heard, std::vector{queue_command::pause});
}

TEST_F(supervisor_sharing_test, AnswersThatCrossAreTakenInTurn) {
  tell(look_at_queues{{"!shared"}});
  tell(look_at_queues{{"!shared"}});
  EXPECT_EQ(reads, 1) << "one at a time";
  tell(command_named_queue{"shared", queue_command::pause});
  tell(paused_queues{{}});
  EXPECT_EQ(reads, 2);
  tell(paused_queues{{"shared"}});
  EXPECT_EQ(heard, std::vector{queue_command::pause});
  EXPECT_EQ(reads, 2);
}

TEST_F(supervisor_sharing_test, WhatAnotherNodePausedAndResumedIsHeardOfBesideARead) {
  tell(look_at_queues{{"!shared"}});
  tell(look_at_queues{{"!shared"}}); // the second word came after that read
  tell(paused_queues{{"shared"}});
  EXPECT_EQ(reads, 2);
  tell(paused_queues{{}});
  EXPECT_EQ(heard, (std::vector{queue_command::pause, queue_command::resume}));
}

TEST_F(supervisor_sharing_test, MaintenanceOfAnotherNodeHoldsQueuesAndItsEndLeavesPausedOnesSo) {
  tell(look_at_queues{{"!"}});
  EXPECT_EQ(reads, 1);
  tell(paused_queues{{}, true});
  EXPECT_EQ(heard, std::vector{queue_command::pause});
  tell(paused_queues{{"shared"}, true});
  tell(paused_queues{{"shared"}, false});
  EXPECT_EQ(std::count(heard.begin(), heard.end(), queue_command::resume), 0) << "it was paused meanwhile";
  tell(paused_queues{{}, false});
  EXPECT_EQ(heard.back(), queue_command::resume);
}

TEST_F(supervisor_sharing_test, QueueThatIsPausedAsMaintenanceEndsNeverGoesOn) {
  tell(paused_queues{{}, true});
  tell(paused_queues{{"shared"}, false});
  EXPECT_EQ(std::count(heard.begin(), heard.end(), queue_command::resume), 0);
}

TEST_F(supervisor_sharing_test, WhatWasReadBeforeMaintenanceBeganDoesNotEndIt) {
  tell(look_at_queues{{"!shared"}});
  tell(maintain_node{true});
  tell(paused_queues{{}, false}); // read before that
  EXPECT_EQ(heard, std::vector{queue_command::pause});
  EXPECT_EQ(reads, 2);
}

TEST_F(supervisor_sharing_test, NodeThatTakesWorkAgainFiresNothingInMaintenance) {
  const auto before = reloads;
  tell(maintain_node{true});
  tell(set_intake{error{error_code::storage_full, "full"}});
  tell(set_intake{});
  tell(reload_schedules{});
  EXPECT_EQ(reloads, before) << "there is no scheduler";
  tell(maintain_node{false});
  tell(reload_schedules{});
  EXPECT_EQ(reloads, before + 1);
}

TEST_F(supervisor_sharing_test, AReadThatIsNeverAnsweredIsAskedAgain) {
  tell(look_at_queues{{"!shared"}});
  advance(31s);
  EXPECT_EQ(reads, 2);
  tell(paused_queues{{"shared"}});
  EXPECT_EQ(heard, std::vector{queue_command::pause});
}

TEST_F(supervisor_sharing_test, SchedulesAreReadAgainAtEachLook) {
  const auto before = reloads;
  advance(31s);
  EXPECT_EQ(reloads, before + 1);
  tell(look_at_queues{}); // news may have been missed
  EXPECT_EQ(reloads, before + 2);
}

} // namespace penstock::actors::testing
