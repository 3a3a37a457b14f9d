#pragma once

#include <string>

#include "core/error.hpp"
#include "core/time.hpp"

namespace penstock::connectors::monzo {

/// The day on which a moment falls for the bank and its customers, as "2026-03-29": that of Europe/London, where
/// `spend_today` begins anew at midnight. bad_configuration: the system's time zones cannot be read.
[[nodiscard]] result<std::string> bank_day(timestamp moment);

} // namespace penstock::connectors::monzo
