#include "sandbox/oauth_routes.hpp"

#include <algorithm>
#include <utility>

#include <openssl/evp.h>

#include "net/url.hpp"
#include "sandbox/json_reply.hpp"
#include "sandbox/user_name.hpp"

namespace penstock::sandbox {

namespace {

constexpr std::uint32_t shown_users = 4;

std::string text_at(const net::query_parameters& from, std::string_view name) {
  return std::string(net::find_parameter(from, name).value_or(""));
}

std::string html_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

net::http_reply html_reply(int status, const std::string& body) {
  net::http_reply reply;
  reply.status = status;
  reply.headers.add("Content-Type", "text/html; charset=utf-8");
  reply.body = "<!doctype html><title>Sandbox consent</title>" + body;
  return reply;
}

net::http_reply lead_back(net::url to, const net::query_parameters& with) {
  to.add_query(with);
  net::http_reply reply;
  reply.status = 302;
  reply.headers.add("Location", to.to_string());
  reply.headers.add("Cache-Control", "no-store");
  return reply;
}

net::http_reply buttons(const std::string& path, const net::query_parameters& asked) {
  const auto link = [&](net::query_parameters more, const std::string& text) {
    auto all = asked;
    all.insert(all.end(), more.begin(), more.end());
    return "<p><a href=\"" + html_escaped(path + '?' + net::build_query(all)) + "\">" + text + "</a>";
  };
  std::string body = "<h1>" + html_escaped(text_at(asked, "client_id")) + " wants to see accounts</h1>";
  for (std::uint32_t user = 1; user <= shown_users; ++user)
    body += link({{"decision", "approve"}, {"user", user_name(user)}}, "Approve as " + user_name(user));
  return html_reply(200, body + link({{"decision", "deny"}}, "Deny"));
}

net::http_reply refused(refusal why) {
  switch (why) {
    case refusal::wrong_client:
      return code_reply(401, "unauthorized.bad_client", "Client id or secret is wrong", "invalid_client");
    case refusal::unknown_code:
      return code_reply(400, "bad_request.authorization_code.invalid", "Authorization code is unknown or was used",
                        "invalid_grant");
    case refusal::expired_code:
      return code_reply(400, "bad_request.authorization_code.expired", "Authorization code has expired",
                        "invalid_grant");
    case refusal::evicted_refresh_token:
      return code_reply(400, "bad_request.refresh_token.evicted", "Refresh token was used already");
    case refusal::unknown_refresh_token: break;
  }
  return code_reply(400, "bad_request.refresh_token.invalid", "Refresh token is not valid");
}

/// Id and secret of `Authorization: Basic`, each encoded as in a form (RFC 6749, 2.3.1). Empty: it is not written so.
std::pair<std::string, std::string> client_of(std::string_view header) {
  constexpr std::string_view scheme = "Basic ";
  if (!header.starts_with(scheme))
    return {};
  const auto written = header.substr(scheme.size());
  std::string text(written.size() / 4 * 3 + 3, '\0');
  const auto size =
    EVP_DecodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                    reinterpret_cast<const unsigned char*>(written.data()), static_cast<int>(written.size()));
  text.resize(static_cast<std::size_t>(std::max(size, 0)));
  while (text.ends_with('\0')) // of the padding
    text.pop_back();
  const auto colon = text.find(':');
  if (colon == std::string::npos)
    return {};
  return {net::percent_decode(text.substr(0, colon)).value_or(""),
          net::percent_decode(text.substr(colon + 1)).value_or("")};
}

net::http_reply granted(const issued_tokens& tokens) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(tokens.expires_in).count();
  boost::json::object body{
    {"access_token", tokens.access_token}, {"client_id", tokens.client_id}, {"expires_in", seconds}};
  if (!tokens.refresh_token.empty())
    body["refresh_token"] = tokens.refresh_token;
  body["token_type"] = "Bearer";
  if (!tokens.refresh_token.empty()) // else it is nobody's
    body["user_id"] = user_name(tokens.user);
  auto reply = json_reply(200, std::move(body));
  reply.headers.add("Cache-Control", "no-store");
  return reply;
}

} // namespace

