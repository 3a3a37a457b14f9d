#include "gateway/render.hpp"

#include <gtest/gtest.h>

#include "messages/actors/queue.hpp"

namespace penstock::gateway {
namespace {

using namespace std::chrono_literals;

const timestamp noon = timestamp(std::chrono::sys_days(std::chrono::year(2026) / 6 / 1)) + 12h;

job_kind_catalogue one_kind() {
  job_kind_catalogue kinds;
  kinds.add({.name = "test.step", .max_attempts = 4, .timeout = 90s});
  return kinds;
}

job_record waiting_job() {
  job_record record;
  record.job.id = {11};
  record.job.kind = "test.step";
  record.job.queue = "default";
  record.job.args = R"({"n":1.0})";
  record.job.run_at = noon;
  record.created_at = noon;
  record.triggered_by = "api";
  return record;
}

template <class... Arguments>
std::string rendered(const Arguments&... arguments) {
  json_writer out;
  render(out, arguments...);
  return out.take();
}

TEST(render, WaitingExecution) {
  EXPECT_EQ(
    rendered(waiting_job(), one_kind(), noon),
    R"({"id":"11","kind":"test.step","queue":"default","state":"waiting","status":"PENDING","group_key":null,)"
    R"("run_id":null,"stream":null,"priority":5,"attempt":0,"max_attempts":4,"timeout_ms":90000,"backoff":"fixed 1m",)"
    R"("run_at":"2026-06-01T12:00:00Z","created_at":"2026-06-01T12:00:00Z","started_at":null,)"
    R"("finished_at":null,"args":{"n":1.0},"progress":null,"result":null,"errors":[],)"
    R"("children":{"open":0,"completed":0,"failed":0,"cancelled":0},"unique_key":null,"integration_id":null,)"
    R"("organisation_id":null,"parent_id":null,"triggered_by":"api","trace_id":null})");
}

TEST(render, FailedExecutionShowsEachAttemptAndProgress) {
  auto record = waiting_job();
  record.state = job_state::failed;
  record.job.attempts = 1;
  record.job.max_attempts = 1;
  record.job.timeout = 5ms;
  record.job.integration = {3};
  record.started_at = noon;
  record.finished_at = noon + 1500ms;
  record.latest_progress = progress{"storing", "half", 50, 5, 10, 2s};
  record.errors.push_back({1, error_code::network, error_class::retryable, "no \"answer\"", noon, "node-a"});
  const auto text = rendered(record, one_kind(), noon);
  for (const auto* part :
       {R"("state":"failed","status":"FAILED")", R"("attempt":1,"max_attempts":1,"timeout_ms":5)",
        R"("finished_at":"2026-06-01T12:00:01.500Z")",
        R"("progress":{"stage":"storing","message":"half","percent":50,"done":5,"total":10,"remaining_ms":2000})",
        R"("errors":[{"attempt":1,"class":"retryable","code":"network","message":"no \"answer\"",)"
        R"("at":"2026-06-01T12:00:00Z","node":"node-a"}])",
        R"("integration_id":"3")"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
}

TEST(render, StatusIsTheWordOfTheDocument) {
  auto record = waiting_job();
  const std::pair<job_state, std::string_view> rows[] = {
    {job_state::waiting, "PENDING"},     {job_state::active, "RUNNING"}, {job_state::awaiting_children, "RUNNING"},
    {job_state::completed, "COMPLETED"}, {job_state::failed, "FAILED"},  {job_state::cancelled, "CANCELLED"}};
  for (const auto& [state, word] : rows) {
    record.state = state;
    EXPECT_EQ(execution_status(record), word);
  }
  record.state = job_state::failed;
  record.errors.push_back({1, error_code::timed_out, error_class::retryable, "", noon, ""});
  EXPECT_EQ(execution_status(record), "TIMEOUT");
}

TEST(render, ActiveExecutionCountsTheAttemptThatRuns) {
  auto record = waiting_job();
  record.state = job_state::active;
  record.job.attempts = 2;
  EXPECT_NE(rendered(record, one_kind(), noon).find(R"("attempt":3)"), std::string::npos);
}

TEST(render, JobToComeShowsAsDelayed) {
  auto record = waiting_job();
  record.job.run_at = noon + 1s;
  EXPECT_NE(rendered(record, one_kind(), noon).find(R"("state":"delayed")"), std::string::npos);
}

TEST(render, IntegrationWithItsCursors) {
  integration value;
  value.id = {5};
  value.service = "test";
  value.name = "Mine";
  value.config = R"({"a":1})";
  value.schedule.frequency = 15min;
  value.schedule.next_due_at = noon;
  value.created_at = value.updated_at = noon;
  std::vector<stream_cursor> cursors{{{5}, "pages", R"({"last":"x"})", {9}, 2, "", noon}};
  EXPECT_EQ(rendered(value, consent_state{noon - 1h, false}, &cursors),
            R"({"id":"5","service":"test","name":"Mine","organisation_id":null,"owner":null,"status":"idle",)"
            R"("update_frequency_minutes":15,"last_triggered_at":null,"last_successful_update_at":null,)"
            R"("next_due_at":"2026-06-01T12:00:00Z","authorised_at":"2026-06-01T11:00:00Z","awaits_consent":false,)"
            R"("awaits_token":false,"is_fetched":true,"to_do":null,)"
            R"("consecutive_failures":0,"last_error":null,"live_run_id":null,)"
            R"("config":{"a":1},"cursors":[{"stream":"pages","cursor":{"last":"x"},"run_id":"9","page":2,"gap":null,)"
            R"("updated_at":"2026-06-01T12:00:00Z"}],"webhook":null,"created_at":"2026-06-01T12:00:00Z",)"
            R"("updated_at":"2026-06-01T12:00:00Z"})");
}

TEST(render, OpenRunLastsUntilNow) {
  run value;
  value.id = {1};
  value.integration = {5};
  value.root = {2};
  value.rows = {1, 2, 3, 4, 5};
  value.started_at = noon;
  EXPECT_EQ(rendered(value, noon + 3s),
            R"({"id":"1","integration_id":"5","job_id":"2","state":"running","dry_run":false,"pages":0,)"
            R"("rows":{"added":1,"updated":2,)"
            R"("unchanged":3,"deleted":4,"errors":5},"error":null,"triggered_by":null,)"
            R"("started_at":"2026-06-01T12:00:00Z","ended_at":null,"duration_ms":3000})");
}

TEST(render, QueueOfStoreAndActor) {
  storage::queue_summary stored;
  stored.name = "default";
  stored.paused = true;
  stored.waiting = 7, stored.active = 1, stored.delayed = 2, stored.completed = 3, stored.failed = 4;
  stored.oldest_waiting_since = noon - 90s;
  actors::queue_state live;
  live.concurrency = 4;
  live.throughput_per_minute = 12;
  live.active = {job_id{8}};
  live.limit = "10/s";
  const std::vector<queue_warning> warnings{{"failed", "4 jobs have failed"}};
  EXPECT_EQ(
    rendered(stored, &live, warnings, noon),
    R"({"name":"default","paused":true,"concurrency":4,"counts":{"waiting":7,"active":1,"completed":3,)"
    R"("failed":4,"delayed":2,"paused":7,"awaiting_children":0,"cancelled":0},"oldest_waiting_ms":90000,)"
    R"("throughput_per_minute":12,"limit":"10/s","warnings":[{"kind":"failed","message":"4 jobs have failed"}],)"
    R"("stuck_workers":0,"active_jobs":["8"]})");
}

TEST(render, ScheduleNamesItsRuleByKindAndItsNextFiveTimes) {
  schedule value;
  value.name = "nightly";
  value.rule = "30 2 * * *";
  value.time_zone = "America/New_York";
  value.kind = "test.step";
  const auto text = rendered(value, noon);
  EXPECT_NE(text.find(R"("name":"nightly","cron":"30 2 * * *","time_zone":"America/New_York")"), std::string::npos)
    << text;
  EXPECT_NE(text.find(R"("next_runs":["2026-06-02T06:30:00Z","2026-06-03T06:30:00Z")"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("enabled":true,"overlap":"skip","catch_up_ms":null,"jitter_ms":0,"stagger_ms":0)"),
            std::string::npos)
    << text;
  EXPECT_NE(text.find(R"("weekdays":null)"), std::string::npos) << text;
  value.catch_up = no_catch_up;
  value.weekdays = 1 << 1 | 1 << 5;
  const auto other = rendered(value, noon);
  EXPECT_NE(other.find(R"("catch_up_ms":0)"), std::string::npos) << other;
  EXPECT_NE(other.find(R"("weekdays":["mon","fri"])"), std::string::npos) << other;
  value.weekdays = every_weekday;
  value.rule = "every 30s";
  EXPECT_NE(rendered(value, noon).find(R"("every":"30s")"), std::string::npos);
  value.enabled = false;
  EXPECT_NE(rendered(value, noon).find(R"("next_runs":[])"), std::string::npos);
}

TEST(render, EventIsACloudEvent) {
  event value;
  value.id = {77};
  value.position = 12;
  value.type = "integration.updated";
  value.source = "/nodes/node-a";
  value.subject = "integrations/5";
  value.time = noon;
  value.data = R"({"rows":1})";
  value.integration = {5};
  EXPECT_EQ(rendered(value),
            R"({"specversion":"1.0","id":"77","source":"/nodes/node-a","type":"integration.updated",)"
            R"("subject":"integrations/5","time":"2026-06-01T12:00:00Z","datacontenttype":"application/json",)"
            R"("position":"12","integrationid":"5","data":{"rows":1}})");
}

TEST(render, LiveEventHasAnIdAllTheSame) {
  event value;
  value.type = "job.progress";
  value.subject = "executions/9";
  value.time = noon;
  const auto text = rendered(value);
  EXPECT_NE(text.find(R"("id":"executions/9/)"), std::string::npos) << text;
  EXPECT_EQ(text.find("position"), std::string::npos);
}

} // namespace
} // namespace penstock::gateway
