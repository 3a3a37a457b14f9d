// What becomes of exports that come again, overlap, hold wrong points, or are large.
#include <boost/json.hpp>
#include <gmock/gmock.h>

#include "connectors/apple_health/element_turn.hpp"
#include "connectors/apple_health/tests/small_export.hpp"
#include "connectors/testing/provider_stand_in.hpp"

namespace penstock::connectors::apple_health {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> points_of(std::int64_t from, std::int64_t count, const std::string& qty = "") {
  std::vector<std::string> all;
  for (std::int64_t i = from; i < from + count; ++i)
    all.push_back(point_json(i, qty.empty() ? std::to_string(i) : qty));
  return all;
}

std::string steps(const std::vector<std::string>& points) {
  return export_json({metric_json("step_count", "count", points)});
}

class apple_health_delivery : public ::testing::Test {
protected:
  testing::run_report deliver(const std::string& body) { return phone.deliver(body); }
  row_set select(const std::string& sql) const { return phone.driver.tables.select(sql); }
  std::int64_t count(const std::string& table) const {
    return std::get<std::int64_t>(select("SELECT count(*) FROM " + table).rows.front().front());
  }
  std::string text(const std::string& sql) const {
    const auto found = select(sql);
    return found.rows.empty() ? "no row" : std::get<std::string>(found.rows.front().front());
  }