net::http_reply consent_page(oauth_provider& oauth, const net::http_server_request& request, bool asks) {
  const auto asked = request.query_values();
  const auto back = net::parse_url(text_at(asked, "redirect_uri"));
  if (text_at(asked, "client_id").empty() || text_at(asked, "response_type") != "code" || !back)
    return html_reply(400, "<p>A consent page needs client_id, redirect_uri and response_type=code.");
  std::optional<std::uint32_t> user;
  if (const auto named = text_at(asked, "user"); !named.empty()) {
    user = user_number(named);
    if (!user)
      return html_reply(400, "<p>A user is written like user_1.");
  }
  const auto decision = text_at(asked, "decision");
  const auto state = text_at(asked, "state");
  if (decision == "deny")
    return lead_back(*back, {{"error", "access_denied"}, {"state", state}});
  if (asks && decision != "approve")
    // Relative, so that it stays right below any mount.
    return buttons({}, asked);
  auto code = oauth.give_code(text_at(asked, "client_id"), text_at(asked, "redirect_uri"), user);
  return lead_back(*back, {{"code", std::move(code)}, {"state", state}});
}

net::http_reply token_endpoint(oauth_provider& oauth, const net::http_server_request& request) {
  bearer who;
  if (request.headers.contains("Authorization"))
    if (auto stale = refuse_token(oauth, request, who))
      return std::move(*stale);
  if (!request.headers.value_or("Content-Type", "").starts_with("application/x-www-form-urlencoded"))
    return code_reply(400, "bad_request", "Send application/x-www-form-urlencoded");
  const auto form = net::parse_query(request.body);
  const auto grant_type = text_at(form, "grant_type");
  const auto client = text_at(form, "client_id"), secret = text_at(form, "client_secret");
  oauth_provider::answer answer;
  if (grant_type == "authorization_code")
    answer = oauth.exchange_code(client, secret, text_at(form, "redirect_uri"), text_at(form, "code"));
  else if (grant_type == "refresh_token")
    answer = oauth.refresh(client, secret, text_at(form, "refresh_token"));
  else
    return code_reply(400, "bad_request.bad_param.grant_type", "Unknown grant type", "unsupported_grant_type");
  return answer.first ? granted(*answer.first) : refused(answer.second);
}

std::optional<net::http_reply> grant_to_client(oauth_provider& oauth, const net::http_server_request& request) {
  const auto form = net::parse_query(request.body);
  if (text_at(form, "grant_type") != "client_credentials")
    return std::nullopt;
  auto client = std::pair{text_at(form, "client_id"), text_at(form, "client_secret")};
  if (const auto shown = request.headers.value_or("Authorization", ""); !shown.empty())
    client = client_of(shown);
  const auto answer = oauth.grant_to_client(client.first, client.second);
  return answer.first ? granted(*answer.first) : refused(answer.second);
}

std::optional<net::http_reply> refuse_token(oauth_provider& oauth, const net::http_server_request& request,
                                            bearer& who) {
  const auto header = request.headers.value_or("Authorization", "");
  constexpr std::string_view scheme = "Bearer ";
  if (header.size() > scheme.size() && net::equals_ignoring_case(header.substr(0, scheme.size()), scheme))
    who = oauth.check(header.substr(scheme.size()));
  constexpr std::string_view oauth_error = "invalid_token";
  switch (who.state) {
    case access::good: return {};
    case access::not_approved:
      return code_reply(403, "forbidden.insufficient_permissions",
                        "Access forbidden due to insufficient permissions: approve it in the app");
    case access::expired:
      return code_reply(401, "unauthorized.bad_access_token.expired", "Access token has expired", oauth_error);
    case access::evicted:
      return code_reply(401, "unauthorized.bad_access_token.evicted",
                        "Access token has been evicted due to a login elsewhere", oauth_error);
    case access::unknown: break;
  }
  return code_reply(401, "unauthorized.bad_access_token", "Access token is not valid", oauth_error);
}

} // namespace penstock::sandbox
