#include "actors/supervisor.hpp"

#include <string>
#include <utility>
#include <vector>

#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "tests/actors/deterministic_engine.hpp"
#include "tests/actors/stub_queue.hpp"

namespace penstock::actors::testing {

using namespace std::chrono_literals;

/// Names that are too long to lie in a string itself.
constexpr const char* busy = "a queue with a very long name that never ends its work";

class supervisor_test : public deterministic_engine {
protected:
  void SetUp() override {
    start();
    auto& system = caf::actor_cast<caf::actor>(aut->handles().store).home_system();
    for (auto* each : {&store, &bus})
      *each = system.spawn([](caf::event_based_actor*) -> caf::behavior { return {[](int) {}}; });
    supervisor_config config;
    config.queues = {busy};
    config.start_queue = [this, &system](const std::string& name, bool, bool, suspect_listener_actor) -> queue_actor {
      auto made = stub_queue{.drains = false}.spawn(system);
      started.emplace_back(name, made);
      return made;
    };
    config.start_scheduler = [&system]() -> scheduler_actor {
      return system.spawn([](scheduler_actor::pointer) -> scheduler_actor::behavior_type {
        return {[](commit_answer&) {}, [](const reload_schedules&) {}};
      });
    };
    config.store = aut->handles().store;
    config.pillars = {{"the store", store, true}, {"the bus", bus}};
    config.fatal = [this](const std::string& reason) { told.push_back(reason); };
    supervisor = spawn_supervisor(system, std::move(config));
    settle();
  }
  void TearDown() override {
    for (auto& [name, queue] : started)
      caf::anon_send_exit(queue, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(supervisor, caf::exit_reason::user_shutdown);
    for (auto* each : {&store, &bus})
      caf::anon_send_exit(*each, caf::exit_reason::user_shutdown);
    settle();
    started.clear();
    supervisor = nullptr;
    store = bus = nullptr;
    deterministic_engine::TearDown();
  }

  caf::actor store, bus; ///< pillars of the node
  supervisor_actor supervisor;
  std::vector<std::pair<std::string, queue_actor>> started;
  std::vector<std::string> told; ///< why the node must end
};

TEST_F(supervisor_test, AQueueThatDiesIsStartedAgainUnderItsName) {
  ASSERT_EQ(started.size(), 1u);
  caf::anon_send_exit(started[0].second, caf::exit_reason::kill);
  settle();
  ASSERT_EQ(started.size(), 2u);
  EXPECT_EQ(started[1].first, busy);
  EXPECT_TRUE(told.empty());
}

TEST_F(supervisor_test, AQueueThatDiesAgainAndAgainEndsTheNodeByItsName) {
  for (int deaths = 0; deaths < 6; ++deaths) {
    caf::anon_send_exit(started.back().second, caf::exit_reason::kill);
    settle();
  }
  ASSERT_EQ(told.size(), 1u);
  EXPECT_NE(told[0].find(busy), std::string::npos) << told[0];
}

TEST_F(supervisor_test, AStopWaitsForNoQueueOnceTheStoreHasDied) {
  caf::scoped_actor self{store.home_system()};
  bool stopped = false;
  const auto hear = [&] {
    self->receive([&](const node_work_stopped&) { stopped = true; }, caf::after(0s) >> [] {});
  };
  self->send(supervisor, stop_work_of_node{1h});
  settle();
  caf::anon_send_exit(bus, caf::exit_reason::kill);
  settle();
  hear();
  EXPECT_FALSE(stopped) << "what runs can still be stored";
  caf::anon_send_exit(store, caf::exit_reason::kill);
  settle();
  hear();
  EXPECT_TRUE(stopped);
  ASSERT_EQ(told.size(), 1u) << "the node's end is told once";
  EXPECT_NE(told[0].find("the bus died"), std::string::npos) << told[0];
}

TEST_F(supervisor_test, AStopAfterTheStoreHasDiedWaitsForNoQueue) {
  caf::anon_send_exit(store, caf::exit_reason::kill);
  settle();
  caf::scoped_actor self{bus.home_system()};
  bool stopped = false;
  self->send(supervisor, stop_work_of_node{1h});
  settle();
  self->receive([&](const node_work_stopped&) { stopped = true; }, caf::after(0s) >> [] {});
  EXPECT_TRUE(stopped);
}

} // namespace penstock::actors::testing
