#include "gateway/edge_rules.hpp"

#include <thread>

#include <gtest/gtest.h>

#include "core/manual_clock.hpp"
#include "net/problem.hpp"

namespace penstock::gateway {
namespace {

using namespace std::chrono_literals;

trusted_proxies trusting(std::initializer_list<const char*> networks) {
  std::vector<ip_network> all;
  for (const auto* each : networks)
    all.push_back(*parse_ip_network(each));
  return trusted_proxies(std::move(all));
}

TEST(trusted_proxies, RightMostStrangerIsTheClient) {
  struct row {
    const char *peer, *said, *client;
  };
  const row rows[] = {
    {"127.0.0.1", "203.0.113.9", "203.0.113.9"},
    {"127.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"},
    {"127.0.0.1", "198.51.100.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"},
    {"10.0.0.2", "198.51.100.1,203.0.113.9 ,\t10.0.0.1", "203.0.113.9"},
    {"127.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"}, // all trusted: the first one
    {"127.0.0.1", "203.0.113.9:4711", "203.0.113.9"},
    {"127.0.0.1", "[2001:db8::9]:4711", "2001:db8::9"},
    {"127.0.0.1", "2001:db8::9", "2001:db8::9"},
    {"127.0.0.1", "::ffff:203.0.113.9", "203.0.113.9"},
    {"127.0.0.1", "203.0.113.9, unknown", "127.0.0.1"},
    {"127.0.0.1", "203.0.113.9, unknown, 10.0.0.2", "10.0.0.2"},
    {"127.0.0.1", "", "127.0.0.1"},
    {"127.0.0.1", ",,,", "127.0.0.1"},
    {"192.0.2.1", "203.0.113.9", "192.0.2.1"}, // not believed
  };
  const auto proxies = trusting({"127.0.0.1", "10.0.0.0/8"});
  for (const auto& [peer, said, client] : rows) {
    net::http_server_request request;
    request.remote_address = peer;
    request.headers.add("X-Forwarded-For", said);
    proxies.apply(request);
    EXPECT_EQ(request.remote_address, client) << said;
  }
}

TEST(trusted_proxies, SeveralFieldsAreOneListAndAForwardedClientIsNeverThisMachine) {
  net::http_server_request request;
  request.remote_address = "127.0.0.1";
  request.is_loopback = true;
  request.headers.add("X-Forwarded-For", "198.51.100.1");
  request.headers.add("x-forwarded-for", "127.0.0.1");
  trusting({"127.0.0.1"}).apply(request);
  EXPECT_EQ(request.remote_address, "198.51.100.1");
  EXPECT_FALSE(request.is_loopback);
}

net::http_server_request preflight_of(const std::string& origin) {
  net::http_server_request request;
  request.method = "OPTIONS";
  request.headers.add("Origin", origin);
  request.headers.add("Access-Control-Request-Method", "PATCH");
  return request;
}

TEST(cors, ListedOriginMayAskAndRead) {
  const cors_policy policy({"https://App.example"});
  const auto answer = policy.preflight(preflight_of("https://app.example"), "GET, PATCH");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 204);
  EXPECT_EQ(answer->headers.value_or("Access-Control-Allow-Methods", ""), "GET, PATCH");
  EXPECT_TRUE(answer->headers.has_token("Access-Control-Allow-Headers", "Idempotency-Key"));
  net::http_reply reply;
  policy.complete(preflight_of("https://app.example").headers, reply);
  EXPECT_EQ(reply.headers.value_or("Access-Control-Allow-Origin", ""), "https://app.example");
  EXPECT_EQ(reply.headers.value_or("Vary", ""), "Origin");
  EXPECT_TRUE(reply.headers.has_token("Access-Control-Expose-Headers", "ETag"));
  EXPECT_FALSE(reply.headers.contains("Access-Control-Allow-Credentials"));
}

TEST(cors, OtherOriginsAreRefusedAndTellCachesSo) {
  const cors_policy policy({"https://app.example"});
  for (const auto* origin : {"https://evil.example", "https://app.example.evil.example", "http://app.example",
                             "https://app.example:8443", "null", ""}) {
    EXPECT_EQ(policy.preflight(preflight_of(origin), "GET")->status, 403) << origin;
    net::http_reply reply;
    policy.complete(preflight_of(origin).headers, reply);
    EXPECT_FALSE(reply.headers.contains("Access-Control-Allow-Origin")) << origin;
    EXPECT_EQ(reply.headers.value_or("Vary", ""), "Origin");
  }
}

TEST(cors, AnyOriginIsAnsweredWithAStar) {
  const cors_policy policy({"*"});
  net::http_reply reply;
  policy.complete(preflight_of("https://who.example").headers, reply);
  EXPECT_EQ(reply.headers.value_or("Access-Control-Allow-Origin", ""), "*");
  EXPECT_FALSE(reply.headers.contains("Vary"));
}

TEST(cors, WithoutOriginsNothingIsSaid) {
  const cors_policy policy;
  EXPECT_FALSE(policy.preflight(preflight_of("https://app.example"), "GET"));
  net::http_reply reply;
  policy.complete(preflight_of("https://app.example").headers, reply);
  EXPECT_TRUE(reply.headers.empty());
}

const timestamp start{500'000h};

caller token(std::int64_t id) { return {.level = access_level::viewer, .token = {id}}; }

TEST(request_limits, EachTokenHasItsOwnAndAddressesTheirs) {
  request_limits limits(token_rate{2, 1, 1s});
  for (const auto& who : {token(1), token(2)})
    for (const std::int64_t left : {1, 0}) {
      const auto standing = limits.ask(who, "192.0.2.1", start, true);
      ASSERT_TRUE(standing);
      EXPECT_TRUE(standing->admitted);
      EXPECT_EQ(standing->limit, 2);
      EXPECT_EQ(standing->remaining, left);
    }
  const auto refused = limits.ask(token(1), "192.0.2.9", start + 400ms, true);
  EXPECT_FALSE(refused->admitted);
  EXPECT_EQ(refused->retry_after, 600ms);
  EXPECT_EQ(refused->until_full, 1600ms);
  EXPECT_TRUE(limits.ask(token(1), "192.0.2.9", start + 1s, true)->admitted);
  EXPECT_TRUE(limits.ask(caller{}, "192.0.2.1", start, true)->admitted) << "of nobody the address counts";
  EXPECT_TRUE(limits.ask(caller{}, "192.0.2.1", start, true)->admitted);
  EXPECT_FALSE(limits.ask(caller{}, "::ffff:192.0.2.1", start, true)->admitted) << "the same in other clothes";
  EXPECT_TRUE(limits.ask(caller{}, "192.0.2.2", start, true)->admitted);
}

TEST(request_limits, OneCustomersIpv6AddressesCountTogether) {
  request_limits limits(token_rate{1, 1, 1s});
  EXPECT_TRUE(limits.ask(caller{}, "2001:db8:0:1::1", start, true)->admitted);
  EXPECT_FALSE(limits.ask(caller{}, "2001:db8:0:1:ffff::2", start, true)->admitted);
  EXPECT_TRUE(limits.ask(caller{}, "2001:db8:0:2::1", start, true)->admitted);
}

TEST(request_limits, LookingTakesNothingAndOffLimitsNothing) {
  request_limits limits(token_rate{1, 1, 1s});
  for (int i = 0; i < 5; ++i)
    EXPECT_TRUE(limits.ask(token(1), "", start, false)->admitted);
  EXPECT_TRUE(limits.ask(token(1), "", start, true)->admitted);
  EXPECT_FALSE(limits.ask(token(1), "", start, false)->admitted);
  request_limits off(std::nullopt);
  EXPECT_FALSE(off.ask(token(1), "", start, true));
}

TEST(request_limits, WrongTokensAreCountedMuchHarder) {
  request_limits limits(std::nullopt);
  const auto most = request_limits::default_refusals().capacity;
  for (std::int64_t i = 0; i < most; ++i)
    EXPECT_EQ(limits.note_refusal("192.0.2.1", start), 0s);
  EXPECT_EQ(limits.note_refusal("192.0.2.1", start), 2s);
  EXPECT_EQ(limits.note_refusal("192.0.2.2", start), 0s);
  EXPECT_EQ(limits.note_refusal("192.0.2.1", start + 2s), 0s);
}

TEST(keyed_buckets, KeepsNoMoreThanItMayAndForgetsTheLeastUsed) {
  keyed_buckets buckets({1, 1, 1h}, 16'384);
  const keyed_buckets::key busy{9, 9};
  EXPECT_TRUE(buckets.take(busy, start).admitted);
  for (std::uint64_t i = 0; i < 100'000; ++i) {
    static_cast<void>(buckets.take({1, i}, start));
    if (i % 100 == 0) {
      EXPECT_FALSE(buckets.take(busy, start).admitted) << "it is in use, so it is not forgotten";
    }
  }
  EXPECT_LE(buckets.size(), 16'384U);
  EXPECT_GE(buckets.size(), 16'000U);
}

TEST(keyed_buckets, ThreadsTogetherGetNoMoreThanThereIs) {
  keyed_buckets buckets({1'000, 1, 1h}, 1'000);
  std::atomic<int> given = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int turn = 0; turn < 1'000; ++turn)
        given += buckets.take({1, 1}, start).admitted ? 1 : 0;
    });
  for (auto& each : threads)
    each.join();
  EXPECT_EQ(given, 1'000);
}

TEST(edge_rules, ProblemDocumentsHoldTheRequestId) {
  auto reply = net::problem_reply({.status = 404, .code = "not_found", .detail = "none"});
  complete_reply({}, {}, "abc-1", limit_standing{true, 10, 3, 1500ms, 0s}, reply);
  EXPECT_TRUE(reply.body.ends_with(R"("code":"not_found","request_id":"abc-1"})")) << reply.body;
  EXPECT_EQ(reply.headers.value_or("X-Request-Id", ""), "abc-1");
  EXPECT_EQ(reply.headers.value_or("RateLimit-Limit", ""), "10");
  EXPECT_EQ(reply.headers.value_or("RateLimit-Remaining", ""), "3");
  EXPECT_EQ(reply.headers.value_or("RateLimit-Reset", ""), "2");
}

TEST(edge_rules, TooManyRequestsSayWhenToComeAgain) {
  EXPECT_EQ(too_many_requests(1ms, "x").headers.value_or("Retry-After", ""), "1");
  EXPECT_EQ(too_many_requests(1001ms, "x").headers.value_or("Retry-After", ""), "2");
  EXPECT_EQ(too_many_requests(1ms, "x").status, 429);
}

} // namespace
} // namespace penstock::gateway
