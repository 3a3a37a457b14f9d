#include "node/sentry_setup.hpp"

#include <string>
#include <utility>

#include "net/url_guard.hpp"
#include "node/version.hpp"

namespace penstock::node {

std::vector<config::objection> sentry_objections(const config::settings& values) {
  constexpr const char* key = "sentry.dsn";
  if (values.sentry.dsn.empty())
    return {};
  const auto dsn = net::sentry_dsn::parse(values.sentry.dsn);
  if (!dsn)
    return {{key, dsn.error().message}};
  const net::url_guard guard(values.http.allow_private_hosts);
  if (const auto allowed = guard.check_unresolved(dsn->envelope(), false); !allowed)
    return {{key, allowed.error().message}};
  return {};
}

result<std::shared_ptr<sentry_reporter>> make_sentry_reporter(const config::settings& values, net::http_client& http,
                                                              const wall_clock& clock, random_source& random,
                                                              net::asio::any_io_executor executor) {
  if (values.sentry.dsn.empty())
    return nullptr;
  auto dsn = net::sentry_dsn::parse(values.sentry.dsn);
  if (!dsn)
    return failure(error_code::bad_configuration, "sentry.dsn " + dsn.error().message);
  sentry_reporter_config config;
  config.dsn = *std::move(dsn);
  config.repeat_after = values.sentry.repeat_after;
  config.sender.environment = values.sentry.environment;
  config.sender.version = program_version();
  config.sender.release = values.sentry.release.empty() ? "penstock@" + config.sender.version : values.sentry.release;
  config.sender.server_name = values.node.name;
  return std::make_shared<sentry_reporter>(std::move(config), http, clock, random, std::move(executor));
}

} // namespace penstock::node
