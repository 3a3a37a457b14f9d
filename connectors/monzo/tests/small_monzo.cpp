#include "connectors/monzo/tests/small_monzo.hpp"

#include <algorithm>
#include <stdexcept>

#include "core/rfc3339.hpp"
#include "net/query.hpp"
#include "net/url.hpp"

namespace penstock::connectors::monzo {

void register_connector(registry& out);

namespace {

net::http_response refusal(int status, const std::string& code) {
  return testing::answer(status, R"({"code":")" + code + R"(","message":"refused"})");
}

net::http_response list_answer(const std::string& key, const std::vector<std::string>& objects) {
  std::string list;
  for (const auto& each : objects)
    list += (list.empty() ? "" : ",") + each;
  return testing::answer(200, R"({")" + key + R"(":[)" + list + "]}");
}

} // namespace

std::string account_json(const std::string& id, const std::string& created, bool closed, const std::string& type) {
  return R"({"id":")" + id + R"(","description":"An account","type":")" + type + R"(","created":")" + created +
         R"(","closed":)" + (closed ? "true" : "false") + "}";
}

std::string transaction_json(const small_transaction& transaction, const std::string& account) {
  const auto updated = transaction.updated == no_time ? transaction.created : transaction.updated;
  return R"({"id":")" + transaction.id + R"(","created":")" + format_rfc3339(transaction.created) + R"(","amount":)" +
         std::to_string(transaction.amount) + R"(,"currency":"GBP","description":"Something",)" +
         R"("merchant":{"id":"merch_1","name":"A shop"},"category":"shopping","settled":")" +
         (transaction.settled ? format_rfc3339(updated) : "") + R"(","updated":")" + format_rfc3339(updated) +
         R"(","account_id":")" + account + R"(","unknown_field":{"kept":[1,2.50,"x"]}})";
}

net::http_response small_monzo::answer(const net::http_request& request) const {
  if (!request.headers.value_or("Authorization", "").starts_with("Bearer token-SECRET-"))
    return refusal(401, "unauthorized.bad_access_token");
  if (!approved)
    return refusal(403, "forbidden.insufficient_permissions");
  const auto url = net::parse_url(request.url).value();
  const auto query = net::parse_query(url.query);
  const std::string account(
    net::find_parameter(query, url.path == "/pots" ? "current_account_id" : "account_id").value_or(""));
  if (const auto refused = refusals.find(url.path + " " + account); refused != refusals.end())
    return refusal(refused->second.first, refused->second.second);
  if (url.path == "/transactions")
    return answer_transactions(request);
  if (url.path == "/accounts")
    return list_answer("accounts", accounts);
  if (account.empty())
    return refusal(400, "bad_request.missing_param");
  if (url.path == "/pots") {
    const auto held = pots.find(account);
    return list_answer("pots", held == pots.end() ? std::vector<std::string>{} : held->second);
  }
  if (url.path == "/balance") {
    const auto held = balances.find(account);
    return testing::answer(200, held == balances.end() ? std::string(usual_balance) : held->second);
  }
  return refusal(404, "not_found");
}

net::http_response small_monzo::answer_transactions(const net::http_request& request) const {
  const auto query = net::parse_query(net::parse_url(request.url).value().query);
  const auto value = [&](std::string_view name) { return std::string(net::find_parameter(query, name).value_or("")); };
  const auto held = transactions.find(value("account_id"));
  if (held == transactions.end())
    return refusal(404, "not_found.account");
  if (value("expand[]") != "merchant" || value("since").empty())
    return refusal(400, "bad_request.missing_param");

  auto all = held->second;
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.created < b.created; });
  const auto since = value("since");
  const auto since_time = parse_rfc3339(since);
  const auto named = std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.id == since; });
  if (!since_time && named == all.end())
    return refusal(400, "bad_request.bad_param.since");
  const auto from = since_time ? *since_time : named->created;
  const auto until = value("before").empty() ? now : parse_rfc3339(value("before")).value();
  if (!whole_history && now - from >= std::chrono::days{90})
    return refusal(403, "forbidden.verification_required");
  if (until - from > std::chrono::days{365})
    return refusal(400, "bad_request.time_range");

  const auto limit = std::stoul(value("limit"));
  std::string list;
  std::size_t items = 0;
  for (auto at = since_time ? all.begin() : named + 1; at != all.end() && items < limit; ++at) {
    if (at->created < from || at->created > until)
      continue;
    list += (list.empty() ? "" : ",") + transaction_json(*at, held->first);
    ++items;
  }
  return testing::answer(200, R"({"transactions":[)" + list + "]}");
}

connector built_monzo(std::int64_t page_size, duration look_back, bool webhooks) {
  registry declared;
  register_connector(declared);
  config::section section;
  section.put("base_url", std::string("https://api.monzo.example"), true);
  section.put("auth_url", std::string("https://auth.monzo.example/"), true);
  section.put("client_id", std::string("client"), true);
  section.put("client_secret", std::string("client-SECRET"), true);
  section.put("page_size", page_size, true);
  section.put("look_back", look_back, true);
  section.put("webhooks", webhooks, true);
  auto built = declared.declarations().front().build(section);
  if (!built)
    throw std::runtime_error(built.error().front().message);
  return std::move(*built);
}

} // namespace penstock::connectors::monzo
