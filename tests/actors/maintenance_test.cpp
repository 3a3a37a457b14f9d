#include "tests/actors/deterministic_engine.hpp"

#include "messages/actors/supervisor.hpp"

// While maintenance is on nothing starts, and nothing is lost.
namespace penstock::actors::testing {
namespace {

using namespace std::chrono_literals;

class maintenance_test : public deterministic_engine {
protected:
  void set(bool on) {
    unit_of_work unit;
    unit.changes.emplace_back(set_maintenance{on, "test"});
    ASSERT_TRUE(commit(std::move(unit))); // the store tells the supervisor
    settle();
  }
  void pause(bool paused) {
    unit_of_work unit;
    unit.changes.emplace_back(pause_queue{"default", paused});
    ASSERT_TRUE(commit(std::move(unit)));
    caf::anon_send(aut->handles().supervisor,
                   command_named_queue{"default", paused ? queue_command::pause : queue_command::resume});
    settle();
  }
  void add_schedule_each_minute() {
    unit_of_work unit;
    schedule each_minute;
    each_minute.name = "each minute";
    each_minute.rule = "* * * * *";
    each_minute.kind = "test.step";
    each_minute.args = R"({"name":"scheduled"})";
    unit.changes.emplace_back(add_schedule{each_minute});
    ASSERT_TRUE(commit(std::move(unit)));
    caf::anon_send(aut->handles().supervisor, reload_schedules{});
    settle();
  }
};

TEST_F(maintenance_test, JobsWaitUntilItIsOver) {
  start();
  set(true);
  enqueue("test.step", R"({"name":"a"})");
  advance(5min);
  EXPECT_TRUE(ran.empty());
  set(false);
  EXPECT_EQ(ran, std::vector<std::string>{"a"});
}

TEST_F(maintenance_test, NoScheduleFiresAndWhatWasMissedIsCaughtUpOnce) {
  start();
  add_schedule_each_minute();
  set(true);
  advance(10min);
  EXPECT_TRUE(ran.empty());
  set(false);
  advance(1s);
  EXPECT_EQ(ran.size(), 1u) << "as after ten minutes of downtime";
  advance(1min);
  EXPECT_EQ(ran.size(), 2u);
}

TEST_F(maintenance_test, NobodyStartsAJobByHandEither) {
  start();
  set(true);
  enqueue("test.step", R"({"name":"a"})");
  job_id begun{77};
  caf::scoped_actor self{caf::actor_cast<caf::actor>(aut->handles().store).home_system()};
  self->send(aut->handles().supervisor, run_one_of_queue{"default"});
  settle();
  self->receive([&](const one_started& told) { begun = told.job; }, caf::after(0s) >> [] { ADD_FAILURE(); });
  EXPECT_EQ(begun, job_id{});
  EXPECT_TRUE(ran.empty());
}

TEST_F(maintenance_test, OutlivesARestart) {
  start();
  set(true);
  kill();
  start();
  enqueue("test.step", R"({"name":"a"})");
  advance(5min);
  EXPECT_TRUE(ran.empty());
  set(false);
  EXPECT_EQ(ran, std::vector<std::string>{"a"});
}

TEST_F(maintenance_test, QueueThatWasPausedStaysSo) {
  start();
  pause(true);
  set(true);
  enqueue("test.step", R"({"name":"a"})");
  set(false);
  EXPECT_TRUE(ran.empty());
  pause(false);
  EXPECT_EQ(ran, std::vector<std::string>{"a"});
}

TEST_F(maintenance_test, QueueThatIsResumedMeanwhileGoesOnAfterIt) {
  start();
  pause(true);
  set(true);
  enqueue("test.step", R"({"name":"a"})");
  pause(false);
  EXPECT_TRUE(ran.empty());
  set(false);
  EXPECT_EQ(ran, std::vector<std::string>{"a"});
}

} // namespace
} // namespace penstock::actors::testing
