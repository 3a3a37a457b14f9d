#include "gateway/refused_deliveries.hpp"

#include <sstream>

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include "tests/gateway/hook_connector.hpp"
#include "tests/gateway/route_fixture.hpp"

namespace penstock::gateway::testing {
namespace {

using namespace std::chrono_literals;

result<unit_of_work> take_body(connectors::process_context&) { return unit_of_work{}; }

class refused_webhooks : public route_test {
protected:
  std::vector<connectors::connector> enabled_connectors() override {
    auto enabled = route_test::enabled_connectors();
    enabled.push_back(hook_connector(take_body));
    return enabled;
  }
  void deliver(const std::string& path) {
    net::http_server_request request;
    request.method = "POST";
    request.target = "/webhooks/" + path;
    request.body = "{}";
    request.remote_address = "192.0.2.7";
    request.headers.add("Cookie", "of=others"); // no token of the fixture's
    send(std::move(request));
  }
};

TEST_F(refused_webhooks, RefusedDeliveriesAreCountedForTheLogByService) {
  const auto made = ask("POST", "/api/v1/integrations", R"({"service":"hook"})", 201);
  const auto hook = [&] {
    for (auto& each : desk->refused.take(clock.now()))
      if (each.service == "hook")
        return std::optional(std::move(each));
    return std::optional<refused_deliveries::line>();
  };
  deliver("hook/" + text_of(made.at("webhook").at("secret")));
  deliver("no-such-service/guess");
  EXPECT_FALSE(hook());
  deliver("hook/a-secret-that-ended");
  deliver("hook");
  deliver("hook/a-secret-that-ended");
  const auto first = hook();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->count, 3);
  EXPECT_EQ(first->network, "192.0.2.7");
  EXPECT_NE(first->why.find("not known"), std::string::npos) << first->why;
  EXPECT_EQ(first->why.find("a-secret"), std::string::npos) << first->why;
  deliver("hook/a-secret-that-ended");
  clock.advance(59s);
  EXPECT_FALSE(hook()) << "a line a minute is enough";
  deliver("hook/a-secret-that-ended");
  clock.advance(1s);
  ASSERT_EQ(hook().value_or(refused_deliveries::line{}).count, 2);
  clock.advance(2min);
  EXPECT_FALSE(hook()) << "nothing came";
}

TEST_F(refused_webhooks, RefusedDeliveriesAreToldInOneLineOfTheLog) {
  std::ostringstream told;
  const auto before = spdlog::default_logger();
  spdlog::set_default_logger(
    std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(told)));
  deliver("hook/a-secret-that-ended");
  tell_refused(desk->refused, clock.now());
  spdlog::set_default_logger(before);
  EXPECT_NE(told.str().find("1 webhook delivery of 'hook' was refused; the last came from 192.0.2.7"), std::string::npos)
    << told.str();
  EXPECT_EQ(told.str().find("a-secret"), std::string::npos) << told.str();
}

} // namespace
} // namespace penstock::gateway::testing
