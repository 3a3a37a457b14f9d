#pragma once

#include <string_view>

namespace penstock::config {

/// Whether this section or key ("cluster", "http.tls", "http.tls.key") belongs to a later version: whoever writes it
/// did not mistype it, and must not believe that it works. Declared keys are looked up first.
[[nodiscard]] bool is_planned(std::string_view path) noexcept;

/// The same of environment names of the system documents ("BANK_SYNC_ENABLED").
[[nodiscard]] bool is_planned_environment(std::string_view name) noexcept;

inline constexpr std::string_view not_in_this_version = "not in this version of Penstock yet; remove it";

} // namespace penstock::config
