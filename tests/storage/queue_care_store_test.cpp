#include <gtest/gtest.h>

#include "tests/storage/store_conformance.hpp"

// What is kept with jobs and queues for people: logs, bodies, warnings; and what goes at their wish or by number.
namespace penstock::storage {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

class queue_care_store : public store_conformance {
protected:
  std::int64_t count(const std::string& table) {
    const auto found = reader->rows().select("SELECT COUNT(*) FROM " + table, {});
    EXPECT_TRUE(found) << found.error().message;
    return std::get<std::int64_t>(found->rows.at(0).at(0));
  }
  unit_of_work with_log() {
    unit_of_work rest;
    rest.logs.push_back({.attempt = 1, .at = clock.now(), .level = log_line_level::warn, .message = "a line"});
    http_exchange exchange;
    exchange.attempt = 1;
    exchange.method = "GET";
    exchange.url = "http://provider.test/";
    exchange.response_body = "{}";
    rest.exchanges.push_back(std::move(exchange));
    return rest;
  }
  std::vector<std::int64_t> sweep(sweep_history wanted) {
    const auto done = answer(std::move(wanted));
    EXPECT_TRUE(done.ok()) << done.refused->message;
    return done.created;
  }
};
PENSTOCK_ON_EVERY_STORE(queue_care_store);

TEST_P(queue_care_store, LinesAndBodiesAreKeptWithTheirJob) {
  const auto id = enqueue("probe.task");
  end(id, attempt_outcome::retry, with_log());
  end(id, attempt_outcome::succeeded, with_log());
  const auto lines = jobs().logs(id);
  ASSERT_TRUE(lines);
  ASSERT_EQ(lines->size(), 2u);
  EXPECT_EQ((*lines)[0].message, "a line");
  EXPECT_EQ((*lines)[0].level, log_line_level::warn);
  EXPECT_EQ(jobs().exchanges(id)->at(0).response_body, "{}");
  EXPECT_EQ(jobs().exchanges(id)->at(0).request_body, "");
  clock.advance(days{8});
  sweep({.completed_before = clock.now() - days{7}});
  EXPECT_EQ(count("job_logs"), 0);
  EXPECT_EQ(count("http_exchanges"), 0);
}

TEST_P(queue_care_store, AJobKnowsWhetherItsBodiesAreWanted) {
  auto wanted = request("probe.task");
  wanted.keep_bodies = true;
  const auto id = enqueue(wanted).id;
  EXPECT_TRUE(news.ready.at(0).keep_bodies);
  EXPECT_TRUE((*jobs().find_waiting(id))->keep_bodies);
}

TEST_P(queue_care_store, AnActiveJobShowsItsStart) {
  const auto id = enqueue("probe.task");
  EXPECT_EQ(job(id).started_at, no_time);
  clock.advance(minutes{1});
  const auto started = clock.now();
  claim("default", 0, {id});
  clock.advance(minutes{1});
  EXPECT_EQ(job(id).state, job_state::active);
  EXPECT_EQ(job(id).started_at, started);
}

TEST_P(queue_care_store, AWarningIsToldOnceAndItsEndOnce) {
  const auto tell = [this](bool on) { apply(set_queue_warning{"default", "failed", on, "many"}); };
  tell(true);
  tell(true);
  EXPECT_EQ(event_types("queue.*"), (std::vector<std::string>{"queue.warning"}));
  tell(false);
  tell(false);
  EXPECT_EQ(event_types("queue.*"), (std::vector<std::string>{"queue.warning", "queue.warning"}));
}

TEST_P(queue_care_store, FailedJobsOfOneQueueAreFlushed) {
  for (int i = 0; i < 3; ++i)
    end(enqueue("probe.task"), attempt_outcome::failed);
  end(enqueue("probe.page", "process"), attempt_outcome::failed);
  clock.advance(hours{1});
  end(enqueue("probe.task"), attempt_outcome::failed);
  EXPECT_EQ(apply(flush_failed{"default", clock.now() - minutes{30}, 2}), 2);
  EXPECT_EQ(apply(flush_failed{"default", clock.now() - minutes{30}, 2}), 1);
  EXPECT_EQ(apply(flush_failed{"default", clock.now() - minutes{30}, 2}), 0);
  EXPECT_EQ(summary("default").failed, 1);
  EXPECT_EQ(summary("process").failed, 1);
  EXPECT_EQ(apply(flush_failed{"nowhere", clock.now(), 2}), 0);
}

TEST_P(queue_care_store, BeyondTheirNumberTheOldestGoHoweverYoung) {
  std::vector<job_id> made;
  for (int i = 0; i < 6; ++i) {
    made.push_back(enqueue("probe.task"));
    if (i != 2)
      end(made.back(), i == 0 ? attempt_outcome::failed : attempt_outcome::succeeded);
  }
  EXPECT_EQ(sweep({.most_ended_jobs = 3}).at(0), 2);
  EXPECT_FALSE(jobs().find(made[0])) << "failed ones too";
  EXPECT_FALSE(jobs().find(made[1]));
  EXPECT_TRUE(jobs().find(made[2])) << "it waits";
  EXPECT_TRUE(jobs().find(made[3]));
  EXPECT_EQ(sweep({.most_ended_jobs = 3}).at(0), 0);
  EXPECT_EQ(summary("default").failed, 0);
  EXPECT_EQ(summary("default").completed, 3);
}

TEST_P(queue_care_store, EventsBeyondTheirNumberGo) {
  for (int i = 0; i < 5; ++i) {
    apply(pause_queue{"default", true});
    apply(pause_queue{"default", false});
  }
  EXPECT_EQ(sweep({.most_events = 4}).at(2), 6);
  EXPECT_EQ(count("events"), 4);
  EXPECT_EQ(sweep({.most_events = 4}).at(2), 0);
}

TEST_P(queue_care_store, AQueueMayKeepItsJobsLongerOrShorter) {
  for (const auto* queue : {"longer", "usual", "shorter"}) {
    end(enqueue("probe.task", queue), attempt_outcome::succeeded);
    end(enqueue("probe.task", queue), attempt_outcome::failed);
  }
  clock.advance(days{2});
  const auto ago = [this](int age) { return clock.now() - days{age}; };
  const auto gone = sweep({.completed_before = ago(1),
                           .failed_before = ago(3),
                           .queues = {{"longer", ago(30), ago(30)}, {"shorter", ago(1), ago(1)}}});
  EXPECT_EQ(gone.at(0), 2);
  EXPECT_EQ(gone.at(1), 1);
  EXPECT_EQ(summary("longer").completed, 1);
  EXPECT_EQ(summary("usual").completed, 0);
  EXPECT_EQ(summary("usual").failed, 1);
  EXPECT_EQ(summary("shorter").failed, 0);
}

} // namespace
} // namespace penstock::storage
