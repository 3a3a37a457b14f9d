#include "connectors/http_json/requests.hpp"

#include <algorithm>
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
  else if ((of.paging == paging_style::cursor || of.paging == paging_style::last_id) && !at.token.empty())
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

/// Whether a parameter of an address may begin here: behind ?, & or ;, also as JSON escapes them.
bool begins_parameter(std::string_view before) {
  return before.ends_with('?') || before.ends_with('&') || before.ends_with(';') || before.ends_with("\\u0026") ||
         before.ends_with("\\u003f") || before.ends_with("\\u003F");
}

/// Where the value of a parameter that begins at `at` ends in the text of a JSON body. Its slashes and other signs may be
/// escaped ("\/", "\u002b"), which does not end it; an escaped & or # does, as those themselves do.
std::size_t end_of_value(std::string_view body, std::size_t at) {
  constexpr std::string_view ends = "&\"#<>'";
  while (at < body.size() && static_cast<unsigned char>(body[at]) > ' ' &&
         ends.find(body[at]) == std::string_view::npos) {
    if (body[at] != '\\') {
      ++at;
      continue;
    }
    const auto escape = body.substr(at, 6);
    if (escape.starts_with("\\/"))
      at += 2;
    else if (escape.size() == 6 && escape.starts_with("\\u00") && escape != "\\u0026" && escape != "\\u0023" &&
             escape != "\\u0022")
      at += 6;
    else
      break;
  }
  return at;
}

/// "?api_key=TOKEN" becomes "?api_key=***", wherever it stands and however the API encodes what it was shown; the token
/// itself behind the name also elsewhere.
void take_out(const description& of, const std::string& token, std::string& body) {
  if (of.auth != auth_kind::query || token.empty())
    return;
  std::string kept;
  std::string_view text = body;
  for (const std::string_view equals : {"=", "\\u003d", "\\u003D"}) {
    const auto name = of.auth_name + std::string(equals);
    kept.clear();
    std::size_t from = 0;
    for (auto at = text.find(name); at != std::string_view::npos; at = text.find(name, from)) {
      const auto value = at + name.size();
      auto end = value;
      if (begins_parameter(text.substr(0, at)))
        end = end_of_value(text, value);
      else
        for (const auto& written : {net::percent_encode(token), token})
          if (text.substr(value).starts_with(written))
            end = std::max(end, value + written.size());
      kept.append(text.substr(from, value - from));
      if (end > value)
        kept += "***";
      from = end;
    }
    if (from == 0)
      continue; // nothing of it, as in most bodies
    kept.append(text.substr(from));
    body = kept;
    text = body;
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
    case auth_kind::oauth2:
    case auth_kind::client_credentials: request.headers.set("Authorization", "Bearer " + token); break;
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

namespace {

error refused_by_configuration(const description& of) {
  const auto section = "connectors.http_json." + of.name;
  const auto problem = of.auth == auth_kind::none
                         ? ": the API wants to know who asks: set " + section + ".auth"
                         : ": the API refuses the token of the configuration: set " + section + ".token anew";
  return {error_code::bad_configuration,
          of.what() + problem + ", start the node again, and fetch with penstock integrations fetch ID --force"};
}

/// A token that the node got as the client, and its replacement too: there is nobody who could consent anew.
error refused_client_token(const description& of) {
  return {error_code::bad_configuration,
          of.what() + ": the API refuses the tokens that token_url gives the client: look at client_id, scopes and " +
            "token_parameters of connectors.http_json." + of.name +
            ", start the node again, and fetch with penstock integrations fetch ID --force"};
}

} // namespace

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
    const bool refused = !answer && answer.error().code == error_code::requires_reauth;
    if (refused && of.auth == auth_kind::client_credentials)
      co_return failure(refused_client_token(of));
    if (answer)
      take_out(of, shown, answer->body);
    co_return answer;
  }
  show_token(of, request, of.token);
  auto answer = co_await context.http.send(std::move(request));
  if (!answer)
    co_return answer;
  if (answer->status == unauthorised) // nobody can consent to anything: what helps stands in the configuration
    co_return failure(refused_by_configuration(of));
  take_out(of, of.token, answer->body);
  co_return answer;
}

} // namespace penstock::connectors::http_json
