#pragma once

#include <string>

#include "messages/unit_of_work.hpp"

namespace penstock::storage {

/// What a caller may be told of a unit that was done, as JSON: its jobs, the ids drawn, the firings of schedules.
[[nodiscard]] std::string text_of_outcome(const unit_result& outcome);
/// Throws boost::system::system_error for a text that is none.
[[nodiscard]] unit_result outcome_of_text(const std::string& text);

} // namespace penstock::storage
