#include "gateway/integration_replies.hpp"

#include <spdlog/spdlog.h>

#include "gateway/integration_advice.hpp"
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

/// What the run that goes on has met: the latest error of its jobs that wait for their next attempt, else what ended a
/// stream of it. Empty: nothing yet.
result<std::string> error_of_live_run(storage::read_session& db, run_id live) {
  const auto run = db.integrations().find_run(live);
  if (!run && run.error().code != error_code::not_found)
    return failure(run.error());
  if (!run || run->dry)
    return std::string{}; // a dry one says nothing of the integration
  storage::job_filter waiting;
  waiting.state = job_state::waiting;
  waiting.run = live;
  const auto jobs = db.jobs().list(waiting, {});
  if (!jobs)
    return failure(jobs.error());
  const attempt_error* latest = nullptr;
  for (const auto& each : jobs->items)
    if (!each.errors.empty() && (latest == nullptr || latest->at < each.errors.back().at))
      latest = &each.errors.back();
  return latest ? latest->message : run->error;
}

result<shown_integration> read_shown(storage::read_session& db, const connectors::catalogue& services,
                                     integration_id id) {
  auto& reads = db.integrations();
  auto value = reads.find(id);
  if (!value)
    return failure(std::move(value.error()));
  if (value->live_run) {
    // The row tells of the run before until this one ends.
    auto met = error_of_live_run(db, value->live_run);
    if (!met)
      return failure(std::move(met.error()));
    if (!met->empty())
      value->last_error = std::move(*met);
  }
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
  auto read = [id, &services = desk.connectors](storage::read_session& db) { return read_shown(db, services, id); };
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
  const auto status = value.schedule.status;
  if (status == integration_status::requires_reauth ||
      (status != integration_status::disconnected && (state.awaited || state.token_awaited)))
    state.to_do = missing_access(value, state, service);
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
