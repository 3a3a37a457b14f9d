#pragma once

#include <optional>

#include "core/error.hpp"
#include "messages/engine_change.hpp"
#include "messages/unit_of_work.hpp"
#include "storage/change_context.hpp"

/// Units of work that a caller may send again: each is done once.
namespace penstock::storage {

/// Nothing: the key is this unit's now, run it and give the outcome to `keep_once`. Else what it answered before.
/// `key_reused` if the key stands for another request. A key that two nodes bring at once waits for the other's commit.
[[nodiscard]] result<std::optional<unit_result>> begin_once(session& db, const do_once& wanted, timestamp now);
/// `outcome` of the unit that begin_once let pass.
void keep_once(session& db, const do_once& wanted, const unit_result& outcome);

/// Stands first in a unit, where the executor looks for it (begin_once): as a change it does nothing.
[[nodiscard]] result<void> apply(change_context& context, const do_once& change);
[[nodiscard]] result<void> apply(change_context& context, const keep_answer& change);

/// Removes at most `limit` keys of before `before`.
/// How many there were.
std::int64_t sweep_once_keys(session& db, timestamp before, std::int64_t limit);

} // namespace penstock::storage