  export_driver phone;
};

TEST_F(apple_health_delivery, OverlapUpdatesWhatChangedAndNothingElse) {
  deliver(steps(points_of(0, 100)));
  auto later = points_of(50, 100);
  later[10] = point_json(60, "6000");
  later[20] = point_json(70, "7000.5");
  const auto report = deliver(steps(later));
  EXPECT_EQ(report.rows.added, 50);
  EXPECT_EQ(report.rows.updated, 2);
  EXPECT_EQ(report.rows.unchanged, 48);
  EXPECT_EQ(count("health_metrics"), 150);
  EXPECT_EQ(select("SELECT qty FROM health_metrics WHERE qty >= 6000 ORDER BY qty").rows.size(), 2u);
}

TEST_F(apple_health_delivery, ThreeWrongPointsOfTenThousandAreToldAndTheRestIsKept) {
  auto points = points_of(0, 10'000);
  points[17] = R"({"date": "yesterday", "qty": 1})";
  points[4000] = R"({"date": "2026-01-03 18:40:00 +0000", "qty": "many"})";
  points[9999] = "42";
  const auto report = deliver(steps(points));
  EXPECT_EQ(count("health_metrics"), 9997);
  EXPECT_TRUE(report.failures.empty());
  ASSERT_EQ(report.row_errors.size(), 3u);
  EXPECT_EQ(report.row_errors[0].table, "health_metrics");
  EXPECT_THAT(report.row_errors[0].message, HasSubstr("step_count 18: 'date' is not a time"));
  EXPECT_THAT(report.row_errors[1].message, HasSubstr("step_count 4001: 'qty' is not a number"));
  EXPECT_THAT(report.row_errors[2].message, HasSubstr("step_count 10000: not an object"));
  EXPECT_THAT(report.texts,
              ::testing::Contains(HasSubstr(R"("errors":1,"examples":["health_metrics: step_count 18: )")))
    << "the event records.rejected";
  EXPECT_EQ(report.jobs_completed, 1u + 2 * (10'000 / turn_bounds{}.elements) + 1u)
    << "the hook, turns of bounded size, each with one that looks for points of longer lists of sources";
}

TEST_F(apple_health_delivery, FloodOfWrongPointsIsToldInPartAndCountedInFull) {
  const auto report = deliver(steps(std::vector<std::string>(3500, "{}")));
  EXPECT_EQ(report.row_errors.size(), static_cast<std::size_t>(most_errors_told) + 1);
  EXPECT_THAT(report.row_errors.back().message, HasSubstr("further ones"));
  EXPECT_THAT(report.results, ::testing::Contains(HasSubstr(R"("wrong":2000)")));
  EXPECT_THAT(report.results, ::testing::Contains(HasSubstr(R"("wrong":1500)")));
}

TEST_F(apple_health_delivery, ExportThatCameLaterGoesBeforeAnEarlierOne) {
  deliver(steps({point_json(0, "1")}));
  const auto versions = select("SELECT source_version FROM health_metrics");
  deliver(steps({point_json(0, "2")}));
  EXPECT_GT(select("SELECT source_version FROM health_metrics").rows[0][0], versions.rows[0][0]);
}

TEST_F(apple_health_delivery, SameMomentInAnotherZoneIsTheSameRow) {
  deliver(steps({R"({"date": "2026-01-01 12:00:00 +0100", "qty": 1, "source": "Watch"})"}));
  const auto report = deliver(steps({R"({"source":"Watch","qty":1.0,"date":"2026-01-01 11:00:00 +0000"})"}));
  EXPECT_FALSE(report.rows.changed());
  EXPECT_EQ(count("health_metrics"), 1);
}

TEST_F(apple_health_delivery, PointsOfSeveralSourcesAndStagesThatBeginTogetherAreSeveralRows) {
  const std::string stage =
    R"({"startDate": "2026-01-01 23:00:00 +0000", "endDate": "2026-01-02 01:00:00 +0000", "qty": 2, "value": "Core"})";
  const std::string bed =
    R"({"startDate":"2026-01-01 23:00:00 +0000","endDate":"2026-01-02 07:00:00 +0000","qty":8,"value":"In Bed"})";
  const std::string basal = R"({"date": "2026-01-01 08:00:00 +0000", "qty": 2, "reason": "Basal"})";
  const std::string bolus = R"({"date": "2026-01-01 08:00:00 +0000", "qty": 4, "reason": "Bolus"})";
  deliver(export_json({metric_json("sleep_analysis", "hr", {stage, bed}),
                       metric_json("insulin_delivery", "IU", {basal, bolus}),
                       metric_json("step_count", "count",
                                   {R"({"date":"2026-01-01 08:00:00 +0000","qty":1,"source":"A"})",
                                    R"({"date":"2026-01-01 08:00:00 +0000","qty":2,"source":"B"})"})}));
  EXPECT_EQ(count("health_metrics"), 6);
}

TEST_F(apple_health_delivery, MetricsWithoutAUsableHeadAreToldWithThePointsThatTheyCost) {
  const auto report = deliver(R"({"data":{"metrics":[{"data":[{},{}],"units":"m"},{"name":7,"data":[{}]},)"
                              R"({"name":"a","data":"x"},"b",{"name":"good","data":[)" +
                              point_json(0, "1") + R"(]},{"name":"empty","units":"m","data":null}]}})");
  ASSERT_EQ(report.row_errors.size(), 4u);
  EXPECT_THAT(report.row_errors[0].message, HasSubstr("metric 1: 'name' is missing, so its 2 points are not kept"));
  EXPECT_THAT(report.row_errors[1].message, HasSubstr("metric 2: 'name' is not a text"));
  EXPECT_THAT(report.row_errors[2].message, HasSubstr("metric 3: 'data' is not a list"));
  EXPECT_THAT(report.row_errors[3].message, HasSubstr("metric 4: not an object"));
  EXPECT_EQ(text("SELECT name FROM health_metrics WHERE units IS NULL"), "good");
}

TEST_F(apple_health_delivery, BodiesThatAreNoExportAreRefusedForGoodAndStoreNothing) {
  for (const std::string body : {"", "[]", "7", "{", R"({"data":[{}]})", R"({"data":7})", R"({"data":{"metrics":[)",
                                 R"({"data":{}} x)", R"({"data":{"metrics":[{"name":"a","data":[1}]}]}})",
                                 R"({"hello":[1,2]})", R"({"hello":1})", R"({"audiograms":[{"id":"A"}]})",
                                 R"({"data":{"hello":1,"list":[]}})",
                                 R"({"type":"transaction.created","data":{"account_id":"acc_1","amount":-350}})"}) {
    SCOPED_TRACE(body);
    const auto report = deliver(body);
    ASSERT_EQ(report.failures.size(), 1u);
    EXPECT_EQ(report.failures.front().problem.code, error_code::unexpected_shape);
    EXPECT_EQ(report.failures.front().problem.cls(), error_class::final);
    EXPECT_EQ(report.jobs_failed, 1u);
  }
  EXPECT_EQ(count("health_metrics"), 0);
}

TEST_F(apple_health_delivery, EmptyExportsOfAnyShapeAreFine) {
  for (const std::string body :
       {"{}", R"({"data":null})", R"({"data":[]})", R"({"data":{"metrics":null,"workouts":[]}})", R"({"metrics":[]})"})
    EXPECT_TRUE(deliver(body).clean()) << body;
}

TEST_F(apple_health_delivery, OtherSectionsAreKeptAsRecords) {
  const auto body = R"({"data":{
    "stateOfMind":[{"id":"9C","start":"2026-01-01T08:00:00Z","end":"2026-01-01T08:00:00Z",
      "kind":"daily_mood","valence":0.4}],
    "medications":[{"displayText":"Aspirin","scheduledDate":"2026-01-01 08:00:00 +0000","status":"Taken"}],
    "symptoms":[{"name":"Headache","start":"2026-01-01 08:00:00 +0000","end":"2026-01-01 09:00:00 +0000",
      "severity":"Mild","source":"Health"}],
    "cycleTracking":[{"name":"Flow","start":"2026-01-01 08:00:00 +0000","value":"Light"}],
    "ecg":[{"start":"2026-01-01 08:00:00 +0000","classification":"Sinus Rhythm",
      "voltageMeasurements":[{"voltage":1.5,"units":"mcV"}]}],
    "heartRateNotifications":[{"threshold":120,"heartRate":[]}],
    "somethingNew":[{"a":1}]}})";
  EXPECT_TRUE(deliver(body).clean());
  EXPECT_EQ(count("health_records"), 7);
  EXPECT_EQ(text("SELECT source_id FROM health_records WHERE kind = 'stateOfMind'"), "stateOfMind/9C");
  EXPECT_EQ(text("SELECT name FROM health_records WHERE kind = 'medications'"), "Aspirin");
  EXPECT_EQ(text("SELECT source FROM health_records WHERE kind = 'symptoms'"), "Health");
  EXPECT_EQ(text("SELECT ended_at FROM v_health_records WHERE kind = 'symptoms'"), "2026-01-01T09:00:00.000000Z");
  EXPECT_THAT(text("SELECT raw FROM health_records WHERE kind = 'ecg'"),
              HasSubstr(R"([{"units":"mcV","voltage":1.5}])"));
  EXPECT_FALSE(deliver(body).rows.changed());
  EXPECT_EQ(deliver(R"({"data":{"symptoms":[{"start":"then"}]}})").row_errors.size(), 1u);
}

TEST_F(apple_health_delivery, SectionsThatAreNotKnownAreKeptWithAndWithoutTheWrapper) {
  const std::string steps_of_it = R"("metrics":[)" + metric_json("step_count", "count", {point_json(0, "1")}) + "]";
  const std::string unknown = R"("audiograms":[{"id":"A1","start":"2026-01-01 08:00:00 +0000"}])";
  const auto report = deliver("{" + unknown + "," + steps_of_it + R"(,"version":2})");
  EXPECT_TRUE(report.clean());
  EXPECT_EQ(text("SELECT source_id FROM health_records WHERE kind = 'audiograms'"), "audiograms/A1");
  EXPECT_EQ(count("health_metrics"), 1);
  EXPECT_FALSE(deliver("{" + steps_of_it + "," + unknown + "}").rows.changed()) << "whichever stands first";
  EXPECT_FALSE(deliver(R"({"data":{)" + unknown + "," + steps_of_it + "}}").rows.changed());
  deliver(R"({"data":{},"devices":[{"id":"D1"}]})");
  EXPECT_EQ(count("health_records"), 1) << "what stands beside the wrapper is no part of the data";
}

TEST_F(apple_health_delivery, WrongWorkoutsAreToldAndTheOthersKept) {
  const auto report = deliver(R"({"data":{"workouts":[{"name":"Run","start":"2026-01-01 08:00:00 +0000"},
    {"name":"Run"},{"start":"2026-01-01 08:00:00 +0000"},{"name":"Run","start":"2026-13-01 08:00:00 +0000"},
    {"name":"Run","start":"2026-01-01 09:00:00 +0000","distance":"5 km"},[],
    {"name":"Run","start":"2026-01-01 09:00:00 +0000","end":"2026-01-01 09:00:30 +0000",
     "metadata":{},"activeEnergy":[{"qty":1}]}]}})");
  EXPECT_EQ(report.row_errors.size(), 5u);
  EXPECT_EQ(count("health_workouts"), 2);
  EXPECT_EQ(select("SELECT duration_s, energy FROM health_workouts ORDER BY started_at").rows[1],
            (std::vector<column_value>{30.0, std::monostate{}}));
}

