#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "core/error.hpp"
#include "storage/erased_traces.hpp"
#include "storage/upkeep_database.hpp"

namespace penstock::storage {

/// Called now and then: where it is, and how many rows went so far.
using erase_progress = std::function<void(const std::string& place, std::int64_t rows)>;

/// Removes all that belongs to an organisation or to an integration, in every table that has a column for it, and what
/// others say of it, in many small transactions. Jobs go whether they run or not: whoever runs one can store nothing of it
/// any more. What lets more come goes first, the row of its own last, so that it may be cut off and begun anew. How many
/// rows went.
[[nodiscard]] result<std::int64_t> erase_owned(upkeep_database& database, const erased_owner& owner,
                                               const std::string& subject, const erase_progress& progress);

} // namespace penstock::storage
