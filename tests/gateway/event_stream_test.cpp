#include "gateway/event_stream.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/json/parse.hpp>

#include "net/sse.hpp"
#include "tests/gateway/route_fixture.hpp"

namespace penstock::gateway::testing {
namespace {

/// A client that reads events, or stops reading.
class reader : public net::reply_stream {
public:
  net::asio::awaitable<bool> write(std::string_view bytes) override {
    text.append(bytes);
    EXPECT_TRUE(parser.put(bytes, [this](const net::sse_event& one) { got.push_back(one); }));
    co_return !gone;
  }
  std::vector<std::string> ids() const {
    std::vector<std::string> all;
    for (const auto& each : got)
      all.push_back(each.id);
    return all;
  }

  std::string text;
  net::sse_parser parser;
  std::vector<net::sse_event> got;
  bool gone = false, ended = false;
};

class event_stream : public route_test {
protected:
  void TearDown() override {
    for (auto& each : cancels)
      each->emit(net::asio::cancellation_type::terminal);
    settle();
    route_test::TearDown();
  }

  /// Opens a stream through its route and lets it run.
  reader& open(const std::string& query, const std::string& last_event_id = {}, const std::string& token = "secret") {
    net::http_server_request request;
    request.headers.add("Authorization", "Bearer " + token);
    request.method = "GET";
    request.target = "/api/v1/events/stream" + query;
    if (!last_event_id.empty())
      request.headers.add("Last-Event-ID", last_event_id);
    replies.push_back(send(std::move(request)));
    EXPECT_EQ(replies.back().status, 200) << replies.back().body;
    EXPECT_EQ(replies.back().headers.value_or("Content-Type", ""), "text/event-stream");
    auto& client = *readers.emplace_back(std::make_unique<reader>());
    auto& cancel = *cancels.emplace_back(std::make_unique<net::asio::cancellation_signal>());
    net::asio::co_spawn(
      network.context(), replies.back().stream(client),
      net::asio::bind_cancellation_slot(cancel.slot(), [&client](const std::exception_ptr&) { client.ended = true; }));
    settle();
    return client;
  }
  void happen() {
    unit_of_work unit;
    unit.events.push_back({"test.happened", "tests/1"});
    ASSERT_TRUE(commit(std::move(unit)));
  }
  void pause_and_resume(int rounds = 1) {
    for (int i = 0; i < rounds; ++i) {
      ask("POST", "/api/v1/queues/default/pause");
      ask("POST", "/api/v1/queues/default/resume");
    }
  }
  void fail_a_job() {
    ask("POST", "/api/v1/executions", R"({"kind":"test.error","args":{"code":"invalid_argument","times":9}})", 201);
  }

