#include <boost/asio/co_spawn.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "gateway/webhook_intake.hpp"
#include "tests/gateway/route_fixture.hpp"

namespace penstock::gateway::testing {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view shared_secret = "shared by all of one";

/// Services "hook" (no signature), "shared" (a secret of the configuration), "standard" and "stripe": their deliveries are
/// noted as "ARGS BODY".
connectors::connector hook_connector(std::vector<std::string>& ran) {
  connectors::connector made;
  made.name = "hook";
  auto kind = job_kind::webhook("hook.delivery");
  kind.queue = "default";
  made.handlers.push_back({kind, connectors::process_handler([&ran](connectors::process_context& context) {
                             std::string body;
                             for (std::int64_t next = 0;;) {
                               auto piece = context.pieces->read(next);
                               if (!piece || !*piece)
                                 break;
                               body += (*piece)->bytes;
                               next = (*piece)->number + 1;
                             }
                             ran.push_back(context.job.args + " " + body);
                             return result<unit_of_work>(unit_of_work{});
                           }),
                           true});
  for (const std::string name : {"hook", "shared", "standard", "stripe"}) {
    connectors::service service;
    service.name = name;
    service.title = name;
    service.default_frequency = duration{0};
    connectors::webhook_intake intake;
    intake.kind = "hook.delivery";
    if (name == "hook") {
      intake.id_header = "X-Delivery";
      intake.kept_headers = {"X-Note"};
    }
    if (name == "shared")
      intake.shared_secret = shared_secret;
    if (name == "standard")
      intake.signature = net::webhook_scheme::standard;
    if (name == "stripe")
      intake.signature = net::webhook_scheme::stripe;
    service.webhook = std::move(intake);
    made.services.push_back(std::move(service));
  }
  return made;
}

class webhooks : public route_test {
protected:
  std::vector<connectors::connector> enabled_connectors() override {
    auto enabled = route_test::enabled_connectors();
    enabled.push_back(hook_connector(ran));
    return enabled;
  }

