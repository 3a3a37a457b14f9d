#include "connectors/monzo/requests.hpp"

#include "connectors/provider_refusal.hpp"
#include "core/rfc3339.hpp"
#include "net/query.hpp"

namespace penstock::connectors::monzo {
namespace {

/// A full page with expanded merchants has some hundred kilobytes.
constexpr std::size_t largest_answer = 8 * 1024 * 1024;
constexpr int forbidden_status = 403, not_found_status = 404;
constexpr std::string_view not_approved = "forbidden.insufficient_permissions";
constexpr std::string_view too_old = "forbidden.verification_required";

net::http_request get(std::string url) {
  net::http_request request;
  request.url = std::move(url);
  request.headers.add("Accept", "application/json");
  request.max_body = largest_answer;
  return request;
}

} // namespace

net::http_request accounts_request(const monzo_settings& settings) { return get(settings.base_url + "/accounts"); }

net::http_request transactions_request(const monzo_settings& settings, const std::string& account,
                                       const page_position& position) {
  net::query_parameters query{{"account_id", account}, {"since", position.since}};
  if (position.window_end != no_time)
    query.emplace_back("before", format_rfc3339(position.window_end));
  query.emplace_back("limit", std::to_string(settings.page_size));
  query.emplace_back("expand[]", "merchant");
  return get(settings.base_url + "/transactions?" + net::build_query(query));
}

net::http_request pots_request(const monzo_settings& settings, const std::string& account) {
  return get(settings.base_url + "/pots?" + net::build_query({{"current_account_id", account}}));
}

net::http_request balance_request(const monzo_settings& settings, const std::string& account) {
  return get(settings.base_url + "/balance?" + net::build_query({{"account_id", account}}));
}

bool is_not_approved(const net::http_response& answer) {
  return answer.status == forbidden_status && read_refusal(answer).code == not_approved;
}

bool is_refused_or_unknown(const net::http_response& answer) noexcept {
  return answer.status == forbidden_status || answer.status == not_found_status;
}

bool is_history_refused(const net::http_response& answer) {
  return answer.status == forbidden_status && read_refusal(answer).code == too_old;
}

result<void> accept_answer(const net::http_response& answer, std::string_view what, timestamp now) {
  if (answer.status == forbidden_status) {
    const auto code = read_refusal(answer).code;
    if (code == not_approved)
      return failure(error_code::requires_reauth,
                     std::string(what) + ": access is not approved (" + code +
                       "): approve it in the Monzo app, then authorise the integration again");
    if (code == too_old)
      return failure(error_code::requires_reauth, std::string(what) + ": Monzo wants the consent confirmed (" + code +
                                                    "): authorise the integration again");
  }
  return accept(answer, what, now);
}

} // namespace penstock::connectors::monzo
