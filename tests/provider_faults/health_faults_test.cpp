// Apple Health is sent, not fetched: its faults are those of the sender, and of the database behind. Each comes to the
// whole engine through the HTTP server and a real socket. What was answered, kept and told is printed, a line for each.
#include <gmock/gmock.h>

#include <future>
#include <iomanip>
#include <iostream>

#include <boost/asio/co_spawn.hpp>
#include <boost/json.hpp>

#include "config/setting_value.hpp"
#include "gateway/webhook_intake.hpp"
#include "net/http_server.hpp"
#include "tests/gateway/route_fixture.hpp"
#include "tests/net/loopback.hpp"

namespace penstock::connectors::apple_health {
void register_connector(registry& out);
}

namespace penstock::provider_faults {
namespace {

using namespace std::chrono_literals;
namespace json = boost::json;
using ::testing::IsEmpty;
using texts = std::vector<std::string>;

std::string point(int minute, const std::string& qty = "1", const std::string& year = "2026") {
  return R"({"date":")" + year + "-03-01 10:" + (minute < 10 ? "0" : "") + std::to_string(minute) +
         R"(:00 +0000","qty":)" + qty + R"(,"source":"Watch"})";
}
std::string export_of(const texts& points) {
  std::string list;
  for (const auto& each : points)
    list += (list.empty() ? "" : ",") + each;
  return R"({"data":{"metrics":[{"name":"steps","units":"count","data":[)" + list + "]}]}}";
}
const std::string good = export_of({point(0), point(1), point(2)});
/// More than the server keeps in memory.
std::string large_export() {
  texts points;
  for (int i = 0; i < 400; ++i)
    points.push_back(point(i % 60, std::to_string(i)));
  return export_of(points);
}

/// What a sender does.
struct delivery {
  std::string name{};
  std::string secret = "right"; ///< "right": its integration's
  std::string fields{};         ///< more lines of the header
  std::string body = good;
  std::size_t sent = std::string::npos; ///< so much of the body, and then nothing more
  bool goes = false;                    ///< it closes the connection behind that
};

/// What is specified, and what was seen.
struct outcome {
  int status = 202; ///< 0: no answer
  std::string code{};
  std::int64_t rows = 0;    ///< more than before
  std::string job{};        ///< its state and error; empty: none
  std::size_t attempts = 0; ///< of all its jobs that went wrong
  texts told{};             ///< events

  friend bool operator==(const outcome&, const outcome&) = default;
};

std::string in_words(const outcome& seen) {
  std::string text = seen.status ? std::to_string(seen.status) : "none";
  text += seen.code.empty() ? "" : " " + seen.code;
  text += "; " + (seen.rows ? std::to_string(seen.rows) + " rows" : std::string("no row"));
  text += "; " + (seen.job.empty() ? "no job" : "job " + seen.job);
  if (seen.attempts)
    text += " after " + std::to_string(seen.attempts) + " wrong attempt" + (seen.attempts > 1 ? "s" : "");
  for (const auto& each : seen.told)
    text += "; " + each;
  return text;
}
void PrintTo(const outcome& seen, std::ostream* out) { *out << in_words(seen); }

class health_faults : public gateway::testing::route_test {
protected:
  std::vector<connectors::connector> enabled_connectors() override {
    connectors::registry declared;
    connectors::apple_health::register_connector(declared);
    const auto& declaration = declared.declarations().front();
    config::section section;
    for (const auto& each : declaration.settings)
      section.put(each.key, config::default_value(each), false);
    return {declaration.build(section).value()};
  }
  void SetUp() override {
    route_test::SetUp();
    const auto made = ask("POST", "/api/v1/integrations", R"({"service":"apple_health"})", 201);
    id = gateway::testing::text_of(made.at("id"));
    secret = gateway::testing::text_of(made.at("webhook").at("secret"));
  }

  static constexpr std::size_t most = 64 * 1024, in_memory = 16 * 1024;

  /// As the gateway serves deliveries, in this thread.
  net::http_server_config rules(duration body_timeout) {
    net::http_server_config made{.max_body = most};
    made.spool_over = in_memory;
    made.body_timeout = body_timeout;
    made.refuse_early = [this](const net::http_server_request& head) { return routes->refuse_early(head); };
    made.spool = [this](net::http_server_request head) { return gateway::spool_delivery(*desk, std::move(head)); };
    return made;
  }

