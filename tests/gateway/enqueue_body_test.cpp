#include "gateway/enqueue_body.hpp"

#include <gtest/gtest.h>

namespace penstock::gateway {
namespace {

using namespace std::chrono_literals;

const timestamp noon = timestamp(std::chrono::sys_days(std::chrono::year(2026) / 6 / 1)) + 12h;

result<enqueue_body> read(std::string body) { return read_enqueue_body(body, noon); }

TEST(enqueue_body, ReadsAllFieldsOfOneJob) {
  const auto read_body =
    read(R"({"kind":"a.b","args":{"x":1.50,"y":[{"z":"}"}]},"queue":"q","priority":0,"unique_key":"k",)"
         R"("max_attempts":3,"timeout_ms":1500,"delay_ms":2000})");
  ASSERT_TRUE(read_body) << read_body.error().message;
  EXPECT_FALSE(read_body->is_array);
  ASSERT_EQ(read_body->jobs.size(), 1u);
  const auto& job = read_body->jobs.front();
  EXPECT_EQ(job.kind, "a.b");
  EXPECT_EQ(job.args, R"({"x":1.50,"y":[{"z":"}"}]})") << "args go on as they came";
  EXPECT_EQ(job.queue, "q");
  EXPECT_EQ(job.priority, 0);
  EXPECT_EQ(job.unique_key, "k");
  EXPECT_EQ(job.max_attempts, 3);
  EXPECT_EQ(job.timeout, duration(1500ms));
  EXPECT_EQ(job.run_at, noon + 2s);
  EXPECT_EQ(job.triggered_by, "api");
}

TEST(enqueue_body, ReadsGroupAndKeyPolicies) {
  const auto read_body = read(R"({"kind":"a","unique_key":"k","unique_for_ms":60000,"once_more":true,)"
                              R"("group_key":"7/12/s","organisation_id":"7","keep_bodies":true})");
  ASSERT_TRUE(read_body) << read_body.error().message;
  const auto& job = read_body->jobs.front();
  EXPECT_EQ(job.unique_for, duration(1min));
  EXPECT_EQ(job.once_more, true);
  EXPECT_EQ(job.group_key, "7/12/s");
  EXPECT_EQ(job.organisation, organisation_id{7});
  EXPECT_TRUE(job.keep_bodies);
  for (const auto* wrong : {R"({"kind":"a","organisation_id":"x"})", R"({"kind":"a","once_more":"yes"})",
                            R"({"kind":"a","keep_bodies":1})", R"({"kind":"a","unique_for_ms":0})"})
    EXPECT_FALSE(read(wrong)) << wrong;
}

TEST(enqueue_body, AbsentAndNullFieldsAreTheKinds) {
  const auto read_body = read(R"( {"kind":"a.b","queue":null,"args":null,"run_at":null} )");
  ASSERT_TRUE(read_body) << read_body.error().message;
  const auto& job = read_body->jobs.front();
  EXPECT_EQ(job.args, "{}");
  EXPECT_EQ(job.queue, "");
  EXPECT_EQ(job.priority, 5);
  EXPECT_EQ(job.run_at, no_time);
  EXPECT_FALSE(job.max_attempts);
  EXPECT_FALSE(job.timeout);
}

TEST(enqueue_body, BackoffIsReadFromItsText) {
  const auto read_body = read(R"({"kind":"a.b","backoff":"exponential 1s x2 cap 1m jitter 0.5"})");
  ASSERT_TRUE(read_body) << read_body.error().message;
  using namespace std::chrono_literals;
  EXPECT_EQ(read_body->jobs.front().backoff, backoff_policy::exponential(1s, 2, 1min).with_jitter(0.5));
}

TEST(enqueue_body, RunAtIsAMoment) {
  const auto read_body = read(R"({"kind":"a.b","run_at":"2026-06-01T14:00:00+02:00"})");
  ASSERT_TRUE(read_body) << read_body.error().message;
  EXPECT_EQ(read_body->jobs.front().run_at, noon);
}

