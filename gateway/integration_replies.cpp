#include "gateway/integration_replies.hpp"

#include <spdlog/spdlog.h>

#include "gateway/render.hpp"
#include "gateway/replies.hpp"

namespace penstock::gateway {
namespace {

struct shown_integration {
  integration value;
  consent_state consent;
  std::vector<stream_cursor> cursors;
  std::optional<webhook_address> webhook;
};

result<shown_integration> read_shown(storage::integration_reads& reads, const connectors::catalogue& services,
                                     integration_id id) {
  auto value = reads.find(id);
  if (!value)
    return failure(std::move(value.error()));
  auto cursors = reads.cursors(id);
  if (!cursors)
    return failure(std::move(cursors.error()));
  const auto consent = consent_of(reads, services, *value);
  auto webhook = reads.webhook_of(id);
  if (!webhook) {
    spdlog::warn("the signing key of integration {} cannot be read: {}", id.value, webhook.error().message);
    webhook = std::nullopt;
  }
  return shown_integration{std::move(*value), consent, std::move(*cursors), std::move(*webhook)};
}

/// Empty where the service takes no webhooks. The secret is shown when it is made, and never again.
std::string webhook_json(const service_desk& desk, const shown_integration& shown, const new_webhook* made) {
  const auto* service = desk.connectors.find_service(shown.value.service);
  if (service == nullptr || !service->webhook)
    return {};
  json_writer out;
  out.begin_object();
  if (made)
    render_new_webhook(out, desk, service->name, *made);
  else
    out.key("url").text(webhook_url(desk, service->name));
  out.key("secret_made_at").time(shown.webhook ? shown.webhook->created_at : no_time);
  out.key("signature").text_or_null(to_string(service->webhook->signature));
  out.key("has_signing_secret").boolean(shown.webhook && !shown.webhook->signing_key.empty());
  out.end_object();
  return out.take();
}

net::asio::awaitable<result<net::http_reply>> shown(service_desk& desk, integration_id id, int status,
                                                    const new_webhook* made) {
  auto read = [id, &services = desk.connectors](storage::read_session& db) {
    return read_shown(db.integrations(), services, id);
  };
  auto found = co_await desk.port.read(std::move(read));
  if (!found)
    co_return failure(std::move(found.error()));
  json_writer out;
  render(out, found->value, found->consent, &found->cursors, webhook_json(desk, *found, made));
  co_return with_version_of(json_reply(out, status), found->value.version);
}

} // namespace

consent_state consent_of(storage::integration_reads& reads, const connectors::catalogue& services,
                         const integration& value) {
  const auto stored = reads.credential_of(value.id);
  const auto* service = services.find_service(value.service);
  consent_state state;
  state.fetched = service == nullptr || service->is_fetched();
  if (!stored) {
    // Integrations are shown although a credential cannot be opened: how else would anybody see which.
    spdlog::warn("the credential of integration {} cannot be read: {}", value.id.value, stored.error().message);
  } else if (*stored) {
    state.authorised_at = (*stored)->updated_at;
  } else if (service != nullptr) {
    state.awaited = service->oauth.has_value();
    state.token_awaited = service->token == connectors::own_token::needed;
  }
  return state;
}

net::asio::awaitable<result<net::http_reply>> integration_reply(service_desk& desk, integration_id id) {
  return shown(desk, id, 200, nullptr);
}

net::asio::awaitable<result<net::http_reply>> integration_reply(service_desk& desk, integration_id id,
                                                                const std::optional<new_webhook>& made) {
  auto reply = co_await shown(desk, id, 201, made ? &*made : nullptr);
  if (reply)
    reply->headers.add("Location", "/api/v1/integrations/" + to_string(id));
  co_return reply;
}

net::asio::awaitable<result<integration>> find_integration(service_desk& desk, integration_id id) {
  auto read = [id](storage::read_session& db) { return db.integrations().find(id); };
  auto found = co_await desk.port.read(std::move(read));
  co_return found;
}

} // namespace penstock::gateway