TEST_F(apple_health_delivery, ElementThatIsNoJsonButEndsWhereItEndsCostsOnlyItself) {
  const std::string good = R"({"name":"Run","start":"2026-01-01 08:00:00 +0000"})";
  const auto report = deliver(R"({"data":{"workouts":[{"name" 1 "x":["}"]},)" + good + R"(,{"a":1"b":{}}],)" +
                              R"("metrics":[{"name":"steps","data":[{"qty":tru},)" + point_json(0, "1") + "]}]}}");
  EXPECT_EQ(report.row_errors.size(), 3u);
  EXPECT_TRUE(report.failures.empty());
  EXPECT_EQ(count("health_workouts"), 1);
  EXPECT_EQ(count("health_metrics"), 1);
}

std::string workout_with_route(int points, bool route_first) {
  std::string route = R"("route": [)";
  for (int i = 0; i < points; ++i)
    route += (i ? ", " : "") + std::string(R"({"longitude": -0.12, "latitude": 51.5, "timestamp": ")") +
             std::to_string(i) + R"("})";
  route += "]";
  const std::string head = R"("name": "Run", "id": "W1", "start": "2026-01-01 08:00:00 +0000")";
  return R"({"data":{"workouts":[{)" + (route_first ? route + ", " + head : head + ", " + route) + "}]}}";
}

