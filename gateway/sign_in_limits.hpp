#pragma once

#include <string>
#include <string_view>

#include "gateway/try_limit.hpp"

namespace penstock::gateway {

/// How often passwords may be guessed at. Of one name from one address a person may err a few times. One address has many
/// people behind it, and a name that is guessed at from many addresses must not be shut to its owner at once.
struct sign_in_limits {
  try_limit of_both{5, std::chrono::minutes(12)};
  try_limit of_address{30, std::chrono::minutes(2)};
  try_limit of_name{50, std::chrono::minutes(1)};
};

/// Whom an address stands for: itself, or in IPv6 the 64 bits before what each device chooses by itself.
[[nodiscard]] std::string network_of(std::string_view address);

} // namespace penstock::gateway
