#pragma once

#include <cstdint>
#include <string>

#include "core/ids.hpp"
#include "core/time.hpp"

namespace penstock {

/// The tokens of one connection, in the clear: lives in memory only, on its way to or from the encrypted table.
struct credential {
  credential_id id{};
  integration_id integration{};
  std::string access_token;
  std::string refresh_token; ///< empty: cannot be refreshed
  timestamp access_expires_at = no_time; ///< no_time: does not expire
  std::string account; ///< the provider's name for who consented
  std::int64_t version = 0; ///< counts rotations; a write names the version that it replaces
  timestamp updated_at = no_time;
};

} // namespace penstock
