#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/json.hpp>
#include <caf/send.hpp>

#include "net/oauth2.hpp"
#include "net/url.hpp"
#include "tests/gateway/route_fixture.hpp"
#include "tests/provider_faults/monzo_specified.hpp"
#include "tests/provider_faults/sandbox_line.hpp"

namespace penstock::provider_faults {

/// An integration that the whole engine syncs with the sandbox, over a line on which requests can be struck.
class synced_fixture : public gateway::testing::route_test {
protected:
  net::http_client& http() override { return line; }

  /// What a person's consent at `provider` ("/monzo") leads to: the provider's answer with tokens. `more` goes into the
  /// address that the person is sent to.
  boost::json::object consent_at(const std::string& provider, const std::string& more = {}) {
    const std::string back = "http://127.0.0.1:9/back";
    const auto page =
      line.ask("GET", provider + "/authorize?client_id=client&response_type=code&redirect_uri=" + back + more);
    const auto led_to = net::parse_url(page.headers.value_or("Location", "")).value();
    return line
      .ask_json("POST", provider + "/oauth2/token",
                net::form_encode({{"grant_type", "authorization_code"},
                                  {"client_id", "client"},
                                  {"client_secret", "secret"},
                                  {"redirect_uri", back},
                                  {"code", std::string(*net::find_parameter(net::parse_query(led_to.query), "code"))}}));
  }
  void authorise(const credential& tokens) {
    std::optional<result<void>> done;
    caf::anon_send(aut->handles().integrations,
                   actors::install_tokens{id, tokens, [&done](result<void> answer) { done = answer; }});
    settle();
    ASSERT_TRUE(done && *done);
  }
  /// Another integration, which is never due by itself.
  void begin_anew(std::string service, std::string config = {}) {
    unit_of_work unit;
    integration account;
    account.service = std::move(service);
    account.name = "tested";
    if (!config.empty())
      account.config = std::move(config);
    unit.changes.push_back(penstock::add_integration{account});
    id = integration_id{commit(std::move(unit)).value().created.at(0)};
  }

  integration_status status() { return db().integrations().find(id).value().schedule.status; }
  result<enqueued> fetch() {
    std::optional<result<enqueued>> answer;
    caf::anon_send(
      aut->handles().integrations,
      actors::fetch_integration{id, true, "test", false, [&](result<enqueued> given) { answer = std::move(given); }});
    settle();
    return answer.value_or(failure(error_code::internal, "no answer"));
  }
  void let_it_end(duration at_most = std::chrono::hours(1)) {
    for (duration gone{0}; status() == integration_status::processing && gone < at_most; gone += std::chrono::seconds(1))
      advance(std::chrono::seconds(1));
  }
  void sync() {
    const auto begun = fetch();
    ASSERT_TRUE(begun) << begun.error().message;
    let_it_end();
  }
  /// With a fault that lasts it may be put off for ever: it is looked at for some minutes only.
  void sync_before(const fault_case& met, bool lasts) {
    constexpr duration longest_wait_in_attempt = std::chrono::seconds(30);
    const auto started = fetch();
    EXPECT_TRUE(started) << started.error().message;
    let_it_end(lasts && met.retry_after > longest_wait_in_attempt ? duration{std::chrono::minutes(7)}
                                                                  : duration{std::chrono::hours(1)});
  }

  /// How far everything has come before a fault is met.
  struct mark {
    std::size_t slept = 0, seen = 0, events = 0;
    timestamp at = no_time;
  };
  mark mark_here() { return {sleeper.slept().size(), line.seen().size(), event_types().size(), clock.now()}; }
  /// Waits within attempts, alerts, the integration's state and its run's, since then.
  void note_since(outcome& out, const mark& begun) {
    const auto slept = sleeper.slept();
    out.waits.assign(slept.begin() + static_cast<std::ptrdiff_t>(begun.slept), slept.end());
    out.status = status();
    const auto types = event_types();
    out.alerts = static_cast<std::size_t>(std::count(types.begin() + static_cast<std::ptrdiff_t>(begun.events), types.end(),
                                                     "integration.requires_reauth"));
    const auto runs = db().integrations().runs(id, {}).value();
    if (!runs.items.empty() && runs.items.front().started_at >= begun.at)
      out.run = runs.items.front().state;
  }
  /// Its jobs since then.
  std::vector<job_record> jobs_since(const mark& begun) {
    storage::job_filter filter;
    filter.integration = id;
    auto jobs = db().jobs().list(filter, {.limit = 200}).value().items;
    std::erase_if(jobs, [&](const job_record& each) { return each.created_at < begun.at; });
    return jobs;
  }

  /// Of the sandbox's account; as many items has a shop.
  static constexpr std::int64_t transactions = 120;

  sandbox_line line{clock, {.accounts = 1, .transactions = transactions, .change_every = duration{0}}};
  integration_id id{};
};

} // namespace penstock::provider_faults