  /// Sends from a thread of its own and runs the node in this one until both have come to rest. The answer, or nothing.
  std::string over_the_wire(const delivery& what, duration body_timeout = 30s) {
    net::http_server server(network.executor(), rules(body_timeout),
                            [this](net::http_server_request request) { return routes->handle(std::move(request)); });
    const auto port = server.start().value();
    const auto path = "/webhooks/apple_health" + (what.secret.empty() ? "" : "/" + secret_of(what));
    const std::string bytes =
      "POST " + path +
      " HTTP/1.1\r\nHost: penstock.test\r\nConnection: close\r\nContent-Length: " + std::to_string(what.body.size()) +
      "\r\n" + what.fields + "\r\n" + what.body.substr(0, what.sent);
    auto sender = std::async(std::launch::async, [port, bytes, goes = what.goes] {
      net::testing::raw_connection connection(port);
      connection.send(bytes);
      return goes ? std::string() : connection.read_reply();
    });
    const auto limit = std::chrono::steady_clock::now() + net::testing::patience;
    const auto is_open = [&] { return sender.wait_for(0s) != std::future_status::ready || server.connections() > 0; };
    while (is_open() && std::chrono::steady_clock::now() < limit)
      settle();
    EXPECT_FALSE(is_open()) << "the server does not let go of the connection";
    // It waits for what this thread has to do.
    auto stopped = std::async(std::launch::async, [&server] { return server.stop(net::testing::patience); });
    while (stopped.wait_for(0s) != std::future_status::ready)
      settle();
    return sender.get();
  }
  std::string secret_of(const delivery& what) const { return what.secret == "right" ? secret : what.secret; }

  std::int64_t rows() {
    return std::get<std::int64_t>(
      db().rows().select("SELECT COUNT(*) FROM health_metrics", {}).value().rows.front().front());
  }
  std::vector<job_record> jobs() { return db().jobs().list({}, {.limit = 200}).value().items; }

  outcome meet(const delivery& what, duration body_timeout = 30s) {
    const auto rows_before = rows();
    const auto events_before = event_types().size();
    const auto newest = clock.now();
    clock.advance(1ms); // so that what is made now can be told from what was there
    const auto reply = over_the_wire(what, body_timeout);
    return look(reply, rows_before, events_before, newest);
  }
  outcome look(const std::string& reply, std::int64_t rows_before, std::size_t events_before, timestamp since) {
    // Retries of webhook jobs come after 30, 120 and 300 s.
    const auto is_busy = [&] {
      for (const auto& each : jobs())
        if (each.created_at > since && !is_ended(each.state))
          return true;
      return false;
    };
    for (int i = 0; i < 900 && is_busy(); ++i)
      advance(1s);
    outcome seen;
    seen.status = reply.empty() ? 0 : std::stoi(reply.substr(reply.find(' ') + 1));
    if (const auto body = reply.find("\r\n\r\n"); body != std::string::npos && seen.status != 202)
      seen.code = json::parse(reply.substr(body + 4)).at("code").as_string().c_str();
    seen.rows = rows() - rows_before;
    for (const auto& each : jobs()) {
      if (each.created_at <= since || each.job.queue == "default")
        continue;
      seen.attempts += each.errors.size();
      if (each.job.kind == "apple_health.hook")
        seen.job = std::string(to_string(each.state)) +
                   (each.errors.empty() ? "" : " (" + std::string(to_string(each.errors.back().code)) + ")");
    }
    auto types = event_types();
    types.erase(types.begin(), types.begin() + static_cast<std::ptrdiff_t>(events_before));
    seen.told = types;
    EXPECT_EQ(left_staged(), 0) << "of a body that was not taken nothing is kept";
    return seen;
  }
  /// Bodies without a job.
  std::int64_t left_staged() {
    net::asio::co_spawn(network.context(), gateway::drop_abandoned(*desk), [](const std::exception_ptr&) {});
    settle();
    unit_of_work unit;
    unit.changes.push_back(sweep_staged_bodies{clock.now() + 1h, 100});
    return commit(std::move(unit)).value().created.front();
  }
  static void show(const std::string& name, const outcome& seen) {
    std::cout << "  " << std::left << std::setw(32) << name << in_words(seen) << '\n';
  }
  void expect(const delivery& what, const outcome& specified, duration body_timeout = 30s) {
    SCOPED_TRACE(what.name);
    const auto seen = meet(what, body_timeout);
    show(what.name, seen);
    EXPECT_EQ(seen, specified);
  }

  std::string id, secret;
};

