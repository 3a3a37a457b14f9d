#include "connectors/probe/kinds.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <csignal>

#include <boost/json.hpp>

#include "connectors/testing/provider_stand_in.hpp"
#include "connectors/testing/run_driver.hpp"

namespace penstock::connectors::probe {

void register_connector(registry& out);

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

connector_declaration declaration() {
  registry declared;
  register_connector(declared);
  return declared.declarations().front();
}

config::section settings(std::string budget = {}, std::int64_t calls = 0) {
  config::section made;
  made.put("call_budget", std::move(budget), true);
  made.put("pause_after_calls", calls, true);
  made.put("call_pause", duration(std::chrono::seconds(2)), true);
  made.put("webhook_signature", std::string("none"), false);
  made.put("webhook_secret", std::string(), false);
  return made;
}

class probe_kinds : public ::testing::Test {
protected:
  testing::run_report run(const std::string& kind, const std::string& args,
                          std::optional<std::uint16_t> attempts = {}) {
    job_request request;
    request.kind = kind;
    request.args = args;
    request.max_attempts = attempts;
    auto report = driver.run(provider, {request});
    EXPECT_THAT(report.violations, IsEmpty());
    return report;
  }

  testing::provider_stand_in provider{
    [](const net::http_request&) -> result<net::http_response> { return testing::answer(200, "hello"); }};
  testing::run_driver driver{declaration().build(settings()).value(), "",
                             timestamp{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}}};
};

TEST_F(probe_kinds, AreOffUnlessSomebodyEnablesThem) { EXPECT_FALSE(declaration().enabled_by_default); }

TEST_F(probe_kinds, StandInTheDefaultQueueButForDeliveries) {
  const auto built = declaration().build(settings());
  ASSERT_TRUE(built);
  for (const auto& handler : built->handlers) {
    EXPECT_EQ(handler.kind.queue, handler.kind.name == "probe.delivery" ? "webhook" : "default") << handler.kind.name;
    EXPECT_EQ(std::holds_alternative<fetch_handler>(handler.handler), handler.kind.style == handler_style::fetch)
      << handler.kind.name;
  }
}

TEST_F(probe_kinds, CallsAreHeldToTheRulesOfTheSettings) {
  const auto rules_of = [](const build_result& built) {
    const auto is_call = [](const job_handler& each) { return each.kind.name == "probe.call"; };
    return std::find_if(built->handlers.begin(), built->handlers.end(), is_call)->kind;
  };
  const auto held = rules_of(declaration().build(settings("600/m", 3)));
  ASSERT_TRUE(held.budget && held.pause_after);
  EXPECT_EQ(held.budget->refill, 600);
  EXPECT_EQ(held.pause_after->calls, 3);
  EXPECT_EQ(held.pause_after->pause, std::chrono::seconds(2));
  const auto free = rules_of(declaration().build(settings()));
  EXPECT_FALSE(free.budget || free.pause_after);
  const auto wrong = declaration().build(settings("many"));
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().at(0).key, "call_budget");
}

