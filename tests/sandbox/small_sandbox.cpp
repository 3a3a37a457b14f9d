#include "tests/sandbox/small_sandbox.hpp"

#include <future>
#include <stdexcept>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "net/query.hpp"
#include "net/url.hpp"

namespace penstock::sandbox::testing {

namespace {

constexpr std::string_view redirect_uri = "http://127.0.0.1:1/callback";

} // namespace

small_sandbox::small_sandbox(setup of)
    : stand_ins(make_stand_ins(
        {.time = time, .faults = faults, .data = of.data, .oauth = of.oauth, .asks_for_consent = of.asks_for_consent})),
      door(std::make_unique<front>(front::parts{
        .time = time,
        .faults = faults,
        .stand_ins = stand_ins,
        .sleeper = sleeper,
        .latency = of.latency,
        .files = of.served_folder.empty() ? std::nullopt : std::optional<served_files>(of.served_folder)})) {}

net::http_reply small_sandbox::ask(std::string method, std::string target, std::string body, const std::string& token) {
  net::http_server_request request;
  request.method = std::move(method);
  request.target = std::move(target);
  request.body = std::move(body);
  if (!token.empty())
    request.headers.add("Authorization", token.starts_with("Basic ") ? token : "Bearer " + token);
  if (request.method == "POST" && request.path().ends_with("/oauth2/token"))
    request.headers.add("Content-Type", "application/x-www-form-urlencoded");
  net::asio::io_context context;
  auto done = net::asio::co_spawn(context, door->answer(std::move(request)), net::asio::use_future);
  context.run();
  if (done.wait_for(0s) != std::future_status::ready)
    throw std::runtime_error("the front waits for something that does not come");
  return done.get();
}

net::http_reply small_sandbox::token_request(net::query_parameters form, const std::string& token) {
  const net::query_parameters defaults{
    {"client_id", "client"}, {"client_secret", "secret"}, {"redirect_uri", std::string(redirect_uri)}};
  for (const auto& each : defaults)
    if (!net::find_parameter(form, each.first))
      form.push_back(each);
  return ask("POST", "/monzo/oauth2/token", net::form_encode(form), token);
}

std::string small_sandbox::consent(const net::query_parameters& more) {
  net::query_parameters query{{"client_id", "client"},
                              {"redirect_uri", std::string(redirect_uri)},
                              {"response_type", "code"},
                              {"state", "a state"}};
  query.insert(query.end(), more.begin(), more.end());
  const auto reply = get("/monzo/authorize?" + net::build_query(query));
  const auto back = net::parse_url(reply.headers.value_or("Location", ""));
  if (!back)
    throw std::runtime_error("the consent page answered " + std::to_string(reply.status));
  return std::string(net::find_parameter(net::parse_query(back->query), "code").value_or(""));
}

small_sandbox::tokens small_sandbox::sign_in(const net::query_parameters& more) {
  const auto reply = token_request({{"grant_type", "authorization_code"}, {"code", consent(more)}});
  const auto body = object_of(reply);
  return {text_at(body, "access_token"), text_at(body, "refresh_token"), text_at(body, "user_id")};
}

json::object object_of(const net::http_reply& reply) {
  boost::system::error_code broken;
  auto parsed = json::parse(reply.body, broken);
  if (broken || !parsed.is_object())
    throw std::runtime_error("no JSON object: " + std::to_string(reply.status) + ' ' + reply.body);
  return std::move(parsed.get_object());
}

std::string text_at(const json::object& object, std::string_view key) {
  const auto* found = object.if_contains({key.data(), key.size()});
  const auto* text = found ? found->if_string() : nullptr;
  return text ? std::string(text->data(), text->size()) : std::string{};
}

std::string code_of(const net::http_reply& reply) {
  return std::to_string(reply.status) + ' ' + text_at(object_of(reply), "code");
}

std::vector<std::string> account_ids(small_sandbox& sandbox, const std::string& token) {
  const auto body = object_of(sandbox.get("/monzo/accounts", token));
  std::vector<std::string> out;
  for (const auto& each : body.at("accounts").get_array())
    out.push_back(text_at(each.get_object(), "id"));
  return out;
}

json::array transactions_of(const net::http_reply& reply) {
  const auto body = object_of(reply);
  const auto* list = body.if_contains("transactions");
  if (!list || !list->is_array())
    throw std::runtime_error("no transactions: " + std::to_string(reply.status) + ' ' + reply.body.substr(0, 200));
  return list->get_array();
}

std::vector<json::object> read_all(small_sandbox& sandbox, const std::string& token, const std::string& account,
                                   const std::string& since) {
  constexpr std::size_t page_size = 100, most_pages = 1000;
  std::vector<json::object> out;
  std::string from = since;
  for (std::size_t pages = 0; pages < most_pages; ++pages) {
    net::query_parameters query{{"account_id", account}, {"limit", std::to_string(page_size)}};
    if (!from.empty())
      query.emplace_back("since", from);
    const auto page = transactions_of(sandbox.get("/monzo/transactions?" + net::build_query(query), token));
    for (const auto& each : page)
      out.push_back(each.get_object());
    if (page.size() < page_size)
      return out;
    from = text_at(out.back(), "id");
  }
  throw std::runtime_error("paging does not end");
}

} // namespace penstock::sandbox::testing
