#include "net/oauth2.hpp"

#include <algorithm>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "net/base64.hpp"
#include "net/provider_status.hpp"
#include "net/url.hpp"

namespace penstock::net {

namespace {

namespace json = boost::json;

std::string text_of(const json::value& value) {
  if (const auto* text = value.if_string())
    return {text->data(), text->size()};
  return json::serialize(value);
}

std::string text_at(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains({name.data(), name.size()});
  return value != nullptr && !value->is_null() ? text_of(*value) : std::string{};
}

std::string origin_of(const oauth2_provider& provider) {
  const auto target = parse_url(provider.token_url);
  return target ? target->origin() + target->path : "the token endpoint";
}

std::string scope_of(const oauth2_provider& provider) {
  std::string scope;
  for (const auto& one : provider.scopes)
    scope += (scope.empty() ? "" : " ") + one;
  return scope;
}

/// Seconds as a number or, as some providers write it, as text. 0 for what is neither or not positive.
duration lifetime_of(const json::object& object) {
  constexpr double longest = 100.0 * 366 * 24 * 3600;
  const auto* value = object.if_contains("expires_in");
  if (value == nullptr)
    return duration::zero();
  double seconds = 0;
  if (value->is_number())
    seconds = value->to_number<double>();
  else if (const auto* text = value->if_string())
    seconds = std::strtod(text->c_str(), nullptr);
  if (!(seconds > 0))
    return duration::zero();
  return std::chrono::seconds(static_cast<std::int64_t>(std::min(seconds, longest)));
}

/// The grant itself is spent, revoked or unknown: only the person can give a new one.
bool is_lost_grant(const oauth2_provider& provider, std::string_view code) {
  if (code == "invalid_grant")
    return true;
  if (std::find(provider.reauth_codes.begin(), provider.reauth_codes.end(), code) != provider.reauth_codes.end())
    return true;
  const bool about_token =
    code.find("refresh_token") != std::string_view::npos || code.find("authorization_code") != std::string_view::npos;
  return about_token && (code.ends_with(".invalid") || code.ends_with(".evicted") || code.ends_with(".expired"));
}

bool is_refused_client(std::string_view code) { return code == "invalid_client" || code == "unauthorized_client"; }

/// Codes are short words; anything else that a provider put there is not repeated, it may echo what we sent.
std::string shown(std::string_view code) {
  const auto ok = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           c == '-';
  };
  return code.size() <= 64 && std::all_of(code.begin(), code.end(), ok) ? std::string(code) : "an unreadable code";
}

tl::unexpected<error> read_refusal(const oauth2_provider& provider, const http_response& response, timestamp now) {
  http_request asked;
  asked.method = "POST";
  asked.url = provider.token_url;
  error out = provider_error(asked, response, now)
                .value_or(error{error_code::unexpected_shape, "the token endpoint gave no usable answer"});
  boost::system::error_code malformed;
  const auto body = json::parse(response.body, malformed);
  if (malformed || !body.is_object() || response.status >= 500 || response.status == 429)
    return failure(std::move(out));
  // RFC 6749, 5.2 has "error"; some providers say it in "code".
  for (const std::string_view field : {"error", "code"}) {
    const auto code = text_at(body.get_object(), field);
    if (code.empty())
      continue;
    if (is_lost_grant(provider, code))
      return failure(error_code::requires_reauth,
                     origin_of(provider) + " says that the grant is no longer good: " + shown(code));
    if (is_refused_client(code))
      return failure(error_code::bad_configuration,
                     origin_of(provider) + " refuses the client: " + shown(code) + "; check client id and secret");
    out.message += " (" + shown(code) + ')';
    break;
  }
  return failure(std::move(out));
}

} // namespace

result<std::string> authorization_url(const oauth2_provider& provider, std::string_view state,
                                      std::string_view pkce_challenge) {
  auto target = parse_url(provider.authorize_url);
  if (!target)
    return failure(error_code::bad_configuration, "the authorisation address is " + target.error().message);
  query_parameters parameters{{"response_type", "code"},
                              {"client_id", provider.client_id},
                              {"redirect_uri", provider.redirect_uri},
                              {"state", std::string(state)}};
  if (auto scope = scope_of(provider); !scope.empty())
    parameters.emplace_back("scope", std::move(scope));
  if (!pkce_challenge.empty()) {
    parameters.emplace_back("code_challenge", pkce_challenge);
    parameters.emplace_back("code_challenge_method", "S256");
  }
  parameters.insert(parameters.end(), provider.extra.begin(), provider.extra.end());
  target->add_query(parameters);
  return target->to_string();
}

