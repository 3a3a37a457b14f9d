#include "core/error.hpp"

#include <array>

namespace penstock {
namespace {

struct code_row {
  std::string_view name;
  error_class cls;
};

constexpr std::array codes{
  code_row{"none", error_class::final},
  code_row{"network", error_class::retryable},
  code_row{"timed_out", error_class::retryable},
  code_row{"rate_limited", error_class::retryable},
  code_row{"provider_unavailable", error_class::retryable},
  code_row{"truncated_body", error_class::retryable},
  code_row{"unexpected_shape", error_class::final},
  code_row{"requires_reauth", error_class::final},
  code_row{"forbidden", error_class::final},
  code_row{"not_found", error_class::final},
  code_row{"invalid_argument", error_class::final},
  code_row{"bad_configuration", error_class::final},
  code_row{"conflict", error_class::postponed},
  code_row{"precondition_failed", error_class::final},
  code_row{"key_reused", error_class::final},
  code_row{"storage_busy", error_class::retryable},
  code_row{"storage_full", error_class::retryable},
  code_row{"storage_failed", error_class::retryable},
  code_row{"crashed", error_class::final},
  code_row{"cancelled", error_class::final},
  code_row{"unavailable", error_class::postponed},
  code_row{"internal", error_class::retryable},
};
static_assert(codes.size() == static_cast<std::size_t>(error_code::code_count),
              "every error code needs a name and a class");

} // namespace

error_class classify(error_code code) noexcept {
  const auto index = static_cast<std::size_t>(code);
  return index < codes.size() ? codes[index].cls : error_class::final;
}

std::string_view to_string(error_code code) noexcept {
  const auto index = static_cast<std::size_t>(code);
  return index < codes.size() ? codes[index].name : "unknown";
}

std::string_view to_string(error_class value) noexcept {
  switch (value) {
    case error_class::retryable: return "retryable";
    case error_class::final: return "final";
    case error_class::postponed: return "postponed";
  }
  return "unknown";
}

std::optional<error_code> parse_error_code(std::string_view name) noexcept {
  for (std::size_t i = 0; i < codes.size(); ++i)
    if (codes[i].name == name)
      return static_cast<error_code>(i);
  return std::nullopt;
}

} // namespace penstock
