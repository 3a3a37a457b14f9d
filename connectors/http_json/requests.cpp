#include "connectors/http_json/requests.hpp"

#include <utility>

#include "connectors/authorised_request.hpp"
#include "net/base64.hpp"
#include "net/query.hpp"
#include "net/url.hpp"

namespace penstock::connectors::http_json {
namespace {

constexpr std::size_t largest_answer = 32 * 1024 * 1024;
constexpr int unauthorised = 401;

std::string as_it_is(std::string_view text) { return std::string(text); }

net::query_parameters first_query(const description& of, const position& at, const fillings& with) {
  net::query_parameters query;
  for (const auto& [name, value] : of.query)
    query.emplace_back(name, filled(value, with, as_it_is));
  if (!of.size_parameter.empty())
    query.emplace_back(of.size_parameter, std::to_string(of.page_size));
  if (at.since != no_time)
    query.emplace_back(of.since_parameter, write_time(at.since, of.times));
  if (of.paging == paging_style::page || of.paging == paging_style::offset)
    query.emplace_back(of.page_parameter, std::to_string(at.number));
  else if (of.paging == paging_style::cursor && !at.token.empty())
    query.emplace_back(of.page_parameter, at.token);
  return query;
}

/// The query without the parameter of this name.
std::string without(std::string_view query, std::string_view name) {
  std::string kept;
  while (!query.empty()) {
    const auto end = query.find('&');
    const auto part = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view{} : query.substr(end + 1);
    if (net::percent_decode(part.substr(0, part.find('='))).value_or("") == name)
      continue;
    kept += (kept.empty() ? "" : "&");
    kept += part;
  }
  return kept;
}

/// "api_key=TOKEN" becomes "api_key=***", wherever it stands.
void take_out(const description& of, const std::string& token, std::string& body) {
  if (of.auth != auth_kind::query || token.empty())
    return;
  constexpr std::string_view hidden = "***";
  const auto before = of.auth_name + "=";
  for (const auto& written : {net::percent_encode(token), token})
    for (auto at = body.find(before + written); at != std::string::npos; at = body.find(before + written, at)) {
      body.replace(at + before.size(), written.size(), hidden);
      at += before.size() + hidden.size();
    }
}

bool leads_on_by_address(const description& of) {
  return of.paging == paging_style::link || of.paging == paging_style::next;
}

} // namespace

result<net::http_request> page_request(const description& of, const position& at, const fillings& with) {
  net::http_request request;
  request.headers.add("Accept", "application/json");
  for (const auto& [name, value] : of.headers) {
    const auto whole = filled(value, with, as_it_is);
    if (!net::is_valid_field(name, whole))
      return failure(error_code::bad_configuration,
                     of.what() + ": the integration's config makes a header " + name + " that cannot be sent");
    request.headers.set(name, whole);
  }
  request.max_body = largest_answer;
  if (leads_on_by_address(of) && !at.token.empty()) {
    const auto base = net::parse_url(of.base_url);
    request.url = base->origin() + at.token;
    return request;
  }
  request.url = of.base_url + filled(of.list_path, with, net::percent_encode);
  if (const auto query = net::build_query(first_query(of, at, with)); !query.empty())
    request.url += "?" + query;
  if (!net::parse_url(request.url))
    return failure(error_code::bad_configuration, of.what() + ": the integration's config makes no address");
  return request;
}

result<std::string> target_on_origin(const description& of, std::string_view asked_url, std::string_view address) {
  const auto base = net::parse_url(of.base_url);
  const auto asked = net::parse_url(asked_url);
  auto found = base && asked ? net::resolve(*asked, address)
                             : result<net::url>(failure(error_code::internal, "no address was asked for"));
  if (!found)
    return failure(error_code::unexpected_shape, of.what() + ": what leads to the next page is no address");
  if (found->scheme != base->scheme || found->host != base->host || found->effective_port() != base->effective_port())
    return failure(error_code::unexpected_shape,
                   of.what() + ": the next page lies on another host than base_url, and nobody goes there");
  if (of.auth == auth_kind::query) {
    found->query = without(found->query, of.auth_name);
    found->has_query = !found->query.empty();
  }
  return found->target();
}

void show_token(const description& of, net::http_request& request, const std::string& token) {
  switch (of.auth) {
    case auth_kind::none: break;
    case auth_kind::bearer:
    case auth_kind::oauth2: request.headers.set("Authorization", "Bearer " + token); break;
    case auth_kind::basic: request.headers.set("Authorization", "Basic " + net::base64(token)); break;
    case auth_kind::header: request.headers.set(of.auth_name, token); break;
    case auth_kind::query:
      if (auto url = net::parse_url(request.url)) {
        url->query = without(url->query, of.auth_name);
        url->add_query({{of.auth_name, token}});
        request.url = url->to_string();
      }
  }
}

net::asio::awaitable<result<net::http_response>> send(const description& of, fetch_context& context,
                                                      net::http_request request) {
  if (of.auth != auth_kind::none && of.token.empty()) {
    std::string shown;
    const token_placer place = [&of, &shown](net::http_request& to, const std::string& token) {
      shown = token;
      show_token(of, to, token);
    };
    const auto what = of.what();
    auto answer = co_await send_authorised(context.http, context.tokens, std::move(request), what, place);
    if (answer)
      take_out(of, shown, answer->body);
    co_return answer;
  }
  show_token(of, request, of.token);
  auto answer = co_await context.http.send(std::move(request));
  if (!answer)
    co_return answer;
  if (answer->status == unauthorised && !of.token.empty())
    co_return failure(error_code::requires_reauth, of.what() +
                                                     ": the API refuses the token of the configuration: set "
                                                     "connectors.http_json." +
                                                     of.name + ".token anew, then resume the integration");
  take_out(of, of.token, answer->body);
  co_return answer;
}

} // namespace penstock::connectors::http_json