result<token_grant> read_token_answer(const oauth2_provider& provider, const http_response& response, timestamp now) {
  if (response.status / 100 != 2)
    return read_refusal(provider, response, now);
  boost::system::error_code malformed;
  const auto body = json::parse(response.body, malformed);
  if (malformed)
    return failure(error_code::truncated_body, origin_of(provider) + " answered with something that is not JSON");
  const auto* object = body.if_object();
  token_grant out;
  if (object != nullptr)
    out.access_token = text_at(*object, "access_token");
  if (out.access_token.empty())
    return failure(error_code::unexpected_shape, origin_of(provider) + " answered without an access token");
  out.refresh_token = text_at(*object, "refresh_token");
  out.expires_in = lifetime_of(*object);
  out.token_type = text_at(*object, "token_type");
  out.user_id = text_at(*object, "user_id");
  for (const auto& [name, value] : *object) {
    const std::string key(name.data(), name.size());
    if (key != "access_token" && key != "refresh_token" && key != "expires_in" && key != "token_type" &&
        key != "user_id")
      out.extra.emplace(key, text_of(value));
  }
  return out;
}

oauth2_client::oauth2_client(http_client& client, const wall_clock& clock, oauth2_provider provider)
    : client_(client), clock_(clock), provider_(std::move(provider)) {}

asio::awaitable<result<token_grant>> oauth2_client::exchange_code(std::string code, std::string pkce_verifier) {
  query_parameters form{
    {"grant_type", "authorization_code"}, {"redirect_uri", provider_.redirect_uri}, {"code", std::move(code)}};
  if (!pkce_verifier.empty())
    form.emplace_back("code_verifier", std::move(pkce_verifier));
  return ask(std::move(form));
}

asio::awaitable<result<token_grant>> oauth2_client::refresh(std::string refresh_token) {
  query_parameters form{{"grant_type", "refresh_token"}, {"refresh_token", std::move(refresh_token)}};
  return ask(std::move(form));
}

asio::awaitable<result<token_grant>> oauth2_client::ask_as_client() {
  query_parameters form{{"grant_type", "client_credentials"}};
  if (auto scope = scope_of(provider_); !scope.empty())
    form.emplace_back("scope", std::move(scope));
  form.insert(form.end(), provider_.extra.begin(), provider_.extra.end());
  auto granted = co_await ask(std::move(form));
  // There is no grant of a person's that could be spent: whatever is refused, it is the client or what it asks for.
  if (!granted && granted.error().code == error_code::requires_reauth)
    co_return failure(error_code::bad_configuration,
                      granted.error().message + ": no token for the client; check its id, secret and scopes");
  co_return granted;
}

asio::awaitable<result<token_grant>> oauth2_client::ask(query_parameters form) {
  http_request request;
  if (provider_.basic_client) {
    // Both are encoded as in a form before they are joined (RFC 6749, 2.3.1).
    request.headers.add("Authorization", "Basic " + base64(percent_encode(provider_.client_id) + ":" +
                                                           percent_encode(provider_.client_secret)));
  } else {
    form.emplace_back("client_id", provider_.client_id);
    if (!provider_.client_secret.empty())
      form.emplace_back("client_secret", provider_.client_secret);
  }
  request.method = "POST";
  request.url = provider_.token_url;
  request.headers.add("Content-Type", "application/x-www-form-urlencoded");
  request.headers.add("Accept", "application/json");
  request.body = form_encode(form);
  request.timeout = provider_.timeout;
  request.max_body = 256 * 1024;
  request.idempotent = false;
  request.fresh_connection = true;
  auto response = co_await client_.send(std::move(request));
  if (!response)
    co_return tl::unexpected(response.error());
  co_return read_token_answer(provider_, *response, clock_.now());
}

} // namespace penstock::net