TEST_F(probe_kinds, BadArgsAreFinalAndSayWhatIsAllowed) {
  const std::vector<std::pair<std::string, std::string>> wrong{
    {"probe.noop", R"({"x":1})"},
    {"probe.noop", "[]"},
    {"probe.sleep", "{}"},
    {"probe.sleep", R"({"ms":"10"})"},
    {"probe.sleep", R"({"ms":-1})"},
    {"probe.sleep", R"({"millis":1})"},
    {"probe.spin", R"({"ms":1.5})"},
    {"probe.fail", R"({"class":"strange"})"},
    {"probe.fail", R"({"times":70000})"},
    {"probe.crash", R"({"really":true})"},
    {"probe.append", R"({"key":5})"},
    {"probe.chain", R"({"n":-1})"},
    {"probe.tree", R"({"children":2,"failures":3})"},
    {"probe.tree", R"({"children":10001})"},
    {"probe.call", R"({"url":"ftp://x"})"},
    {"probe.call", R"({"url":"http://x/","credential":"abc"})"},
    {"probe.call", R"({"url":"http://x/","credential":7})"},
  };
  for (const auto& [kind, args] : wrong) {
    SCOPED_TRACE(kind + " " + args);
    const auto report = run(kind, args);
    ASSERT_EQ(report.failures.size(), 1u);
    EXPECT_EQ(report.failures.front().problem.code, error_code::invalid_argument);
    EXPECT_EQ(report.failures.front().problem.cls(), error_class::final);
    EXPECT_THAT(report.failures.front().problem.message, ::testing::StartsWith(kind + ": "));
  }
  EXPECT_THAT(run("probe.fail", R"({"class":"strange"})").failures.front().problem.message,
              HasSubstr("retryable, final, postponed, network"));
  EXPECT_THAT(run("probe.sleep", R"({"mss":1})").failures.front().problem.message, HasSubstr("allowed is ms"));
}

TEST_F(probe_kinds, SleepCompletesWithoutWaitingInTests) { EXPECT_TRUE(run("probe.sleep", R"({"ms":3500})").clean()); }

TEST_F(probe_kinds, SpinCompletes) { EXPECT_TRUE(run("probe.spin", R"({"ms":1})").clean()); }

TEST_F(probe_kinds, FailFailsAsOftenAsAskedAndThenCompletes) {
  const auto report = run("probe.fail", R"({"class":"retryable","times":2})");
  EXPECT_EQ(report.failures.size(), 2u);
  EXPECT_EQ(report.jobs_completed, 1u);
  EXPECT_EQ(report.jobs_failed, 0u);
}

TEST_F(probe_kinds, FailWithoutTimesUsesUpItsAttempts) {
  EXPECT_EQ(run("probe.fail", "{}").failures.size(), 3u);
  EXPECT_EQ(run("probe.fail", "{}", std::uint16_t{5}).failures.size(), 5u);
}

TEST_F(probe_kinds, FailTakesTheClassOfANamedCode) {
  const auto network = run("probe.fail", R"({"class":"network","times":1})");
  EXPECT_EQ(network.failures.front().problem.code, error_code::network);
  EXPECT_EQ(network.jobs_completed, 1u);
  const auto reauth = run("probe.fail", R"({"class":"requires_reauth","times":1})");
  EXPECT_EQ(reauth.jobs_failed, 1u);
  EXPECT_EQ(run("probe.fail", R"({"class":"final","times":1})").jobs_failed, 1u);
}

using probe_kinds_DeathTest = probe_kinds;

TEST_F(probe_kinds_DeathTest, CrashKillsTheProcess) {
  EXPECT_EXIT(run("probe.crash", "{}"), ::testing::KilledBySignal(SIGKILL), "");
}

TEST_F(probe_kinds, AppendAddsARowEachTime) {
  EXPECT_TRUE(run("probe.append", R"({"key":"k"})").clean());
  EXPECT_TRUE(run("probe.append", R"({"key":"k"})").clean());
  const auto rows = driver.tables.select("SELECT key, at FROM probe_effects");
  ASSERT_EQ(rows.rows.size(), 2u);
  EXPECT_EQ(rows.rows[0][0], column_value(std::string("k")));
  EXPECT_EQ(rows.rows[0][1], column_value(driver.clock.now().time_since_epoch().count()));
  EXPECT_EQ(driver.tables.select("SELECT at FROM v_probe_effects").rows.size(), 2u);
}

TEST_F(probe_kinds, ChainOfNIsNMoreJobs) { EXPECT_EQ(run("probe.chain", R"({"n":3})").jobs_completed, 4u); }

TEST_F(probe_kinds, TreeHasItsChildrenAndTheirFailures) {
  const auto report = run("probe.tree", R"({"children":5,"failures":2})");
  EXPECT_EQ(report.jobs_completed, 4u) << "the root and three children";
  EXPECT_EQ(report.jobs_failed, 2u);
}

TEST(probe_tree, ChildrenNameTheJobAsTheirParent) {
  ready_job job;
  job.id = job_id{9};
  job.queue = "elsewhere";
  job.kind = "probe.tree";
  job.args = R"({"children":2})";
  job.parent = job_id{3};
  std::string none;
  process_context context{job, none, no_time, {}};
  const auto unit = std::get<process_handler>(tree().handler)(context);
  ASSERT_TRUE(unit);
  ASSERT_EQ(unit->jobs.size(), 2u);
  for (const auto& child : unit->jobs) {
    EXPECT_EQ(child.parent, job.id);
    EXPECT_EQ(child.queue, "elsewhere");
  }
}

TEST_F(probe_kinds, CallKeepsStatusAndSizeAndSendsNoTokenUnasked) {
  const auto report = run("probe.call", R"({"url":"http://provider.example/a"})");
  EXPECT_TRUE(report.clean());
  ASSERT_EQ(report.results.size(), 1u);
  EXPECT_EQ(boost::json::parse(report.results[0]), boost::json::parse(R"({"status":200,"bytes":5})"));
  EXPECT_FALSE(provider.requests().front().headers.contains("Authorization"));
}

TEST_F(probe_kinds, CallWithoutAccessToTheNamedTokensFails) {
  const auto report = run("probe.call", R"({"url":"http://provider.example/a","credential":"8"})");
  ASSERT_EQ(report.failures.size(), 1u);
  EXPECT_EQ(report.failures.front().problem.code, error_code::not_found);
  EXPECT_THAT(provider.requests(), IsEmpty());
}

} // namespace
} // namespace penstock::connectors::probe
