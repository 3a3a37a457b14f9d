#include "connectors/monzo/webhook_requests.hpp"

#include <utility>

#include "connectors/json_body.hpp"
#include "net/query.hpp"

namespace penstock::connectors::monzo {
namespace {

constexpr std::size_t largest_answer = 1024 * 1024;

net::http_request request_to(std::string method, std::string url) {
  net::http_request request;
  request.method = std::move(method);
  request.url = std::move(url);
  request.headers.add("Accept", "application/json");
  request.max_body = largest_answer;
  return request;
}

} // namespace

net::http_request list_webhooks_request(const monzo_settings& settings, const std::string& account) {
  return request_to("GET", settings.base_url + "/webhooks?" + net::build_query({{"account_id", account}}));
}

net::http_request register_webhook_request(const monzo_settings& settings, const std::string& account,
                                           const std::string& url) {
  auto request = request_to("POST", settings.base_url + "/webhooks");
  request.headers.add("Content-Type", "application/x-www-form-urlencoded");
  request.body = net::form_encode({{"account_id", account}, {"url", url}});
  return request;
}

net::http_request delete_webhook_request(const monzo_settings& settings, const std::string& id) {
  return request_to("DELETE", settings.base_url + "/webhooks/" + net::percent_encode(id));
}

net::http_request transaction_request(const monzo_settings& settings, const std::string& id) {
  auto request = request_to("GET", settings.base_url + "/transactions/" + net::percent_encode(id) + "?" +
                                     net::build_query({{"expand[]", "merchant"}}));
  request.timeout = std::chrono::seconds(5);
  request.idempotent = false; // not tried again: the row of the webhook waits for it
  return request;
}

result<std::vector<registered_webhook>> read_webhooks(std::string& body) {
  const auto list = read_json_list(body, "webhooks", "Monzo's webhooks");
  if (!list)
    return failure(list.error());
  std::vector<registered_webhook> all;
  for (const auto item : *list) {
    std::string_view id, url;
    if (!item["id"].get(id) && !item["url"].get(url) && !id.empty())
      all.push_back({std::string(id), std::string(url)});
  }
  return all;
}

} // namespace penstock::connectors::monzo
