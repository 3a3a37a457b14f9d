#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "core/error.hpp"

namespace penstock {

/// A job's `group_key` is a path, `organisation/credential/stream`; a rule may stand on any prefix of it. Jobs of one
/// tenant take turns with those of others, those of one credential share its provider's budget, those of one stream
/// run one at a time in the order of their ids.
struct group_path {
  /// How many segments a prefix has.
  static constexpr std::size_t tenant_depth = 1, credential_depth = 2, stream_depth = 3;
  static constexpr std::size_t longest = 255;

  /// The first `depth` segments of a key, all of it if it has fewer.
  [[nodiscard]] static std::string_view prefix(std::string_view key, std::size_t depth) noexcept;
  [[nodiscard]] static std::size_t depth_of(std::string_view key) noexcept;

  [[nodiscard]] static std::string_view tenant(std::string_view key) noexcept { return prefix(key, tenant_depth); }
  /// Empty: the key names no credential.
  [[nodiscard]] static std::string_view credential(std::string_view key) noexcept {
    return depth_of(key) < credential_depth ? std::string_view{} : prefix(key, credential_depth);
  }
  /// Whether its jobs run one at a time.
  [[nodiscard]] static bool in_order(std::string_view key) noexcept { return depth_of(key) >= stream_depth; }

  /// `invalid_argument` for a key that is too long, holds a control character or an empty segment.
  [[nodiscard]] static result<void> check(std::string_view key);
};

} // namespace penstock
