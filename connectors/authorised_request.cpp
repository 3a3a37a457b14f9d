#include "connectors/authorised_request.hpp"

#include <utility>

#include "connectors/provider_refusal.hpp"

namespace penstock::connectors {
namespace {

constexpr int unauthorised = 401;

void set_token(net::http_request& request, const std::string& token) {
  request.headers.set("Authorization", "Bearer " + token);
}

/// Tells apart what a person must know: a login elsewhere takes the token away at once (one token for each client and
/// user), an expiry does not.
error refused_for_good(const net::http_response& response, const std::string& what) {
  const auto refusal = read_refusal(response);
  const auto ends_with = [&](std::string_view end) {
    return refusal.code.size() >= end.size() && refusal.code.ends_with(end);
  };
  std::string why = "the token was refused, and so was its replacement";
  if (ends_with(".evicted"))
    why = "the token was superseded by a login elsewhere, and so was its replacement";
  else if (ends_with(".expired"))
    why = "the token has expired, and so has its replacement";
  if (!refusal.code.empty())
    why += " (" + refusal.code + ")";
  return {error_code::requires_reauth, what + ": " + why + ": authorise the integration again"};
}

} // namespace

net::asio::awaitable<result<net::http_response>> send_authorised(net::http_client& http, token_source& tokens,
                                                                 net::http_request request, std::string what) {
  token_placer place = set_token;
  auto answer = co_await send_authorised(http, tokens, std::move(request), std::move(what), std::move(place));
  co_return answer;
}

net::asio::awaitable<result<net::http_response>> send_authorised(net::http_client& http, token_source& tokens,
                                                                 net::http_request request, std::string what,
                                                                 token_placer place) {
  auto token = co_await tokens.access_token();
  if (!token)
    co_return failure(token.error());
  place(request, *token);
  auto first_try = request;
  auto answer = co_await http.send(std::move(first_try));
  if (!answer || answer->status != unauthorised)
    co_return answer;

  auto replacement = co_await tokens.replace(std::move(*token));
  if (!replacement)
    co_return failure(replacement.error());
  place(request, *replacement);
  answer = co_await http.send(std::move(request));
  if (answer && answer->status == unauthorised)
    co_return failure(refused_for_good(*answer, what));
  co_return answer;
}

} // namespace penstock::connectors
