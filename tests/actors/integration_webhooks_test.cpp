#include "actors/integration_webhooks.hpp"

#include <map>

#include <caf/send.hpp>

#include "net/token_hash.hpp"
#include "net/webhook_url.hpp"
#include "tests/actors/deterministic_engine.hpp"

namespace penstock::actors::testing {
namespace {

const std::string node = "https://penstock.example";

/// hook.fetch uses the addresses of its job as `use` says.
class integration_webhooks_test : public deterministic_engine {
protected:
  std::vector<connectors::connector> enabled_connectors() override {
    connectors::connector made;
    made.name = "hook";
    const auto run = [this](connectors::fetch_context& context) { return fetch(context); };
    made.handlers.push_back({job_kind::fetch("hook.fetch"), connectors::fetch_handler(run)});
    made.handlers.push_back({job_kind::webhook("hook.taken"),
                             connectors::process_handler([](auto&) { return result<unit_of_work>{unit_of_work{}}; })});
    for (const auto* name : {"hook", "mute"}) {
      connectors::service offered;
      offered.name = name;
      offered.title = name;
      offered.validate = [](std::string_view) { return result<void>{}; };
      offered.first_jobs = [](const integration&) {
        job_request first;
        first.kind = "hook.fetch";
        return result<std::vector<job_request>>{{std::move(first)}};
      };
      if (offered.name == "hook")
        offered.webhook.emplace().kind = "hook.taken";
      made.services.push_back(std::move(offered));
    }
    return {made};
  }
  engine_config config() const override {
    auto made = deterministic_engine::config();
    made.webhooks_at = reached_at;
    return made;
  }
  integration_id add(const std::string& service) {
    unit_of_work unit;
    integration account;
    account.service = service;
    account.name = "mine";
    unit.changes.push_back(add_integration{account});
    auto answer = commit(std::move(unit));
    return answer ? integration_id{answer->created.at(0)} : integration_id{};
  }
  void run_job_of(integration_id id) {
    job_request request;
    request.kind = "hook.fetch";
    request.integration = id;
    const auto done = job(enqueue(std::move(request)).id);
    EXPECT_EQ(done.state, job_state::completed) << (done.errors.empty() ? "" : done.errors.back().message);
  }

  std::string reached_at = node;
  bool takes_webhooks = false, was_asked = false, is_anothers = false;
  bool makes = true; ///< hook.fetch makes an address, and commits its secret
  result<connectors::webhook_addresses::fresh_address> made = failure(error_code::internal, "not run");
  std::map<std::string, bool> current; ///< URLs to ask about, and the answers

private:
  net::asio::awaitable<result<unit_of_work>> fetch(connectors::fetch_context& context) {
    was_asked = true;
    takes_webhooks = context.webhooks != nullptr;
    unit_of_work unit;
    if (!takes_webhooks)
      co_return unit;
    for (auto& [url, answer] : current) {
      const auto known = co_await context.webhooks->is_current(url);
      is_anothers = !known && known.error().code == error_code::conflict;
      if (!known && !is_anothers)
        co_return failure(known.error());
      answer = known.value_or(false);
    }
    if (makes) {
      made = context.webhooks->make();
      if (made)
        unit.changes.emplace_back(made->change);
    }
    co_return unit;
  }
};

TEST_F(integration_webhooks_test, AnAddressIsCurrentFromTheCommitOfItsSecretOn) {
  start();
  const auto mine = add("hook"), other = add("hook");
  run_job_of(mine);
  ASSERT_TRUE(made) << made.error().message;
  const auto first = made->url;
  const auto secret = net::webhook_secret_in(first, node, "hook");
  ASSERT_TRUE(secret);
  EXPECT_EQ(secret->size(), 43u);
  EXPECT_EQ(made->change.hash, net::to_hex(net::hash_token(*secret)));
  EXPECT_EQ(made->change.integration, mine);

  makes = false;
  current = {{first, false},
             {node + "/webhooks/hook/" + std::string(43, 'x'), true},
             {"https://elsewhere.example/webhooks/hook/" + *secret, true},
             {node + "/webhooks/mute/" + *secret, true},
             {"not a URL", true}};
  run_job_of(mine);
  EXPECT_TRUE(current.at(first));
  current.erase(first);
  for (const auto& [url, answer] : current)
    EXPECT_FALSE(answer) << url;

  current = {{first, true}};
  run_job_of(other);
  EXPECT_FALSE(current.at(first));
  EXPECT_TRUE(is_anothers) << "and good: nobody should remove it";

  makes = true;
  run_job_of(mine);
  EXPECT_NE(made->url, first);
  makes = false;
  run_job_of(mine);
  EXPECT_FALSE(current.at(first)) << "a new one takes its place";
}

TEST_F(integration_webhooks_test, ANodeThatNobodyReachesSaysWhatToSet) {
  reached_at.clear();
  start();
  run_job_of(add("hook"));
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, error_code::bad_configuration);
  EXPECT_NE(made.error().message.find("http.public_url"), std::string::npos) << made.error().message;
}

TEST_F(integration_webhooks_test, JobsOfServicesThatTakeNoWebhooksHaveNoAddresses) {
  start();
  run_job_of(add("mute"));
  EXPECT_TRUE(was_asked);
  EXPECT_FALSE(takes_webhooks);
}

TEST_F(integration_webhooks_test, DryRunsHaveNoneSinceTheyLeaveTheProviderAsItIs) {
  start();
  const auto id = add("hook");
  for (const bool dry : {true, false}) {
    was_asked = false;
    caf::anon_send(aut->handles().integrations,
                   fetch_integration{id, true, "test", dry, [](const result<enqueued>&) {}});
    settle();
    EXPECT_TRUE(was_asked);
    EXPECT_EQ(takes_webhooks, !dry);
  }
}

TEST_F(integration_webhooks_test, AddressesOfThisNodeAndServiceAreOurs) {
  integration_webhooks asked(node, "hook", integration_id{1}, {});
  EXPECT_TRUE(asked.is_ours("https://penstock.example/webhooks/hook/x"));
  EXPECT_TRUE(asked.is_ours("https://PENSTOCK.example:443/webhooks/hook/x"));
  for (const auto* other :
       {"https://penstock.example/webhooks/hook/", "https://penstock.example/webhooks/hook",
        "https://penstock.example/webhooks/mute/x", "http://penstock.example/webhooks/hook/x",
        "https://penstock.example:8443/webhooks/hook/x", "https://penstock.example.org/webhooks/hook/x",
        "https://penstock.example/webhooks/hook/x/y", "https://penstock.example/webhooks/hook/x?y=1", "", "nonsense"})
    EXPECT_FALSE(asked.is_ours(other)) << other;
}

} // namespace
} // namespace penstock::actors::testing
