#include "gateway/integration_advice.hpp"

#include <utility>

#include "core/id_text.hpp"
#include "gateway/integration_replies.hpp"

namespace penstock::gateway {
namespace {

using status = integration_status;

std::optional<std::string> why_not_resumed(const integration& account, const connectors::service* service) {
  const auto id = to_string(account.id);
  if (service != nullptr && !service->is_fetched())
    return "is not paused";
  switch (account.schedule.status) {
    case status::idle: return "is not paused: to sync it now, penstock integrations fetch " + id;
    case status::processing: return "is not paused, but being synced: penstock integrations show " + id;
    case status::failed:
      return "is not paused, but its last sync failed: to try it now, penstock integrations fetch " + id + " --force";
    default: return std::nullopt;
  }
}

std::optional<std::string> why_not(integration_wish wish, const integration& account, const consent_state& consent,
                                   const connectors::service* service) {
  const auto id = to_string(account.id);
  switch (account.schedule.status) {
    case status::disconnected:
      return "was disconnected for good: penstock integrations add " + account.service + " makes a new one";
    case status::requires_reauth: {
      auto missing = missing_access(account, consent, service);
      return wish == integration_wish::pause ? "is not synced anyway, because it " + missing : missing;
    }
    case status::paused:
      if (wish != integration_wish::fetch)
        return std::nullopt;
      return consent.awaited ? missing_access(account, consent, service)
                             : "is paused: penstock integrations resume " + id + " lets it go on";
    default: return wish == integration_wish::resume ? why_not_resumed(account, service) : std::nullopt;
  }
}

struct found_account {
  integration value;
  consent_state consent;
};

} // namespace

bool needs_no_access(const connectors::service* service) noexcept {
  return service != nullptr && !service->oauth && service->token == connectors::own_token::none;
}

std::string missing_access(const integration& account, const consent_state& consent,
                           const connectors::service* service) {
  const auto id = to_string(account.id);
  if (needs_no_access(service))
    return "waits until what its requests need is right in the configuration: penstock integrations resume " + id +
           " lets it go on";
  if (service != nullptr && !service->oauth)
    return (consent.token_awaited ? "has no token yet: penstock integrations token "
                                  : "needs another token: penstock integrations token ") +
           id;
  return (consent.awaited ? "was never authorised: penstock integrations authorize "
                          : "needs a new consent: penstock integrations authorize ") +
         id;
}

std::optional<std::string> advice_for(integration_wish wish, const integration& account, const consent_state& consent,
                                      const connectors::service* service) {
  auto why = why_not(wish, account, consent, service);
  if (why)
    why = "integration " + to_string(account.id) + " " + *why;
  return why;
}

net::asio::awaitable<error> with_advice(service_desk& desk, integration_id id, integration_wish wish, error why) {
  if (why.code != error_code::conflict)
    co_return why;
  auto read = [id, &services = desk.connectors](storage::read_session& db) -> result<found_account> {
    auto found = db.integrations().find(id);
    if (!found)
      return failure(std::move(found.error()));
    const auto consent = consent_of(db.integrations(), services, *found);
    return found_account{std::move(*found), consent};
  };
  const auto found = co_await desk.port.read(std::move(read));
  if (found)
    if (auto advice =
          advice_for(wish, found->value, found->consent, desk.connectors.find_service(found->value.service)))
      why.message = std::move(*advice);
  co_return why;
}

} // namespace penstock::gateway
