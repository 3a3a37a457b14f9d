// Every fault of the sandbox before every request of the Monzo connector, in the whole engine and over real HTTP: once,
// and for as long as somebody asks. What is specified stands in monzo_specified.cpp; what was seen is printed, a line
// for each fault.
#include <gmock/gmock.h>

#include <iomanip>
#include <iostream>

#include <boost/json.hpp>

#include "config/setting_value.hpp"
#include "core/id_text.hpp"
#include "net/token_hash.hpp"
#include "net/url.hpp"
#include "net/webhook_url.hpp"
#include "tests/provider_faults/synced_fixture.hpp"
#include "tests/sandbox/monzo_copy.hpp"

namespace penstock::connectors::monzo {
void register_connector(registry& out);
}

namespace penstock::provider_faults {
namespace {

using namespace std::chrono_literals;
namespace json = boost::json;

const asking all_askings[] = {
  {"accounts", "GET", "/monzo/accounts", "", "monzo.account_pull", asking::stage::first_sync},
  {"history", "GET", "/monzo/transactions", "since=tx_", "monzo.historical_data", asking::stage::first_sync},
  {"transactions", "GET", "/monzo/transactions", "", "monzo.transaction_pull", asking::stage::later_sync},
  {"balance", "GET", "/monzo/balance", "", "monzo.balance_pull", asking::stage::first_sync},
  {"pots", "GET", "/monzo/pots", "", "monzo.pot_pull", asking::stage::first_sync},
  {"webhook_list", "GET", "/monzo/webhooks", "", "monzo.webhook_registration", asking::stage::first_sync},
  {"webhook_registration", "POST", "/monzo/webhooks", "", "monzo.webhook_registration", asking::stage::first_sync},
  {"webhook_removal", "DELETE", "/monzo/webhooks/", "", "monzo.webhook_registration", asking::stage::new_address},
  {"one_transaction", "GET", "/monzo/transactions/", "", "monzo.webhook_transaction", asking::stage::delivery},
  {"token_refresh", "POST", "/monzo/oauth2/token", "", "monzo.account_pull", asking::stage::old_token},
};

class monzo_faults : public synced_fixture, public ::testing::WithParamInterface<asking> {
protected:
  std::vector<connectors::connector> enabled_connectors() override {
    connectors::registry declared;
    connectors::monzo::register_connector(declared);
    const auto& declaration = declared.declarations().front();
    config::section section;
    for (const auto& each : declaration.settings)
      section.put(each.key, config::default_value(each), false);
    section.put("base_url", line.base() + "/monzo", true);
    section.put("auth_url", line.base() + "/monzo/authorize", true);
    section.put("client_id", std::string("client"), true);
    section.put("client_secret", std::string("secret"), true);
    return {declaration.build(section).value()};
  }
  actors::engine_config config() const override {
    auto made = deterministic_engine::config();
    made.webhooks_at = node;
    return made;
  }

  // The person.

  /// A consent and what it leads to; a new user's if none is named.
  credential consent(const std::string& user = {}) {
    const auto tokens = consent_at("/monzo", user.empty() ? "" : "&user=" + user);
    credential made;
    made.access_token = tokens.at("access_token").as_string().c_str();
    made.refresh_token = tokens.at("refresh_token").as_string().c_str();
    made.account = tokens.at("user_id").as_string().c_str();
    made.access_expires_at = clock.now() + 6h;
    return made;
  }
  /// Of a user of its own.
  void connect() {
    begin_anew("monzo");
    const auto tokens = consent();
    user = tokens.account;
    authorise(tokens);
  }

  // What is there.

  std::string of_it() const { return "integration_id = " + to_string(id); }
  row_set select(const std::string& sql) { return db().rows().select(sql, {}).value(); }
  std::string stored() {
    return sandbox::testing::monzo_copy([this](const std::string& sql) { return select(sql); }, of_it());
  }
  std::string served() {
    return json::serialize(line.ask_json("GET", "/sandbox/totals?user=" + user).at("monzo").at("tables"));
  }
  std::string account_id() {
    const auto found = select("SELECT source_id FROM monzo_accounts WHERE " + of_it());
    return std::get<std::string>(found.rows.at(0).at(0));
  }
  /// Addresses that Monzo has of its account.
  std::vector<std::string> registered() {
    const auto token = db().integrations().credential_of(id).value()->access_token;
    std::vector<std::string> urls;
    const auto list = line.ask_json("GET", "/monzo/webhooks?account_id=" + account_id(), {}, token);
    for (const auto& each : list.at("webhooks").as_array())
      urls.emplace_back(each.at("url").as_string().c_str());
    return urls;
  }
  /// Whether a delivery to that address would be taken as this integration's.
  bool is_taken(const std::string& url) {
    const auto secret = net::webhook_secret_in(url, node, "monzo");
    const auto owner = db().integrations().find_webhook(net::to_hex(net::hash_token(secret.value_or(""))));
    return owner && *owner && (*owner)->integration == id;
  }

  // The fault.

