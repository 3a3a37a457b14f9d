#include "tests/gateway/route_fixture.hpp"

// The feed of changed rows, events of callers' own, counts of events, maintenance.
namespace penstock::gateway::testing {
namespace {

using namespace std::chrono_literals;

class changes_route : public route_test {
protected:
  std::vector<connectors::connector> enabled_connectors() override {
    auto enabled = route_test::enabled_connectors();
    connectors::connector with_rows;
    with_rows.name = "shop";
    with_rows.tables = {{"shop_orders",
                         {{"title", column_type::text},
                          {"paid_at", column_type::integer},
                          {"amount", column_type::integer},
                          {"weight", column_type::real}}}};
    with_rows.migrations = {
      {"shop",
       1,
       "orders",
       {"CREATE TABLE shop_orders (integration_id BIGINT NOT NULL, source_id TEXT NOT NULL, "
        "source_version BIGINT NOT NULL, first_seen_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, "
        "deleted_at BIGINT, title TEXT, paid_at BIGINT, amount BIGINT, weight DOUBLE PRECISION, "
        "PRIMARY KEY (integration_id, source_id))"}}};
    enabled.push_back(std::move(with_rows));
    return enabled;
  }
  void store(const std::string& id, std::int64_t amount, integration_id owner) {
    unit_of_work unit;
    unit.rows.push_back(
      {"shop_orders",
       owner,
       {{id, {std::string("Tea"), std::int64_t{clock.now().time_since_epoch().count()}, amount, 0.5}, 0}}});
    ASSERT_TRUE(commit(std::move(unit)));
  }
  integration_id owner_of(const std::string& body = R"({"service":"test"})") {
    return integration_id{std::stoll(add_integration(body))};
  }
};

TEST_F(changes_route, RowsAreToldWithWhatTheyHoldByNow) {
  const auto owner = owner_of();
  store("a", 1, owner);
  store("a", 2, owner);
  const auto found = ask("GET", "/api/v1/changes?table=shop_orders");
  const auto& items = found.at("items").as_array();
  ASSERT_EQ(items.size(), 2u);
  EXPECT_EQ(text_of(items[0].at("action")), "added");
  EXPECT_EQ(text_of(items[1].at("action")), "updated");
  EXPECT_EQ(text_of(items[0].at("table")), "shop_orders");
  EXPECT_EQ(text_of(items[0].at("source_id")), "a");
  for (const auto& each : items)
    EXPECT_EQ(each.at("row").at("amount").as_int64(), 2);
  const auto& row = items[0].at("row");
  EXPECT_EQ(text_of(row.at("title")), "Tea");
  EXPECT_TRUE(text_of(row.at("paid_at")).starts_with("2026-06-01T12:"));
  EXPECT_TRUE(row.at("deleted_at").is_null());
  EXPECT_DOUBLE_EQ(row.at("weight").as_double(), 0.5);
}

TEST_F(changes_route, ReaderThatComesAgainSeesEachChangeOnce) {
  const auto owner = owner_of();
  std::string since, seen;
  for (int i = 0; i < 5; ++i)
    store("row" + std::to_string(i), i, owner);
  for (int round = 0; round < 10; ++round) {
    if (round == 6)
      store("late", 1, owner);
    const auto found = ask("GET", "/api/v1/changes?limit=1&since=" + since);
    for (const auto& each : found.at("items").as_array())
      seen += text_of(each.at("source_id")) + " ";
    since = text_of(found.at("next_since"));
  }
  EXPECT_EQ(seen, "row0 row1 row2 row3 row4 late ");
}

TEST_F(changes_route, ReaderOfAQuietTableDoesNotFallBehindTheSweep) {
  store("a", 1, owner_of());
  auto since = text_of(ask("GET", "/api/v1/changes").at("next_since"));
  for (int i = 0; i < 5; ++i)
    ask("POST", "/api/v1/events", R"({"type":"invoice.paid"})", 201);
  since = text_of(ask("GET", "/api/v1/changes?since=" + since).at("next_since"));
  clock.advance(48h);
  ask("POST", "/api/v1/events", R"({"type":"invoice.paid"})", 201);
  unit_of_work sweep;
  sweep.changes.emplace_back(sweep_history{.events_before = clock.now() - 1h});
  ASSERT_TRUE(commit(std::move(sweep)));
  EXPECT_TRUE(ask("GET", "/api/v1/changes?since=" + since).at("items").as_array().empty());
}

TEST_F(changes_route, OtherOrganisationsRowsAreNotTold) {
  const auto own = text_of(ask("POST", "/api/v1/organisations", R"({"name":"own"})", 201).at("id"));
  store("theirs", 1, owner_of());
  store("own", 1, owner_of(R"({"service":"test","organisation_id":")" + own + "\"}"));
  const auto token = text_of(
    ask("POST", "/api/v1/tokens", R"({"name":"t","role":"viewer","organisation_id":")" + own + "\"}", 201).at("token"));
  net::http_server_request request;
  request.method = "GET";
  request.target = "/api/v1/changes";
  request.headers.add("Authorization", "Bearer " + token);
  const auto found = json::parse(send(std::move(request)).body);
  ASSERT_EQ(found.at("items").as_array().size(), 1u);
  EXPECT_EQ(text_of(found.at("items").as_array()[0].at("source_id")), "own");
}

