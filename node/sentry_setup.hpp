#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "config/objection.hpp"
#include "config/settings.hpp"
#include "node/sentry_reporter.hpp"

namespace penstock::node {

/// What is wrong with `sentry.dsn`: it is none, or the guard would refuse its host whatever the name service says.
[[nodiscard]] std::vector<config::objection> sentry_objections(const config::settings& values);

/// The reporter that the settings ask for; null: none. The arguments outlive it.
[[nodiscard]] result<std::shared_ptr<sentry_reporter>>
make_sentry_reporter(const config::settings& values, net::http_client& http, const wall_clock& clock,
                     random_source& random, net::asio::any_io_executor executor);

} // namespace penstock::node
