#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/time.hpp"

namespace penstock::sandbox {

/// What a token of ours says, readable for a restarted sandbox: it knows its connections again although it keeps no
/// files. Times have whole seconds.
struct oauth_token {
  bool is_refresh = false;
  std::uint32_t user = 0;       ///< from 1
  std::uint64_t generation = 0; ///< from 1; each grant or refresh makes the next
  timestamp issued_at = no_time;
  timestamp approved_at = no_time; ///< when the person consented
  std::string client_id;

  friend bool operator==(const oauth_token&, const oauth_token&) = default;
};

/// The token's text, sealed with a checksum that depends on `seed`. Good enough for a stand-in, worthless as a secret.
[[nodiscard]] std::string write_token(const oauth_token& token, std::uint64_t seed);

/// Nothing for what `write_token` did not make with this seed.
[[nodiscard]] std::optional<oauth_token> read_token(std::string_view text, std::uint64_t seed);

} // namespace penstock::sandbox