  std::deque<net::http_reply> replies;
  std::vector<std::unique_ptr<reader>> readers;
  std::vector<std::unique_ptr<net::asio::cancellation_signal>> cancels;
};

TEST_F(event_stream, ShowsWhatHappensFromNowOn) {
  pause_and_resume();
  auto& client = open("");
  EXPECT_TRUE(client.got.empty()) << "what was before is not asked for";
  pause_and_resume();
  ASSERT_EQ(client.ids(), (std::vector<std::string>{"3", "4"}));
  EXPECT_EQ(client.got[0].event, "queue.paused");
  const auto data = json::parse(client.got[0].data);
  EXPECT_EQ(text_of(data.at("type")), "queue.paused");
  EXPECT_EQ(text_of(data.at("position")), "3");
}

TEST_F(event_stream, CallerOfAnOrganisationReadsItsEventsAlone) {
  const auto own = text_of(ask("POST", "/api/v1/organisations", R"({"name":"own"})", 201).at("id"));
  const auto token =
    text_of(ask("POST", "/api/v1/tokens", R"({"name":"t","role":"viewer","organisation_id":")" + own + R"("})", 201)
              .at("token"));
  const auto happen_of = [this](organisation_id whose) {
    unit_of_work unit;
    unit.events.push_back({"test.happened", "tests/1", "{}", {}, whose});
    ASSERT_TRUE(commit(std::move(unit)));
    settle();
  };
  const organisation_id mine{std::stoll(own)};
  happen_of(mine);
  happen_of({mine.value + 1});
  auto& client = open("?after=0", {}, token);
  EXPECT_EQ(client.got.size(), 1u) << "of those stored";
  happen_of({});
  happen_of({mine.value + 1});
  happen_of(mine);
  EXPECT_EQ(client.got.size(), 2u) << "and of those to come";
}

TEST_F(event_stream, EndsWithTheTokenOfItsReader) {
  const auto made = ask("POST", "/api/v1/tokens", R"({"name":"t","role":"viewer"})", 201);
  auto& client = open("", {}, text_of(made.at("token")));
  pause_and_resume();
  EXPECT_EQ(client.got.size(), 2u);
  EXPECT_EQ(send("DELETE", "/api/v1/tokens/" + text_of(made.at("id"))).status, 204);
  pause_and_resume();
  EXPECT_TRUE(client.ended);
  EXPECT_EQ(client.got.back().event, "stream.dropped");
  EXPECT_EQ(client.got.size(), 3u) << "nothing that happened since";
}

TEST_F(event_stream, EndsWhenTheTimeOfATokenIsOverThoughNothingHappens) {
  const auto token =
    text_of(ask("POST", "/api/v1/tokens", R"({"name":"t","role":"viewer","expires_in_ms":20000})", 201).at("token"));
  auto& client = open("", {}, token);
  advance(std::chrono::seconds(40));
  EXPECT_TRUE(client.ended);
}

TEST_F(event_stream, ResumesWithoutGapOrDouble) {
  pause_and_resume(3);
  auto& client = open("", "2");
  EXPECT_EQ(client.ids(), (std::vector<std::string>{"3", "4", "5", "6"}));
  pause_and_resume();
  EXPECT_EQ(client.ids(), (std::vector<std::string>{"3", "4", "5", "6", "7", "8"}));
}

TEST_F(event_stream, ResumesBehindTheIdOfAnEvent) {
  pause_and_resume(2);
  const auto list = ask("GET", "/api/v1/events?order=oldest");
  const auto id = text_of(list.at("items").as_array()[1].at("id"));
  EXPECT_EQ(open("", id).ids(), (std::vector<std::string>{"3", "4"}));
  EXPECT_EQ(open("?after=1").ids(), (std::vector<std::string>{"2", "3", "4"}));
  EXPECT_EQ(open("?after=0").ids().size(), 4u);
}

TEST_F(event_stream, BacklogOfManyPagesComesWhole) {
  for (int i = 0; i < 30; ++i) {
    unit_of_work unit;
    for (int j = 0; j < 50; ++j)
      unit.events.push_back({"test.happened", "tests/1"});
    ASSERT_TRUE(commit(std::move(unit)));
  }
  const auto ids = open("?after=0").ids();
  ASSERT_EQ(ids.size(), 1500u);
  for (std::size_t i = 0; i < ids.size(); ++i)
    ASSERT_EQ(ids[i], std::to_string(i + 1));
}

TEST_F(event_stream, EventsDuringTheBacklogAreNeitherLostNorDoubled) {
  for (int i = 0; i < 600; ++i)
    happen();
  // One message at a time, with new events in between: the hand-over from store to bus happens somewhere in there.
  net::http_server_request request;
  request.method = "GET";
  request.target = "/api/v1/events/stream?after=0";
  auto& client = *readers.emplace_back(std::make_unique<reader>());
  replies.push_back(send(std::move(request)));
  auto& cancel = *cancels.emplace_back(std::make_unique<net::asio::cancellation_signal>());
  net::asio::co_spawn(network.context(), replies.back().stream(client),
                      net::asio::bind_cancellation_slot(cancel.slot(), [](const std::exception_ptr&) {}));
  for (int i = 0; i < 100; ++i) {
    for (int steps = 0; steps < i % 7; ++steps)
      step();
    unit_of_work unit;
    unit.events.push_back({"test.happened", "tests/2"});
    net::asio::co_spawn(network.context(), port->commit(std::move(unit)),
                        [](const std::exception_ptr&, const result<unit_result>& stored) { EXPECT_TRUE(stored); });
  }
  settle();
  const auto ids = client.ids();
  ASSERT_EQ(ids.size(), 700u);
  for (std::size_t i = 0; i < ids.size(); ++i)
    ASSERT_EQ(ids[i], std::to_string(i + 1));
}

TEST_F(event_stream, FiltersByTypeAndTime) {
  pause_and_resume();
  EXPECT_EQ(open("?type=queue.res*&after=0").ids(), std::vector<std::string>{"2"});
  EXPECT_EQ(open("?since=2026-06-01T12:00:00Z").ids().size(), 2u);
  auto& none = open("?type=job.failed");
  pause_and_resume();
  EXPECT_TRUE(none.got.empty());
  fail_a_job();
  EXPECT_EQ(none.got.size(), 1u);
}

TEST_F(event_stream, LiveOnlyEventsComeWhereTheyAreAskedFor) {
  auto& stored = open("");
  auto& live = open("?live=1");
  ask("POST", "/api/v1/executions", R"({"kind":"test.step","args":{"name":"x"}})", 201);
  EXPECT_TRUE(stored.got.empty());
  std::vector<std::string> types;
  for (const auto& each : live.got)
    types.push_back(each.event);
  EXPECT_EQ(types, (std::vector<std::string>{"job.started", "job.completed"}));
  EXPECT_EQ(live.text.find("id: "), live.text.rfind("id: ")) << "only the start can be resumed from";
  EXPECT_EQ(live.parser.last_event_id(), "0") << "they leave the position alone";
}

TEST_F(event_stream, QuietReaderKnowsWhereToGoOn) {
  pause_and_resume();
  const auto& client = open("?type=job.failed");
  EXPECT_TRUE(client.got.empty());
  EXPECT_EQ(client.parser.last_event_id(), "2");
  fail_a_job(); // while nobody is connected: of a client that lost its connection
  EXPECT_EQ(open("?type=job.failed", "2").got.size(), 1u);
  EXPECT_EQ(open("?since=2026-06-01T12:00:00Z&type=no.such").parser.last_event_id(), "0");
  EXPECT_EQ(open("?after=1&type=no.such").parser.last_event_id(), "1");
}

TEST_F(event_stream, QuietReaderHearsHowFarItHasCome) {
  auto& client = open("?type=job.failed");
  pause_and_resume();
  EXPECT_EQ(client.parser.last_event_id(), "0");
  advance(std::chrono::seconds(31));
  EXPECT_EQ(client.parser.last_event_id(), "2") << "else it would ask for what was swept since, one day";
  EXPECT_TRUE(client.got.empty());
  fail_a_job();
  ASSERT_EQ(client.got.size(), 1u);
  EXPECT_EQ(client.got[0].id, "3");
}

TEST_F(event_stream, QuietConnectionHearsAHeartbeat) {
  auto& client = open("");
  advance(std::chrono::seconds(14));
  EXPECT_EQ(client.text.find(": still here"), std::string::npos);
  advance(std::chrono::seconds(2));
  EXPECT_NE(client.text.find(": still here"), std::string::npos);
  EXPECT_TRUE(client.got.empty());
}

TEST_F(event_stream, EndsWhenItsReaderHasGone) {
  auto& client = open("");
  client.gone = true;
  pause_and_resume();
  EXPECT_TRUE(client.ended);
}

TEST_F(event_stream, PlaceBehindWhichEventsWereSweptIsTold) {
  pause_and_resume(3);
  unit_of_work sweep;
  sweep.changes.push_back(sweep_history{.most_events = 2, .limit = 100});
  ASSERT_TRUE(commit(std::move(sweep)));
  net::http_server_request request;
  request.method = "GET";
  request.target = "/api/v1/events/stream";
  request.headers.add("Authorization", "Bearer secret");
  request.headers.add("Last-Event-ID", "3");
  const auto reply = send(request);
  EXPECT_EQ(reply.status, 410);
  EXPECT_EQ(text_of(json::parse(reply.body).at("code")), "position_gone");
  EXPECT_EQ(open("", "4").ids(), (std::vector<std::string>{"5", "6"})) << "nothing is missing there";
  EXPECT_EQ(open("?after=0").ids(), (std::vector<std::string>{"5", "6"})) << "all that is kept";
}

TEST_F(event_stream, UnknownPlaceToResumeIsTold) {
  net::http_server_request request;
  request.method = "GET";
  request.target = "/api/v1/events/stream";
  request.headers.add("Last-Event-ID", "880000000000000000");
  EXPECT_EQ(send(request).status, 404);
  request.headers.set("Last-Event-ID", "abc");
  EXPECT_EQ(send(request).status, 400);
}

} // namespace
} // namespace penstock::gateway::testing