TEST_F(apple_health_delivery, RouteIsKeptWithItsWorkoutInOneSpelling) {
  EXPECT_TRUE(deliver(workout_with_route(3000, true)).clean());
  const auto raw = boost::json::parse(text("SELECT raw FROM health_workouts"));
  EXPECT_EQ(raw.at("route").as_array().size(), 3000u);
  EXPECT_FALSE(deliver(workout_with_route(3000, false)).rows.changed()) << "the order of members says nothing";
}

TEST(apple_health_bounds, WorkoutThatIsTooLargeIsKeptWithoutItsListsWhateverTheirOrder) {
  export_driver phone(built_apple_health(100'000));
  for (const bool route_first : {true, false}) {
    const auto report = phone.deliver(workout_with_route(3000, route_first));
    ASSERT_EQ(report.row_errors.size(), 1u);
    EXPECT_EQ(report.row_errors[0].source_id, "W1");
    EXPECT_THAT(report.row_errors[0].message, HasSubstr("larger than 100000 bytes and is kept without route"));
    EXPECT_EQ(report.rows.updated, 0);
  }
  const auto raw = phone.driver.tables.select("SELECT raw FROM health_workouts").rows.front().front();
  EXPECT_EQ(std::get<std::string>(raw),
            R"({"_left_out":["route"],"id":"W1","name":"Run","start":"2026-01-01 08:00:00 +0000"})");
}

TEST(apple_health_bounds, TurnEndsWithTheElementThatPassesItsBytes) {
  const std::string body = "[" + std::string(10, ' ') + "[1], [2] ,[3]]";
  const piece_reader read = [&](std::int64_t from) -> result<std::optional<body_piece>> {
    if (from >= static_cast<std::int64_t>(body.size()))
      return std::nullopt;
    return body_piece{from, body.substr(static_cast<std::size_t>(from), 1)};
  };
  const element_reader take = [](json_walk& walk, const export_list&) {
    element_reading found;
    EXPECT_TRUE(walk.copy_value(found.row.source_id, 100));
    return found;
  };
  turn_args args;
  args.lists = {{"list", "", {1, 0}, 3}};
  std::vector<std::string> ids;
  int turns = 0;
  for (; !args.done() && turns < 10; ++turns) {
    auto turn = read_turn(read, args, "t", 1, take, {.elements = 100, .bytes = 1});
    ASSERT_TRUE(turn) << turn.error().message;
    for (const auto& row : turn->rows)
      ids.push_back(row.source_id);
    args = parse_turn_args("k", to_text(turn->next)).value();
  }
  EXPECT_THAT(ids, ElementsAre("[1]", "[2]", "[3]"));
  EXPECT_EQ(turns, 4) << "the last one finds the end";
}

TEST_F(apple_health_delivery, DataJobsByHandAreRefusedWithAHint) {
  const auto built = built_apple_health();
  testing::run_driver driver(built_apple_health(), "apple_health", phone.driver.clock.now());
  for (const std::string args : {"{}", R"({"lists":7})", R"({"lists":[{}],"behind":0,"stored":0,"wrong":0})"}) {
    job_request job;
    job.kind = "apple_health.metric_data";
    job.args = args;
    testing::provider_stand_in nobody(
      [](const net::http_request&) -> result<net::http_response> { return failure(error_code::network, ""); });
    const auto report = driver.run(nobody, std::vector{job});
    ASSERT_EQ(report.failures.size(), 1u);
    EXPECT_THAT(report.failures[0].problem.message, HasSubstr("retry that job instead"));
  }
}

TEST(apple_health_service, TakesTheAppsHeadersAndTheConfiguredSecret) {
  const auto built = built_apple_health();
  const auto& intake = built.services.front().webhook.value();
  EXPECT_EQ(intake.shared_secret, "shared-SECRET");
  EXPECT_THAT(intake.kept_headers, ElementsAre("automation-name", "automation-id", "automation-aggregation",
                                               "automation-period", "session-id"));
  EXPECT_TRUE(built.services.front().validate("{}"));
  EXPECT_FALSE(built.services.front().validate(R"({"secret":"x"})"));
  EXPECT_FALSE(built.services.front().is_fetched());
}

} // namespace
} // namespace penstock::connectors::apple_health