TEST(enqueue_body, ReadsAnArray) {
  const auto read_body = read(R"([{"kind":"a","args":{"n":1}},{"args":{"n":2},"kind":"b"}])");
  ASSERT_TRUE(read_body) << read_body.error().message;
  EXPECT_TRUE(read_body->is_array);
  ASSERT_EQ(read_body->jobs.size(), 2u);
  EXPECT_EQ(read_body->jobs[0].args, R"({"n":1})");
  EXPECT_EQ(read_body->jobs[1].kind, "b");
}

TEST(enqueue_body, SaysWhatIsWrongAndWhere) {
  const std::pair<std::string, std::string> rows[] = {
    {"{}", "kind is missing"},
    {R"({"kind":7})", "kind is a string"},
    {R"({"kind":"a","args":[1]})", "args is a JSON object"},
    {R"({"kind":"a","args":"{}"})", "args is a JSON object"},
    {R"({"kind":"a","priority":10})", "priority is a whole number from 0 to 9"},
    {R"({"kind":"a","priority":-1})", "priority is a whole number from 0 to 9"},
    {R"({"kind":"a","priority":1.5})", "priority is a whole number from 0 to 9"},
    {R"({"kind":"a","max_attempts":0})", "max_attempts is a whole number from 1 to 1000"},
    {R"({"kind":"a","timeout_ms":0})", "timeout_ms is a whole number"},
    {R"({"kind":"a","delay_ms":-5})", "delay_ms is a whole number"},
    {R"({"kind":"a","run_at":"tomorrow"})", "run_at: "},
    {R"({"kind":"a","backoff":"sometimes"})", "backoff 'sometimes'"},
    {R"({"kind":"a","backoff":5})", "backoff is a string"},
    {R"({"kind":"a","colour":"red"})", "there is no field 'colour'"},
    {R"({"kind":"a","queue":"de\nfault"})", "queue holds a control character"},
    {R"({"kind":"a","unique_key":"a\u0000b"})", "unique_key holds a control character"},
    {R"({"kind":"a","unique_key":"\u007f"})", "unique_key holds a control character"},
    {R"([{"kind":"a"},{"kind":"b","priority":11}])", "item 2: priority is"},
    {R"([{"kind":"a"},7])", "item 2: this is not a JSON object"},
    {"[]", "the array is empty"},
    {"7", "neither a job's JSON object nor an array"},
    {"", "neither a job's JSON object nor an array"},
    {"{\"kind\":\"a\"", "neither a job's JSON object nor an array"},
    {R"({"kind":"a"} {"kind":"b"})", "behind the end"},
  };
  for (const auto& [body, message] : rows) {
    const auto outcome = read(body);
    ASSERT_FALSE(outcome) << body;
    EXPECT_EQ(outcome.error().code, error_code::invalid_argument);
    EXPECT_NE(outcome.error().message.find(message), std::string::npos) << body << "\n" << outcome.error().message;
  }
}

TEST(enqueue_body, TakesTenThousandAndNoMore) {
  std::string body = "[";
  for (std::size_t i = 0; i < most_jobs_at_once; ++i)
    body += R"({"kind":"a","args":{"n":1}},)";
  std::string full = body;
  full.back() = ']';
  const auto outcome = read(full);
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->jobs.size(), most_jobs_at_once);
  const auto over = read(body + R"({"kind":"a"}])");
  ASSERT_FALSE(over);
  EXPECT_NE(over.error().message.find("at most 10000 jobs"), std::string::npos);
}

TEST(enqueue_body, AFieldWithALineBreakInItsNameIsToldInOneLine) {
  const auto told = read(R"({"ki\nd":"a.b"})");
  ASSERT_FALSE(told);
  EXPECT_EQ(told.error().message.find('\n'), std::string::npos) << told.error().message;
}

} // namespace
} // namespace penstock::gateway
