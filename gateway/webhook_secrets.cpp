#include "gateway/webhook_secrets.hpp"

#include <utility>

#include "gateway/api_tables.hpp"
#include "gateway/body_reader.hpp"
#include "gateway/call_commit.hpp"
#include "gateway/reach.hpp"
#include "gateway/replies.hpp"
#include "net/webhook_url.hpp"

namespace penstock::gateway {
namespace {

/// Stripe makes its keys itself, each for one address.
bool is_ours_to_draw(net::webhook_scheme scheme) {
  return scheme == net::webhook_scheme::github || scheme == net::webhook_scheme::standard;
}

/// A new secret: the former one is good for nothing from the answer on.
answer renew(service_desk& desk, call& one) {
  const auto id = parse_id<integration_id>(one.id());
  if (!id)
    co_return failure(id.error());
  body_reader body(one.request.body);
  auto signing_secret = body.text("signing_secret", 512);
  if (auto problem = body.problem())
    co_return failure(std::move(*problem));
  const auto account = co_await find_reachable(desk, one, *id);
  if (!account)
    co_return failure(account.error());
  const auto* service = desk.connectors.find_service(account->service);
  if (service == nullptr || !service->webhook)
    co_return failure(error_code::conflict, "the service '" + account->service + "' takes no webhooks");
  auto read = [id = *id](storage::read_session& db) { return db.integrations().webhook_of(id); };
  const auto before = co_await desk.port.read(std::move(read));
  if (!before)
    co_return failure(before.error());
  const bool has_key = *before && !(*before)->signing_key.empty();
  auto made = draw_webhook(*service->webhook, *id, std::move(signing_secret), has_key);
  if (!made)
    co_return failure(std::move(made.error()));
  unit_of_work unit;
  unit.changes.emplace_back(made->change);
  const auto stored = co_await commit_for(desk, one, std::move(unit));
  desk.webhooks.forget_all(); // also after an error: it may be stored all the same
  if (!stored)
    co_return failure(stored.error());
  json_writer out;
  out.begin_object();
  render_new_webhook(out, desk, service->name, *made);
  out.end_object();
  co_return json_reply(out, 201);
}

} // namespace

result<new_webhook> draw_webhook(const connectors::webhook_intake& intake, integration_id id,
                                 std::optional<std::string> signing_secret, bool has_key) {
  new_webhook made;
  made.secret = net::make_webhook_secret();
  made.change.integration = id;
  made.change.hash = to_hex(hash_token(made.secret));
  if (intake.signature == net::webhook_scheme::none) {
    if (signing_secret)
      return failure(error_code::invalid_argument, "leave out signing_secret: this service signs nothing");
    return made;
  }
  if (signing_secret) {
    if (auto fits = net::check_signing_key(intake.signature, *signing_secret); !fits)
      return failure(std::move(fits.error()));
    made.change.signing_key = std::move(signing_secret);
  } else if (!has_key && is_ours_to_draw(intake.signature)) {
    made.signing_secret = net::make_signing_key(intake.signature);
    made.change.signing_key = made.signing_secret;
  }
  return made;
}

std::string webhook_url(const service_desk& desk, const std::string& service, std::string_view secret) {
  return net::webhook_url(desk.public_url, service, secret);
}

void render_new_webhook(json_writer& out, const service_desk& desk, const std::string& service,
                        const new_webhook& made) {
  out.key("url").text(webhook_url(desk, service, made.secret)).key("secret").text(made.secret);
  out.key("signing_secret").text_or_null(made.signing_secret);
}

std::span<const route> webhook_secret_routes() {
  static constexpr route table[] = {
    {"POST", "/api/v1/integrations/{id}/webhook-secret", scoped(access_level::operating), renew, without_query,
     without_effects, without_version, tells_a_secret},
  };
  return table;
}

} // namespace penstock::gateway
