#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "gateway/caller.hpp"
#include "messages/engine_change.hpp"
#include "net/asio.hpp"
#include "net/http_handler.hpp"

namespace penstock::gateway {

struct service_desk;

struct route;

/// One request on its way to its handler. It outlives the handler's coroutine.
struct call {
  net::http_server_request request;
  /// What stood at the `{…}` of the pattern, in order, decoded.
  std::array<std::string, 2> captured{};
  std::string request_id{};
  caller who{};
  const route* at = nullptr;
  /// From `Idempotency-Key`: stands first in the unit of work that the call commits.
  std::optional<do_once> once{};
  /// From `If-Match`: the version that the caller edits.
  std::optional<std::int64_t> expected_version{};
  // What a handler says of it, for the audit and the answer.
  organisation_id concerns{}; ///< whose thing is changed; 0: nobody's, or it is not known
  std::string made{};         ///< the id or name of what is made
  bool repeated = false;      ///< under its key it was done before

  [[nodiscard]] const std::string& id() const noexcept { return captured[0]; }
};

/// What a handler makes of a call: a reply, or the error that becomes a problem document. Runs on the connection's
/// strand and must not block.
using answer = net::asio::awaitable<result<net::http_reply>>;
using route_handler = answer (*)(service_desk&, call&);

/// One line of the table of routes.
struct route {
  std::string_view method;  ///< GET serves HEAD too, unless `acts`
  std::string_view pattern; ///< "/api/v1/queues/{name}/pause"
  access_rule needs = access_level::admin;
  route_handler handler = nullptr;
  bool takes_query = false;  ///< others refuse parameters, so that a mistyped one is never passed over
  bool acts = false;         ///< a GET with effects (it spends a code): HEAD is refused
  bool edits = false;        ///< takes If-Match, and tells the new version
  bool tells_secret = false; ///< its answer must be kept nowhere: it takes no Idempotency-Key
  /// Its callers are providers: parameters, Idempotency-Key and If-Match are theirs, and mean nothing here.
  bool foreign = false;
};

/// For tables of routes.
inline constexpr bool with_query = true;
inline constexpr bool without_query = false;
inline constexpr bool with_effects = true;
inline constexpr bool without_effects = false;
inline constexpr bool with_version = true;
inline constexpr bool without_version = false;
inline constexpr bool tells_a_secret = true;

} // namespace penstock::gateway
