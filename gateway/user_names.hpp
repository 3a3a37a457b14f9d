#pragma once

#include <string>

#include "messages/access.hpp"

namespace penstock::gateway {

/// As names of people are stored and looked up: ASCII letters in lower case, for nobody remembers how they wrote theirs.
[[nodiscard]] std::string folded_name(std::string name);

/// Who the audit says it was: "user 12 (anna)".
[[nodiscard]] std::string caller_name(const user& who);

} // namespace penstock::gateway