  /// What has to stand before the request can be struck.
  void prepare() {
    switch (GetParam().when) {
      case asking::stage::first_sync: return;
      case asking::stage::later_sync:
        sync();
        line.ask_json("POST", "/sandbox/change", R"({"monzo":{"add":3,"user":")" + user + R"("}})");
        return;
      case asking::stage::new_address:
        sync();
        ask("POST", "/api/v1/integrations/" + to_string(id) + "/webhook-secret", "", 201);
        ask("POST", "/api/v1/integrations/" + to_string(id) + "/reset", R"({"stream":"webhooks"})");
        return;
      case asking::stage::delivery: return sync();
      case asking::stage::old_token: {
        auto stale = *db().integrations().credential_of(id).value();
        stale.access_expires_at = clock.now() + 1s;
        return authorise(stale);
      }
    }
  }
  /// The transaction that a webhook tells of, with less than a poll would: the rest has to be asked for.
  void deliver() {
    const auto added =
      line.ask_json("POST", "/sandbox/change", R"({"monzo":{"add":1,"webhook":false,"user":")" + user + R"("}})");
    const auto& ids = added.at("monzo").at("added").as_array();
    const std::string transaction = ids.at(0).as_string().c_str();
    const auto token = db().integrations().credential_of(id).value()->access_token;
    auto whole = line.ask_json("GET", "/monzo/transactions/" + transaction, {}, token).at("transaction").as_object();
    whole.erase("updated");
    net::http_server_request delivery;
    delivery.method = "POST";
    delivery.target = net::parse_url(registered().at(0)).value().target();
    delivery.body = json::serialize(json::object{{"type", "transaction.created"}, {"data", whole}});
    ASSERT_EQ(send(std::move(delivery)).status, 202);
    for (int i = 0; i < 5; ++i)
      advance(1s);
    EXPECT_EQ(select("SELECT 1 FROM monzo_transactions WHERE source_id = '" + transaction + "'").rows.size(), 1u)
      << "what the webhook told stands, whatever became of the question";
  }
  outcome meet(const fault_case& met, bool lasts) {
    const auto begun = mark_here();
    line.strike(met.what, GetParam().method, GetParam().path, GetParam().having, lasts ? 1'000'000 : 1);
    if (GetParam().when == asking::stage::delivery)
      deliver();
    else
      sync_before(met, lasts);
    outcome out;
    note_requests(out, begun.seen);
    note_jobs(out, begun);
    note_since(out, begun);
    out.whole = stored() == served();
    return out;
  }
  void note_requests(outcome& out, std::size_t from) {
    std::optional<timestamp> last;
    for (auto i = from; i < line.seen().size(); ++i) {
      const auto& each = line.seen()[i];
      const bool is_refresh = each.path == "/monzo/oauth2/token";
      out.refreshes += is_refresh ? 1u : 0u;
      out.after_refresh = is_refresh ? 0 : out.after_refresh + 1;
      if (each.method != GetParam().method || !each.path.starts_with(GetParam().path))
        continue; // others come in between
      if (last && each.at - *last > 20s)
        out.gaps.push_back(each.at - *last);
      if (each.struck || last)
        last = each.at;
      out.struck += each.struck ? 1u : 0u;
    }
  }
  void note_jobs(outcome& out, const mark& begun) {
    for (const auto& each : jobs_since(begun)) {
      if (each.job.kind == GetParam().kind)
        out.errors.insert(out.errors.end(), each.errors.begin(), each.errors.end());
      if (each.state == job_state::failed && each.job.kind != "integration.process")
        out.failed_jobs.push_back(each.job.kind);
      const auto lines = db().jobs().logs(each.job.id).value();
      for (const auto& written : lines)
        if (written.level >= log_line_level::warn)
          out.log += written.message + '\n';
    }
  }

  /// The fault is over, or a person consents anew: nothing is missing then.
  void recover() {
    line.heal();
    let_it_end();
    if (GetParam().kind == webhook_look) // what could not be seen to is seen to again
      clock.advance(61min);
    if (status() != integration_status::requires_reauth)
      sync();
    if (status() == integration_status::requires_reauth) {
      const auto asked = line.seen().size();
      EXPECT_FALSE(fetch());
      advance(31s);
      EXPECT_EQ(line.seen().size(), asked) << "nobody is called before a person has consented";
      authorise(consent(user));
      sync();
    }
    EXPECT_EQ(status(), integration_status::idle);
    EXPECT_EQ(stored(), served());
    const auto urls = registered();
    ASSERT_EQ(urls.size(), 1u) << "Monzo has one address, and it is good";
    EXPECT_TRUE(is_taken(urls.front()));
  }

  const std::string node = "http://127.0.0.1:9";
  std::string user;
};

TEST_P(monzo_faults, EachEndsAsItIsSpecified) {
  const auto& asked = GetParam();
  std::cout << "monzo: " << asked.name << " (" << asked.method << ' ' << asked.path << ")\n";
  for (const auto& met : all_faults()) {
    for (const bool lasts : {false, true}) {
      SCOPED_TRACE(met.what.name + (lasts ? ", lasting" : ", once"));
      connect();
      prepare();
      const auto seen = meet(met, lasts);
      std::cout << "  " << std::left << std::setw(16) << met.what.name << (lasts ? "lasting  " : "once     ")
                << in_words(seen) << '\n';
      judge(asked, met, lasts, seen);
      recover();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(requests, monzo_faults, ::testing::ValuesIn(all_askings),
                         [](const auto& info) { return std::string(info.param.name); });

} // namespace
} // namespace penstock::provider_faults
