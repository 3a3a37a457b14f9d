// Tokens that people are given by a provider's pages, in place of a consent.
#include <spdlog/spdlog.h>

#include "gateway/api_tables.hpp"
#include "gateway/body_reader.hpp"
#include "gateway/call_commit.hpp"
#include "gateway/integration_replies.hpp"
#include "gateway/reach.hpp"
#include "net/http_headers.hpp"

namespace penstock::gateway {
namespace {

constexpr std::size_t longest_token = 8192;

/// What to do of one whose service takes no token.
std::string instead_of_token(const integration& account, const connectors::service& service) {
  const auto id = to_string(account.id);
  if (!service.is_fetched())
    return "who sends to them needs the address of their webhooks (penstock integrations show " + id + ")";
  std::string told = "none is needed, or the configuration holds it (penstock check-config)";
  if (account.schedule.status == integration_status::requires_reauth)
    told += "; when that is right, penstock integrations resume " + id + " lets it go on";
  return told;
}

/// Whether a given token may take the place of what is stored; the error says what to do instead: `bad_configuration` where
/// no integration of the service takes one.
result<void> check_takes_token(const service_desk& desk, const integration& account) {
  const auto id = to_string(account.id);
  const auto* service = desk.connectors.find_service(account.service);
  if (service == nullptr)
    return failure(error_code::conflict, "the connector of service '" + account.service +
                                           "' is not enabled on this node, which cannot tell whether it takes a "
                                           "token: enable it and restart");
  if (service->oauth)
    return failure(error_code::bad_configuration, "service '" + account.service +
                                                    "' gets its tokens by a consent: penstock integrations authorize " +
                                                    id);
  if (service->token == connectors::own_token::none)
    return failure(error_code::bad_configuration,
                   "integrations of service '" + account.service +
                     "' take no token of their own: " + instead_of_token(account, *service));
  if (account.schedule.status == integration_status::disconnected)
    return failure(error_code::conflict, "integration " + id +
                                           " was disconnected: add a new one (penstock integrations add " +
                                           account.service + ") and give that the token");
  return {};
}

/// Stored encrypted, as what a consent brings; a sync begins with it unless somebody paused the integration. It is shown
/// nowhere again.
answer store_token(service_desk& desk, call& one) {
  const auto id = parse_id<integration_id>(one.id());
  if (!id)
    co_return failure(id.error());
  body_reader body(one.request.body);
  const auto token = body.text("token", longest_token);
  if (!token || token->empty())
    body.refuse("token is missing");
  else if (!net::is_valid_field("x", *token))
    body.refuse("token holds a line break or another sign that cannot be sent");
  if (auto problem = body.problem())
    co_return failure(std::move(*problem));
  const auto account = co_await find_reachable(desk, one, *id);
  if (!account)
    co_return failure(account.error());
  if (auto takes = check_takes_token(desk, *account); !takes)
    co_return failure(std::move(takes.error()));
  const bool paused = account->schedule.status == integration_status::paused;
  if (auto noted = co_await note_for(desk, one); !noted)
    co_return failure(std::move(noted.error()));
  credential stored;
  stored.integration = *id;
  stored.access_token = *token;
  auto installed = co_await desk.port.install_tokens(*id, std::move(stored), paused);
  desk.webhooks.forget_all(); // it may be sent to from now on
  if (!installed)
    co_return failure(std::move(installed.error()));
  if (!paused) {
    // Whether it is a good one, the first sync tells.
    const auto begun = co_await desk.port.fetch_integration(*id, true, origin_of(one), false);
    if (!begun)
      spdlog::info("no sync of integration {} was begun with its new token: {}", to_string(*id), begun.error().message);
  }
  auto reply = co_await integration_reply(desk, *id);
  co_return reply;
}

} // namespace

std::span<const route> integration_token_routes() {
  static constexpr route table[] = {
    {"POST", "/api/v1/integrations/{id}/token", scoped(access_level::operating), store_token, without_query,
     without_effects, without_version, tells_a_secret},
  };
  return table;
}

} // namespace penstock::gateway
