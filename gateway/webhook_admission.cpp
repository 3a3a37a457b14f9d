#include "gateway/webhook_admission.hpp"

#include <utility>

#include <openssl/crypto.h>

#include "core/quotable.hpp"
#include "gateway/api_error.hpp"
#include "net/problem.hpp"

namespace penstock::gateway {
namespace {

/// Of a secret as we make it 43; a configured one may be longer.
constexpr std::size_t longest_secret = 512;
constexpr auto while_paused = std::chrono::minutes(5);

/// Where the path holds no secret, one of these does.
std::string_view secret_in(const net::http_headers& headers) {
  for (const auto* name : {"X-Webhook-Secret", "api-key"})
    if (const auto value = headers.value_or(name, {}); !value.empty())
      return value;
  constexpr std::string_view scheme = "Bearer ";
  auto value = headers.value_or("Authorization", {});
  if (value.size() > scheme.size() && net::equals_ignoring_case(value.substr(0, scheme.size()), scheme))
    value.remove_prefix(scheme.size());
  while (value.starts_with(' '))
    value.remove_prefix(1);
  return value;
}

net::http_reply problem(int status, std::string_view code, std::string_view detail) {
  return net::problem_reply({.status = status, .code = code, .detail = detail});
}

net::http_reply later(error_code code, std::string detail, duration wait) {
  error what{code, std::move(detail)};
  what.retry_after = wait;
  return error_reply(what);
}

net::http_reply no_webhooks(const service_desk& desk, const std::string& service) {
  const bool known = desk.connectors.find_service(service) != nullptr;
  return problem(404, "not_found",
                 known ? "this service takes no webhooks"
                       : "there is no service '" + quotable(service, 40) + "', or its connector is not enabled");
}

/// Each wrong secret is looked up and counted before it is refused: a flood from behind a proxy must not keep out those
/// who share its address and know theirs.
net::http_reply wrong_secret(service_desk& desk, const std::string& service, const net::http_server_request& head,
                             bool is_missing) {
  constexpr std::string_view missing = "send the integration's webhook secret: in the path behind the service, or in "
                                       "X-Webhook-Secret, api-key or Authorization";
  constexpr std::string_view unknown = "this webhook secret is not known (any more): make a new one with penstock "
                                       "integrations webhook ID";
  desk.refused.note(service, head.remote_address, is_missing ? missing : unknown);
  if (const auto wait = desk.webhooks.note_wrong_secret(head.remote_address, desk.clock.now()))
    return later(error_code::rate_limited, "too many wrong webhook secrets came from this address", *wait);
  auto reply = is_missing ? problem(401, "secret_required", missing) : problem(401, "invalid_secret", unknown);
  reply.headers.add("WWW-Authenticate", R"(Bearer realm="penstock webhooks")");
  return reply;
}

bool is_shared_secret(const connectors::webhook_intake& intake, const token_hash& presented) {
  if (intake.shared_secret.empty())
    return false;
  const auto shared = hash_token(intake.shared_secret);
  return CRYPTO_memcmp(shared.data(), presented.data(), shared.size()) == 0;
}

result<webhook_address> address_of(storage::integration_reads& reads, const integration& only) {
  auto own = reads.webhook_of(only.id);
  if (!own)
    return failure(std::move(own.error()));
  if (*own)
    return std::move(**own);
  webhook_address made;
  made.integration = only.id;
  made.service = only.service;
  made.organisation = only.organisation;
  made.status = only.schedule.status;
  return made;
}

using finding = result<std::optional<webhook_address>>;

/// The service's one integration; nullopt: there are several, or none.
finding find_only_one(storage::integration_reads& reads, const std::string& service) {
  const auto found = reads.list({.service = service}, {.limit = 2});
  if (!found)
    return failure(found.error());
  if (found->items.size() != 1 || !found->next_cursor.empty())
    return std::nullopt;
  auto address = address_of(reads, found->items.front());
  if (!address)
    return failure(std::move(address.error()));
  return std::move(*address);
}

net::asio::awaitable<result<webhook_desk::address>> look_up(service_desk& desk, const connectors::service& service,
                                                            const std::string& secret) {
  const auto hash = hash_token(secret);
  if (auto known = desk.webhooks.find(hash, desk.clock.now()))
    co_return known;
  const auto reading = desk.webhooks.begin_reading();
  auto read = [digits = to_hex(hash), name = service.name,
               is_shared = is_shared_secret(*service.webhook, hash)](storage::read_session& db) -> finding {
    auto own = db.integrations().find_webhook(digits);
    if (!own || *own || !is_shared)
      return own;
    return find_only_one(db.integrations(), name);
  };
  auto found = co_await desk.port.read(std::move(read));
  if (!found)
    co_return failure(std::move(found.error()));
  if (!*found)
    co_return webhook_desk::address{};
  auto address = std::make_shared<const webhook_address>(std::move(**found));
  desk.webhooks.keep(hash, address, reading, desk.clock.now());
  co_return address;
}

std::optional<net::http_reply> refuse_for_state(service_desk& desk, const webhook_address& address,
                                                const net::http_server_request& head) {
  constexpr std::string_view ended = "this integration is disconnected: send nothing more";
  if (address.status == integration_status::paused)
    return later(error_code::unavailable, "this integration is paused: nothing was stored, send it again later",
                 while_paused);
  if (address.status != integration_status::disconnected)
    return std::nullopt;
  desk.refused.note(address.service, head.remote_address, ended);
  return problem(410, "disconnected", ended);
}

bool is_encoded(const net::http_headers& headers) {
  const auto coding = headers.value_or("Content-Encoding", {});
  return !coding.empty() && !net::equals_ignoring_case(coding, "identity");
}

} // namespace

net::http_reply wrong_signature(service_desk& desk, const std::string& service, std::string_view remote_address,
                                std::string_view detail) {
  desk.refused.note(service, remote_address, detail);
  return problem(401, "invalid_signature", detail);
}

net::asio::awaitable<webhook_admission> admit_webhook(service_desk& desk, const net::http_server_request& head,
                                                      const webhook_target& target) {
  webhook_admission told;
  const auto* service = desk.connectors.find_service(target.service);
  if (service == nullptr || !service->webhook) {
    told.refusal = no_webhooks(desk, target.service);
    co_return told;
  }
  const std::string secret = target.secret.empty() ? std::string(secret_in(head.headers)) : target.secret;
  if (secret.empty() || secret.size() > longest_secret) {
    told.refusal = wrong_secret(desk, service->name, head, secret.empty());
    co_return told;
  }
  auto found = co_await look_up(desk, *service, secret);
  if (!found) {
    told.refusal = error_reply(found.error());
    co_return told;
  }
  if (!*found || (*found)->service != service->name) {
    told.refusal = wrong_secret(desk, service->name, head, false);
    co_return told;
  }
  told.refusal = refuse_for_state(desk, **found, head);
  if (!told.refusal && is_encoded(head.headers)) {
    constexpr std::string_view encoded =
      "send the body as it is, without Content-Encoding: it is stored and checked as it comes";
    desk.refused.note(service->name, head.remote_address, encoded);
    told.refusal = problem(415, "unsupported_encoding", encoded);
  }
  if (!told.refusal)
    if (const auto wait = desk.webhooks.spend((*found)->integration, desk.clock.now()))
      told.refusal = later(error_code::rate_limited, "this integration has taken as many deliveries as it may", *wait);
  if (told.refusal)
    co_return told;
  told.service = service;
  told.address = std::move(*found);
  co_return told;
}

} // namespace penstock::gateway