TEST_F(changes_route, PositionThatWasSweptIsToldSo) {
  const auto owner = owner_of();
  for (int i = 0; i < 4; ++i)
    store("row" + std::to_string(i), i, owner);
  clock.advance(48h);
  store("last", 1, owner);
  unit_of_work sweep;
  sweep.changes.emplace_back(sweep_history{.events_before = clock.now() - 1h});
  ASSERT_TRUE(commit(std::move(sweep)));
  const auto first =
    std::stoll(text_of(ask("GET", "/api/v1/events?order=oldest&limit=1").at("items").as_array()[0].at("position")));
  EXPECT_EQ(problem("GET", "/api/v1/changes?since=1", "", 410), "position_gone");
  EXPECT_EQ(problem("GET", "/api/v1/changes?since=" + std::to_string(first - 1) + ".0", "", 410), "position_gone")
    << "other rows of that event are not known any more";
  EXPECT_EQ(ask("GET", "/api/v1/changes?since=" + std::to_string(first - 1)).at("items").as_array().size(), 1u);
  EXPECT_EQ(ask("GET", "/api/v1/changes").at("items").as_array().size(), 1u);
}

TEST_F(changes_route, WrongQuestionsAreRefused) {
  for (const auto* query :
       {"since=x", "since=1.x", "since=-1", "since=1.-1", "table=jobs", "limit=0", "limit=201", "tabel=x"})
    EXPECT_EQ(problem("GET", std::string("/api/v1/changes?") + query, "", 400), "invalid_argument") << query;
}

TEST_F(changes_route, OwnEventsGoOutAsOthersDo) {
  const auto id = add_integration();
  ask("POST", "/api/v1/events", R"({"type":"invoice.paid","subject":"invoices/7","data":{"amount":12}})", 201);
  ask("POST", "/api/v1/events", R"({"type":"invoice.sent","integration_id":")" + id + "\"}", 201);
  const auto items = ask("GET", "/api/v1/events?type=invoice.*").at("items").as_array();
  ASSERT_EQ(items.size(), 2u);
  EXPECT_EQ(text_of(items[0].at("subject")), "integrations/" + id);
  EXPECT_EQ(text_of(items[1].at("subject")), "invoices/7");
  EXPECT_EQ(items[1].at("data").at("amount").as_int64(), 12);
}

TEST_F(changes_route, EnginesOwnEventsAreNobodyElsesToEmit) {
  for (const auto* body : {"{}", R"({"type":"paid"})", R"({"type":"Invoice.paid"})", R"({"type":"invoice..paid"})",
                           R"({"type":".paid"})", R"({"type":"invoice.paid."})", R"({"type":"job.completed"})",
                           R"({"type":"records.changed"})", R"({"type":"database.restored"})", R"({"type":"stream.dropped"})", R"({"type":"user.created"})",
                           R"({"type":"invoice.paid","data":[]})", R"({"type":"invoice.paid","organisation_id":"77"})"})
    EXPECT_EQ(problem("POST", "/api/v1/events", body, 400), "invalid_argument") << body;
  EXPECT_EQ(problem("POST", "/api/v1/events", R"({"type":"invoice.paid","integration_id":"77"})", 404), "not_found");
}

TEST_F(changes_route, EventsAreSmallAndTheAuditSaysWhoEmittedThem) {
  const auto body = [](std::size_t bytes) {
    return R"({"type":"invoice.paid","data":{"text":")" + std::string(bytes, 'x') + "\"}}";
  };
  EXPECT_EQ(problem("POST", "/api/v1/events", body(64 * 1024), 400), "invalid_argument");
  ask("POST", "/api/v1/events", body(60 * 1024), 201);
  const auto audit = ask("GET", "/api/v1/audit").at("items").as_array();
  ASSERT_EQ(audit.size(), 1u);
  EXPECT_EQ(text_of(audit[0].at("action")), "POST /api/v1/events");
}

TEST_F(changes_route, EventsAreCountedByType) {
  for (int i = 0; i < 3; ++i)
    ask("POST", "/api/v1/events", R"({"type":"invoice.paid"})", 201);
  clock.advance(25h);
  ask("POST", "/api/v1/events", R"({"type":"invoice.sent"})", 201);
  auto stats = ask("GET", "/api/v1/events/stats");
  EXPECT_EQ(stats.at("total").as_int64(), 1);
  EXPECT_EQ(text_of(stats.at("items").as_array()[0].at("type")), "invoice.sent");
  stats = ask("GET", "/api/v1/events/stats?since=2026-06-01T00:00:00Z");
  EXPECT_EQ(stats.at("total").as_int64(), 4);
  EXPECT_EQ(stats.at("items").as_array()[0].at("count").as_int64(), 3);
}

TEST_F(changes_route, MaintenanceHoldsJobs) {
  EXPECT_FALSE(ask("GET", "/api/v1/maintenance").at("on").as_bool());
  auto state = ask("POST", "/api/v1/maintenance", R"({"on":true})");
  EXPECT_TRUE(state.at("on").as_bool());
  EXPECT_EQ(text_of(state.at("by")), "admin");
  const auto job =
    text_of(ask("POST", "/api/v1/executions", R"({"kind":"test.step","args":{"name":"a"}})", 201).at("id"));
  EXPECT_EQ(text_of(ask("GET", "/api/v1/executions/" + job).at("state")), "waiting");
  ask("POST", "/api/v1/maintenance", R"({"on":false})");
  EXPECT_EQ(text_of(ask("GET", "/api/v1/executions/" + job).at("state")), "completed");
  EXPECT_EQ(problem("POST", "/api/v1/maintenance", "{}", 400), "invalid_argument");
}

} // namespace
} // namespace penstock::gateway::testing
