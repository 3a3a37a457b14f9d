#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/ip_address.hpp"
#include "net/asio.hpp"

namespace penstock::net {

/// The addresses of a host's name, in the order in which they are tried; `network` when there are none. A seam, so that
/// tests may have a name service that changes its mind.
using host_resolver = std::function<asio::awaitable<result<std::vector<ip_address>>>(std::string host)>;

/// What the system says. A literal address is itself; `localhost` and names below it are 127.0.0.1, then ::1, without asking
/// anybody. It has no limit of its own; cancelling the coroutine ends it.
[[nodiscard]] asio::awaitable<result<std::vector<ip_address>>> resolve_host(std::string host);

} // namespace penstock::net