TEST_F(health_faults, OfTheSenderEachEndsAsItIsSpecified) {
  std::cout << "apple_health: fault of the sender; answer; kept; job; told\n";
  const outcome kept{.rows = 3, .job = "completed", .told = {"records.changed", "integration.updated"}};
  const outcome wrong_body{.job = "failed (unexpected_shape)", .attempts = 1, .told = {"job.failed"}};
  const auto refused = [](int status, const char* code) { return outcome{.status = status, .code = code}; };
  expect({.name = "wrong secret", .secret = "wrong"}, refused(401, "invalid_secret"));
  expect({.name = "no secret", .secret = ""}, refused(401, "secret_required"));
  expect({.name = "encoded body", .fields = "Content-Encoding: gzip\r\n"}, refused(415, "unsupported_encoding"));
  expect({.name = "too large", .body = std::string(most + 1, ' ')}, refused(413, "body_too_large"));
  expect({.name = "dropped midway", .sent = 20, .goes = true}, refused(0, ""));
  expect({.name = "dropped midway, large", .body = large_export(), .sent = in_memory + 5000, .goes = true},
         refused(0, ""));
  expect({.name = "slow body", .sent = 20}, refused(408, "request_timeout"), 30ms);
  expect({.name = "slow body, large", .body = large_export(), .sent = in_memory + 5000},
         refused(408, "request_timeout"), 30ms);

  expect({.name = "JSON that ends early", .body = good.substr(0, good.size() / 2)}, wrong_body);
  expect({.name = "no JSON", .body = "{\"data\":"}, wrong_body);
  expect({.name = "CSV", .fields = "Content-Type: text/csv\r\n", .body = "date,qty\n2026-03-01,1\n"}, wrong_body);
  std::string wide;
  for (const char each : good)
    wide += std::string(1, each) + '\0';
  expect({.name = "UTF-16", .body = wide}, wrong_body);
  expect({.name = "empty body", .body = ""}, wrong_body);
  expect({.name = "JSON of something else", .body = R"({"hello":[1,2]})"}, wrong_body);
  expect({.name = "somebody else's webhook", .body = R"({"type":"transaction.created","data":{"amount":-350}})"},
         wrong_body);
  expect({.name = "nothing to send", .body = R"({"data":{}})"}, {.job = "completed"});

  expect({.name = "other content type", .fields = "Content-Type: text/plain\r\n"}, kept);
  expect({.name = "the same again"}, {.job = "completed", .told = {"integration.updated"}});
  expect({.name = "overlap, one changed", .body = export_of({point(2, "20"), point(3)})},
         {.rows = 1, .job = "completed", .told = {"records.changed", "integration.updated"}});
  expect({.name = "phone a year ahead", .body = export_of({point(0, "1", "2027")})},
         {.rows = 1, .job = "completed", .told = {"records.changed", "integration.updated"}});
  expect({.name = "another calendar", .body = export_of({point(0, "1", "2569"), point(10)})},
         {.rows = 1, .job = "completed", .told = {"records.changed", "records.rejected", "integration.updated"}});
  expect({.name = "3 wrong points of 5",
          .body = export_of({point(11), R"({"date":"then","qty":1})", point(12, "\"many\""), "7", point(13)})},
         {.rows = 2, .job = "completed", .told = {"records.changed", "records.rejected", "integration.updated"}});
  expect({.name = "Latin-1 in a name",
          .body = export_of({"{\"date\":\"2026-03-01 10:14:00 +0000\",\"qty\":1,\"source\":\"Caf\xe9\"}", point(15)})},
         {.rows = 1, .job = "completed", .told = {"records.changed", "records.rejected", "integration.updated"}});

  ask("POST", "/api/v1/integrations/" + id + "/pause");
  expect({.name = "while paused"}, refused(503, "unavailable"));
  ask("POST", "/api/v1/integrations/" + id + "/resume");
  unit_of_work unit;
  unit.changes.push_back(act_on_integration{integration_id{std::stoll(id)}, integration_action::disconnect, {}});
  ASSERT_TRUE(commit(std::move(unit)));
  clock.advance(10s); // what the desk knows of it is that old at most
  expect({.name = "disconnected"}, refused(410, "disconnected"));
}

/// The database fails `times` commits, of which the first is commit number `from`.
TEST_F(health_faults, OfTheDatabaseEachEndsAsItIsSpecified) {
  std::cout << "apple_health: fault of the database; answer; kept; job; told\n";
  struct database_fault {
    const char* name;
    error_code code;
    int from, times;
  };
  int minute = 0;
  for (const auto& each : {
         database_fault{"locked, at the door", error_code::storage_busy, 1, 1},
         database_fault{"full, at the door", error_code::storage_full, 1, 1},
         database_fault{"locked, at work", error_code::storage_busy, 2, 3},
         database_fault{"full, at work", error_code::storage_full, 2, 3},
       }) {
    SCOPED_TRACE(each.name);
    int commits = 0;
    fault = [&](std::string_view call) -> std::optional<error> {
      if (call != "commit" || ++commits < each.from || commits >= each.from + each.times)
        return std::nullopt;
      return error{each.code, "as the test was told"};
    };
    delivery sent{.name = each.name, .body = export_of({point(minute, "1"), point(minute + 1, "1")})};
    minute += 2;
    const auto seen = meet(sent);
    fault = nullptr;
    show(each.name, seen);
    EXPECT_GE(commits, each.from);
    if (each.from == 1) {
      EXPECT_EQ(seen.status, 503);
      EXPECT_EQ(seen.rows, 0);
      EXPECT_EQ(seen.job, "");
      EXPECT_EQ(meet(sent).rows, 2) << "the phone sends it again";
    } else {
      EXPECT_EQ(seen.status, 202);
      EXPECT_EQ(seen.rows, 2) << "what was taken is not lost";
      EXPECT_THAT(seen.job, ::testing::StartsWith("completed"));
    }
  }
}

} // namespace
} // namespace penstock::provider_faults