  struct endpoint {
    std::string id, secret, signing_secret;
  };
  endpoint add(const std::string& service = "hook") {
    const auto made = ask("POST", "/api/v1/integrations", R"({"service":")" + service + R"("})", 201);
    const auto& webhook = made.at("webhook");
    EXPECT_EQ(text_of(webhook.at("url")),
              "https://penstock.test/webhooks/" + service + "/" + text_of(webhook.at("secret")));
    return {text_of(made.at("id")), text_of(webhook.at("secret")), text_of(webhook.at("signing_secret"))};
  }
  static net::http_server_request delivery(const std::string& target, std::string body,
                                           net::http_headers headers = {}) {
    net::http_server_request request;
    request.method = "POST";
    request.target = target;
    request.body = std::move(body);
    request.headers = std::move(headers);
    request.remote_address = "192.0.2.7";
    return request;
  }
  net::http_reply deliver(const std::string& path, std::string body, net::http_headers headers = {}) {
    return send(delivery("/webhooks/" + path, std::move(body), std::move(headers)));
  }
  std::string code_of(const net::http_reply& reply) { return text_of(json::parse(reply.body).at("code")); }
  std::string job_of(const net::http_reply& reply) {
    EXPECT_EQ(reply.status, 202) << reply.body;
    return reply.status == 202 ? text_of(json::parse(reply.body).at("job_id")) : "";
  }
  /// What a large body goes through: the hooks of the server, in pieces.
  net::http_reply deliver_large(const std::string& path, const std::vector<std::string>& pieces,
                                net::http_headers headers = {}) {
    std::optional<net::http_reply> reply;
    auto head = delivery("/webhooks/" + path, "", headers);
    net::asio::co_spawn(network.context(), large(head, pieces),
                        [&](const std::exception_ptr& thrown, net::http_reply given) {
                          if (!thrown)
                            reply = std::move(given);
                        });
    settle();
    EXPECT_TRUE(reply);
    return reply.value_or(net::http_reply{});
  }
  net::asio::awaitable<net::http_reply> large(net::http_server_request head, std::vector<std::string> pieces) {
    auto decided = co_await spool_delivery(*desk, head);
    if (decided.refusal)
      co_return std::move(*decided.refusal);
    for (std::size_t i = 0; i + 1 < pieces.size(); ++i) {
      auto piece = pieces[i];
      auto refused = co_await decided.spool->take(std::move(piece));
      if (refused)
        co_return std::move(*refused);
    }
    head.body = pieces.back();
    head.spool = std::move(decided.spool);
    auto reply = co_await routes->handle(std::move(head));
    co_return reply;
  }
  std::int64_t left_staged() {
    unit_of_work unit;
    unit.changes.push_back(sweep_staged_bodies{clock.now() + 1h, 100});
    const auto swept = commit(std::move(unit));
    EXPECT_TRUE(swept);
    return swept ? swept->created.front() : -1;
  }
};

TEST_F(webhooks, DeliveryBecomesAJobOfItsIntegration) {
  const auto to = add();
  const auto reply = deliver("hook/" + to.secret, "the body", {{"X-Note", "kept"}, {"X-Other", "not kept"}});
  const auto id = job_of(reply);
  settle();
  EXPECT_EQ(ran, std::vector<std::string>{R"({"headers":{"x-note":"kept"}} the body)"});
  const auto shown = ask("GET", "/api/v1/executions/" + id);
  EXPECT_EQ(text_of(shown.at("integration_id")), to.id);
  EXPECT_EQ(text_of(shown.at("kind")), "hook.delivery");
  EXPECT_EQ(text_of(shown.at("triggered_by")), "webhook");
}

TEST_F(webhooks, SecretMayStandInAHeader) {
  const auto to = add();
  for (const std::string name : {"X-Webhook-Secret", "api-key", "Authorization"})
    EXPECT_EQ(deliver("hook", name, {{name, to.secret}}).status, 202) << name;
  EXPECT_EQ(deliver("hook", "bearer", {{"Authorization", "bearer " + to.secret}}).status, 202);
  EXPECT_EQ(deliver("hook", "empty body").status, 401);
  EXPECT_EQ(deliver("hook/" + to.secret, "", {}).status, 202);
}

TEST_F(webhooks, RefusalsAreToldAndNothingIsStored) {
  const auto to = add();
  EXPECT_EQ(code_of(deliver("hook/wrong", "x")), "invalid_secret");
  EXPECT_EQ(deliver("hook/wrong", "x").status, 401);
  EXPECT_EQ(deliver("nothing/" + to.secret, "x").status, 404);
  EXPECT_EQ(deliver("test/" + to.secret, "x").status, 404) << "a service that takes none";
  EXPECT_EQ(deliver("standard/" + to.secret, "x").status, 401) << "another service's secret";
  EXPECT_EQ(deliver("hook/" + to.secret, "x", {{"Content-Encoding", "gzip"}}).status, 415);
  EXPECT_EQ(deliver("hook/" + to.secret + "/more", "x").status, 404);
  EXPECT_EQ(send("GET", "/webhooks/hook/" + to.secret).status, 405);
  settle();
  EXPECT_TRUE(ran.empty());
  EXPECT_TRUE(ask("GET", "/api/v1/executions?kind=hook.delivery").at("items").as_array().empty());
}

TEST_F(webhooks, NoAnswerRepeatsASecret) {
  const auto to = add();
  for (const auto& reply : {deliver("hook/" + to.secret + "/more", "x"), deliver("nothing/" + to.secret, "x"),
                            send("GET", "/webhooks/hook/" + to.secret), deliver("hook/s3cr3t-guess", "x")}) {
    EXPECT_EQ(reply.body.find(to.secret), std::string::npos) << reply.body;
    EXPECT_EQ(reply.body.find("s3cr3t-guess"), std::string::npos) << reply.body;
  }
  EXPECT_EQ(send("GET", "/api/v1/integrations/" + to.id).body.find(to.secret), std::string::npos);
  EXPECT_EQ(send("GET", "/api/v1/audit").body.find(to.secret), std::string::npos);
}

TEST_F(webhooks, ParametersAndKeysOfOthersMeanNothing) {
  const auto to = add();
  const auto first = job_of(deliver("hook/" + to.secret + "?source=them", "one", {{"Idempotency-Key", "k"}}));
  const auto second = job_of(deliver("hook/" + to.secret, "two", {{"Idempotency-Key", "k"}, {"If-Match", "x"}}));
  EXPECT_NE(first, second);
}

TEST_F(webhooks, DeliveryThatIsSentAgainIsAnsweredWithItsFirstJob) {
  const auto to = add();
  const auto first = job_of(deliver("hook/" + to.secret, "one", {{"X-Delivery", "d1"}}));
  const auto again = deliver("hook/" + to.secret, "one", {{"X-Delivery", "d1"}});
  EXPECT_EQ(job_of(again), first);
  EXPECT_TRUE(json::parse(again.body).at("deduplicated").as_bool());
  EXPECT_NE(job_of(deliver("hook/" + to.secret, "two", {{"X-Delivery", "d2"}})), first);
  const auto other = add();
  EXPECT_NE(job_of(deliver("hook/" + other.secret, "one", {{"X-Delivery", "d1"}})), first) << "another integration's";
  settle();
  EXPECT_EQ(ran.size(), 3u);
}

TEST_F(webhooks, NewSecretEndsTheFormerAtOnce) {
  const auto to = add();
  EXPECT_EQ(deliver("hook/" + to.secret, "old").status, 202);
  const auto made = ask("POST", "/api/v1/integrations/" + to.id + "/webhook-secret", "", 201);
  EXPECT_EQ(deliver("hook/" + to.secret, "old").status, 401);
  EXPECT_EQ(deliver("hook/" + text_of(made.at("secret")), "new").status, 202);
  EXPECT_EQ(problem("POST", "/api/v1/integrations/" + to.id + "/webhook-secret", R"({"signing_secret":"x"})", 400),
            "invalid_argument");
  const auto plain = text_of(ask("POST", "/api/v1/integrations", R"({"service":"test"})", 201).at("id"));
  EXPECT_EQ(problem("POST", "/api/v1/integrations/" + plain + "/webhook-secret", "", 409), "conflict");
  EXPECT_EQ(problem("POST", "/api/v1/integrations/999/webhook-secret", "", 404), "not_found");
}

TEST_F(webhooks, SecretIsToldOnceAndNeverKeptForAKey) {
  const auto to = add();
  const auto shown = ask("GET", "/api/v1/integrations/" + to.id).at("webhook");
  EXPECT_EQ(text_of(shown.at("url")), "https://penstock.test/webhooks/hook");
  EXPECT_FALSE(shown.at("secret_made_at").is_null());
  EXPECT_FALSE(shown.as_object().contains("secret"));
  net::http_server_request keyed;
  keyed.method = "POST";
  keyed.target = "/api/v1/integrations";
  keyed.body = R"({"service":"hook"})";
  keyed.headers.add("Idempotency-Key", "k1");
  const auto made = json::parse(send(keyed).body);
  EXPECT_FALSE(made.at("webhook").as_object().contains("secret"));
  EXPECT_TRUE(made.at("webhook").at("secret_made_at").is_null());
  EXPECT_TRUE(ask("GET", "/api/v1/integrations/" + add_integration()).at("webhook").is_null());
}

TEST_F(webhooks, PausedIntegrationAsksToSendAgainAndARemovedOneIsUnknown) {
  const auto to = add();
  ask("POST", "/api/v1/integrations/" + to.id + "/pause");
  const auto paused = deliver("hook/" + to.secret, "x");
  EXPECT_EQ(paused.status, 503);
  EXPECT_EQ(paused.headers.value_or("Retry-After", ""), "300");
  ask("POST", "/api/v1/integrations/" + to.id + "/resume");
  EXPECT_EQ(deliver("hook/" + to.secret, "y").status, 202);
  EXPECT_EQ(send("DELETE", "/api/v1/integrations/" + to.id).status, 204);
  EXPECT_EQ(deliver("hook/" + to.secret, "z").status, 401);
}

TEST_F(webhooks, SharedSecretServesWhileThereIsOneIntegration) {
  const std::string path = "shared/" + std::string(shared_secret);
  const auto encoded = "shared/shared%20by%20all%20of%20one";
  EXPECT_EQ(deliver(encoded, "x").status, 401) << "none yet";
  const auto one = add("shared");
  const auto id = job_of(deliver(encoded, "x"));
  EXPECT_EQ(text_of(ask("GET", "/api/v1/executions/" + id).at("integration_id")), one.id);
  EXPECT_EQ(deliver("shared", "y", {{"X-Webhook-Secret", shared_secret}}).status, 202);
  EXPECT_EQ(deliver("shared/" + one.secret, "its own").status, 202);
  EXPECT_EQ(deliver("hook", "y", {{"X-Webhook-Secret", shared_secret}}).status, 401);
  const auto two = add("shared");
  EXPECT_EQ(deliver(encoded, "x").status, 401) << "whose would it be?";
  EXPECT_EQ(deliver("shared/" + two.secret, "its own").status, 202);
}

TEST_F(webhooks, FloodOfWrongSecretsIsSlowedAndTheRightOneComesThrough) {
  const auto to = add();
  for (int i = 0; i < webhook_desk::wrong_secrets; ++i)
    ASSERT_EQ(deliver("hook/wrong" + std::to_string(i), "x").status, 401) << i;
  const auto slowed = deliver("hook/wrong", "x");
  EXPECT_EQ(slowed.status, 429);
  EXPECT_EQ(slowed.headers.value_or("Retry-After", ""), "3");
  EXPECT_EQ(deliver("hook/" + to.secret, "x").status, 202);
  clock.advance(3s);
  EXPECT_EQ(deliver("hook/wrong", "x").status, 401);
}

TEST_F(webhooks, IntegrationTakesNoMoreThanItsLimit) {
  webhook_desk limited(token_rate{.capacity = 2, .refill = 1, .interval = 10s});
  const integration_id one{1}, two{2};
  EXPECT_FALSE(limited.spend(one, clock.now()));
  EXPECT_FALSE(limited.spend(one, clock.now()));
  const auto wait = limited.spend(one, clock.now());
  ASSERT_TRUE(wait);
  EXPECT_EQ(*wait, duration(10s));
  EXPECT_FALSE(limited.spend(two, clock.now()));
  clock.advance(10s);
  EXPECT_FALSE(limited.spend(one, clock.now()));
}

TEST_F(webhooks, LargeBodyIsStoredInPiecesAndReadInPieces) {
  const auto to = add();
  const std::string first(200'000, 'a'), second(100'000, 'b');
  const auto id = job_of(deliver_large("hook/" + to.secret, {first, second, "end"}));
  settle();
  ASSERT_EQ(ran.size(), 1u);
  EXPECT_EQ(ran.front(), R"({"headers":{}} )" + first + second + "end");
  EXPECT_EQ(text_of(ask("GET", "/api/v1/executions/" + id).at("state")), "completed");
  EXPECT_EQ(left_staged(), 0);
}

TEST_F(webhooks, LargeBodyThatIsRefusedLeavesNothing) {
  const auto to = add();
  EXPECT_EQ(deliver_large("hook/wrong", {"a", "b"}).status, 401);
  EXPECT_EQ(deliver_large("nothing/wrong", {"a", "b"}).status, 404);
  const auto first = job_of(deliver_large("hook/" + to.secret, {"a", "b"}, {{"X-Delivery", "d"}}));
  EXPECT_EQ(job_of(deliver_large("hook/" + to.secret, {"a", "b"}, {{"X-Delivery", "d"}})), first);
  EXPECT_EQ(left_staged(), 0);
}

TEST_F(webhooks, SenderThatGoesInTheMiddleLeavesNothing) {
  const auto to = add();
  std::optional<net::spool_decision> decided;
  net::asio::co_spawn(network.context(), spool_delivery(*desk, delivery("/webhooks/hook/" + to.secret, "")),
                      [&](const std::exception_ptr&, net::spool_decision given) { decided = std::move(given); });
  settle();
  ASSERT_TRUE(decided && decided->spool);
  bool taken = false;
  net::asio::co_spawn(network.context(), decided->spool->take("half of it"),
                      [&](const std::exception_ptr&, std::optional<net::http_reply> refused) { taken = !refused; });
  settle();
  EXPECT_TRUE(taken);
  decided.reset();
  net::asio::co_spawn(network.context(), drop_abandoned(*desk), [](const std::exception_ptr&) {});
  settle();
  EXPECT_EQ(left_staged(), 0);
}

TEST_F(webhooks, OtherRequestsKeepTheirBodies) {
  std::optional<net::spool_decision> decided;
  net::asio::co_spawn(network.context(), spool_delivery(*desk, delivery("/api/v1/executions", "")),
                      [&](const std::exception_ptr&, net::spool_decision given) { decided = std::move(given); });
  settle();
  ASSERT_TRUE(decided);
  EXPECT_FALSE(decided->spool);
  EXPECT_FALSE(decided->refusal);
}

// The key and the signature of Standard Webhooks' own tests, sent when they were signed.
class signed_webhooks : public webhooks {
protected:
  void SetUp() override {
    clock.set(timestamp{std::chrono::seconds(1614265330)});
    webhooks::SetUp();
  }
  static constexpr std::string_view body = R"({"test": 2432232314})";
  static net::http_headers headers() {
    return {{"webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"},
            {"webhook-timestamp", "1614265330"},
            {"webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}};
  }
  /// With the provider's own key.
  std::string add_signed() {
    const auto to = add("standard");
    EXPECT_TRUE(to.signing_secret.starts_with("whsec_")) << "one is drawn at first";
    const auto made = ask("POST", "/api/v1/integrations/" + to.id + "/webhook-secret",
                          R"({"signing_secret":"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"})", 201);
    EXPECT_TRUE(made.at("signing_secret").is_null()) << "who sent it knows it";
    return "standard/" + text_of(made.at("secret"));
  }
};

TEST_F(signed_webhooks, SignedDeliveryIsTakenOnce) {
  const auto path = add_signed();
  const auto first = job_of(deliver(path, std::string(body), headers()));
  EXPECT_EQ(job_of(deliver(path, std::string(body), headers())), first);
  settle();
  EXPECT_EQ(ran.size(), 1u);
}

TEST_F(signed_webhooks, WrongSignatureIsRefusedAndLeavesNothing) {
  const auto path = add_signed();
  EXPECT_EQ(code_of(deliver(path, "another body", headers())), "invalid_signature");
  const auto noted = desk->refused.take(clock.now());
  ASSERT_EQ(noted.size(), 1u) << "the log tells of it";
  EXPECT_EQ(noted[0].service, "standard");
  EXPECT_EQ(deliver(path, std::string(body)).status, 401) << "none at all";
  EXPECT_EQ(deliver_large(path, {std::string(body), "more"}, headers()).status, 401);
  EXPECT_EQ(left_staged(), 0);
  settle();
  EXPECT_TRUE(ran.empty());
}

TEST_F(signed_webhooks, LargeBodyIsCheckedAsItComes) {
  const auto path = add_signed();
  EXPECT_EQ(deliver_large(path, {std::string(body.substr(0, 7)), std::string(body.substr(7))}, headers()).status, 202);
}

TEST_F(signed_webhooks, OldDeliveryIsRefused) {
  const auto path = add_signed();
  clock.advance(5min + 1s);
  EXPECT_EQ(deliver(path, std::string(body), headers()).status, 401);
}

TEST_F(signed_webhooks, CopyOfADeliveryOfStripeIsNoJobOfItsOwn) {
  clock.set(timestamp{std::chrono::seconds(1700000000)});
  const auto to = add("stripe");
  const auto made =
    ask("POST", "/api/v1/integrations/" + to.id + "/webhook-secret", R"({"signing_secret":"whsec_x"})", 201);
  const auto path = "stripe/" + text_of(made.at("secret"));
  const std::string fitting = "v1=be8cb8325f2202445260a855532f967e30ad2a9394ce28da66ee02880ddcb661";
  const auto first = job_of(deliver(path, "{}", {{"Stripe-Signature", "t=1700000000," + fitting}}));
  const auto copy = deliver(path, "{}", {{"Stripe-Signature", fitting + ",t=1700000000,v0=0"}});
  EXPECT_EQ(job_of(copy), first);
  EXPECT_TRUE(json::parse(copy.body).at("deduplicated").as_bool());
  settle();
  EXPECT_EQ(ran.size(), 1u);
}

TEST_F(signed_webhooks, KeyThatOnlyTheProviderMakesMustBeGivenFirst) {
  const auto to = add("stripe");
  EXPECT_EQ(to.signing_secret, "null");
  EXPECT_EQ(deliver("stripe/" + to.secret, "{}", {{"Stripe-Signature", "t=1614265330,v1=00"}}).status, 401);
  EXPECT_FALSE(ask("GET", "/api/v1/integrations/" + to.id).at("webhook").at("has_signing_secret").as_bool());
}

TEST(webhook_target, IsReadFromThePath) {
  EXPECT_FALSE(parse_webhook_target("/webhooks"));
  EXPECT_FALSE(parse_webhook_target("/webhooks/"));
  EXPECT_FALSE(parse_webhook_target("/webhooks/a/"));
  EXPECT_FALSE(parse_webhook_target("/webhooks/a/b/c"));
  EXPECT_FALSE(parse_webhook_target("/api/v1/executions"));
  ASSERT_TRUE(parse_webhook_target("/webhooks/a"));
  EXPECT_EQ(parse_webhook_target("/webhooks/a")->secret, "");
  ASSERT_TRUE(parse_webhook_target("/webhooks/a%20b/c%2Fd"));
  EXPECT_EQ(parse_webhook_target("/webhooks/a%20b/c%2Fd")->service, "a b");
  EXPECT_EQ(parse_webhook_target("/webhooks/a%20b/c%2Fd")->secret, "c/d");
}

} // namespace
} // namespace penstock::gateway::testing
