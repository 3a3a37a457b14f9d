#include <spdlog/spdlog.h>

#include "core/quotable.hpp"
#include "gateway/api_error.hpp"
#include "gateway/api_tables.hpp"
#include "gateway/call_commit.hpp"
#include "gateway/html_page.hpp"
#include "gateway/integration_replies.hpp"
#include "gateway/reach.hpp"
#include "gateway/session_cookie.hpp"
#include "net/oauth2.hpp"
#include "net/pkce.hpp"

namespace penstock::gateway {
namespace {

constexpr std::string_view failed_title = "Not authorised";

net::http_reply failed_page(const error& why) { return html_page(status_of(why.code), failed_title, why.message); }

net::http_reply no_service_page(const std::string& name) {
  return html_page(404, failed_title, "There is no service '" + quotable(name, 40) + "' that people authorise.");
}

/// The provider's endpoints with our address to come back to; nothing for a service without.
std::optional<net::oauth2_provider> provider_of(const service_desk& desk, const std::string& name) {
  const auto* service = desk.connectors.find_service(name);
  if (service == nullptr || !service->oauth)
    return std::nullopt;
  auto provider = *service->oauth;
  provider.redirect_uri = desk.public_url + "/oauth/" + name + "/callback";
  return provider;
}

std::string parameter(const net::query_parameters& all, std::string_view name) {
  return std::string(net::find_parameter(all, name).value_or(""));
}

/// What somebody who signed in may start from a page of this node, without a link; an error is a page to show.
net::asio::awaitable<tl::expected<authorisation_desk::target, net::http_reply>>
allowed_by_session(service_desk& desk, call& one, authorisation_desk::target wanted) {
  if (one.who.level < access_level::operating)
    co_return tl::unexpected(html_page(403, failed_title,
                                       "Open a link that was made for this (penstock integrations authorize " +
                                         to_string(wanted.integration) + "), or sign in as one who may run syncs."));
  if (one.who.user && !is_from_own_page(one.request, desk.public_url))
    co_return tl::unexpected(html_page(403, failed_title, "Start this from Penstock's own pages."));
  const auto found = co_await find_reachable(desk, one, wanted.integration);
  if (!found)
    co_return tl::unexpected(failed_page(found.error()));
  if (found->service != wanted.service)
    co_return tl::unexpected(html_page(400, failed_title, "The integration is one of " + found->service + "."));
  if (one.who.user)
    wanted.session = to_hex(one.who.credential);
  co_return wanted;
}

/// Spends a one-time link, or asks who signed in, and sends the browser to the provider.
answer start(service_desk& desk, call& one) {
  const std::string service = one.id();
  const auto provider = provider_of(desk, service);
  if (!provider)
    co_return no_service_page(service);
  const auto query = one.request.query_values();
  const auto integration = parse_id<integration_id>(parameter(query, "integration"));
  if (!integration)
    co_return html_page(400, failed_title, "This address is not complete: open the link as it was printed.");
  const auto now = desk.clock.now();
  const authorisation_desk::target expected{service, *integration, {}, {}};
  const auto link = parameter(query, "link");
  auto target = desk.authorisations.spend_link(link, expected, now);
  if (link.empty()) {
    const auto allowed = co_await allowed_by_session(desk, one, expected);
    if (!allowed)
      co_return allowed.error();
    target = *allowed;
  }
  if (!target)
    co_return html_page(403, failed_title,
                        "This link was used already, is more than ten minutes old, or was made on another node that "
                        "shares this address. Ask for a new one: penstock integrations authorize " +
                          to_string(*integration));
  std::string challenge;
  if (provider->pkce) {
    target->pkce_verifier = net::make_pkce_verifier();
    challenge = net::pkce_challenge(target->pkce_verifier);
  }
  const auto state = desk.authorisations.open_state(std::move(*target), now);
  const auto address = net::authorization_url(*provider, state, challenge);
  if (!address)
    co_return failed_page(address.error());
  net::http_reply away;
  away.status = 302;
  away.headers.add("Location", *address);
  away.headers.add("Cache-Control", "no-store");
  away.headers.add("Referrer-Policy", "no-referrer");
  co_return away;
}

credential credential_of(const net::token_grant& grant, integration_id integration, timestamp now) {
  credential tokens;
  tokens.integration = integration;
  tokens.access_token = grant.access_token;
  tokens.refresh_token = grant.refresh_token;
  tokens.access_expires_at = grant.expires_in > duration{0} ? now + grant.expires_in : no_time;
  tokens.account = grant.user_id;
  return tokens;
}

/// A refusal is the person's answer or the provider's, in its own words.
net::http_reply refused_page(const net::query_parameters& query) {
  auto said = parameter(query, "error_description");
  if (said.empty())
    said = parameter(query, "error");
  return html_page(400, failed_title, "The provider answered: " + quotable(said, 500));
}

/// The browser comes back with a code: it becomes tokens, which are stored before the first sync starts.
answer callback(service_desk& desk, call& one) {
  const std::string service = one.id();
  const auto provider = provider_of(desk, service);
  if (!provider)
    co_return no_service_page(service);
  const auto query = one.request.query_values();
  const auto target = desk.authorisations.spend_state(parameter(query, "state"), service, desk.clock.now());
  if (!target)
    co_return html_page(403, failed_title,
                        "This answer belongs to no authorisation that was started on this node within the last ten "
                        "minutes. Start again with a new link: penstock integrations authorize. Where several nodes "
                        "share an address, /oauth/ must stay on the node that made the link.");
  // Whoever began it by a session ends it in the same browser, and still may: nobody can send his own beginning to another
  // person, whose consent would go astray (RFC 9700, 4.7).
  if (!target->session.empty() &&
      (one.who.level < access_level::operating || to_hex(one.who.credential) != target->session))
    co_return html_page(403, failed_title, "Somebody else's browser began this, or its session is over. Start again.");
  if (net::find_parameter(query, "error"))
    co_return refused_page(query);
  const auto code = parameter(query, "code");
  if (code.empty())
    co_return html_page(400, failed_title, "The provider sent neither a code nor an error.");

  // Also a browser that knows nobody here is noted for whose integration it is.
  const auto account = co_await find_integration(desk, target->integration);
  if (!account)
    co_return failed_page(account.error());
  one.concerns = account->organisation;
  const auto verifier = target->pkce_verifier;
  net::oauth2_client client(desk.http, desk.clock, *provider);
  const auto grant = co_await client.exchange_code(code, verifier);
  if (!grant) {
    spdlog::warn("authorisation of integration {} failed: {}", to_string(target->integration), grant.error().message);
    co_return failed_page(grant.error());
  }
  // Before anything is stored, so that nothing is authorised of which nobody can be told. The address holds a code and a
  // state, which are nobody's to read.
  auto subject = "/api/v1/integrations/" + to_string(target->integration);
  if (const auto noted = co_await note_for(desk, one, std::move(subject)); !noted)
    co_return failed_page(noted.error());
  auto tokens = credential_of(*grant, target->integration, desk.clock.now());
  const auto stored = co_await desk.port.install_tokens(target->integration, std::move(tokens));
  if (!stored)
    co_return failed_page(stored.error());
  desk.webhooks.forget_all(); // it may be sent to from now on
  // People are told by the event that came with the tokens.
  spdlog::debug("integration {} was authorised", to_string(target->integration));
  const auto begun = co_await desk.port.fetch_integration(target->integration, true, "authorisation");
  co_return html_page(
    200, "Authorised",
    begun ? "Penstock may read from " + service + " now, and the first sync has begun. You may close this window."
          : "Penstock may read from " + service + " now. The next sync starts on its own. You may close this window.");
}

} // namespace

std::span<const route> oauth_routes() {
  static constexpr route table[] = {
    {"GET", "/oauth/{service}/start", access_level::anybody, start, with_query, with_effects},
    {"GET", "/oauth/{service}/callback", access_level::anybody, callback, with_query, with_effects},
  };
  return table;
}

} // namespace penstock::gateway
