#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace penstock {

/// A 63-bit identity that cannot be mistaken for another kind's. Zero means "none".
/// Ids are ordered by the time of their making (see id_generator) and are strings in JSON.
template <class Tag>
struct strong_id {
  std::int64_t value = 0;

  [[nodiscard]] explicit constexpr operator bool() const noexcept { return value != 0; }
  friend constexpr auto operator<=>(strong_id, strong_id) noexcept = default;
};

using job_id = strong_id<struct job_tag>;
using event_id = strong_id<struct event_tag>;
using run_id = strong_id<struct run_tag>;
using integration_id = strong_id<struct integration_tag>;
using credential_id = strong_id<struct credential_tag>;
using organisation_id = strong_id<struct organisation_tag>;
using token_id = strong_id<struct token_tag>;
using user_id = strong_id<struct user_tag>;
using audit_id = strong_id<struct audit_tag>;

} // namespace penstock

template <class Tag>
struct std::hash<penstock::strong_id<Tag>> {
  std::size_t operator()(penstock::strong_id<Tag> id) const noexcept { return std::hash<std::int64_t>{}(id.value); }
};
