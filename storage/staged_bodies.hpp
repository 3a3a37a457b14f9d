#pragma once

#include "core/error.hpp"
#include "messages/webhook.hpp"
#include "storage/change_context.hpp"

/// Bodies that are stored piece by piece ahead of the job that they belong to, so that none is ever whole in memory, nor
/// one transaction as large as it. Pieces lie in job_payloads, where their job will look for them; a row of staged_bodies
/// says that there is no job yet.
namespace penstock::storage {

[[nodiscard]] result<void> apply(change_context& context, const stage_body& change);
[[nodiscard]] result<void> apply(change_context& context, const take_staged_body& change);
[[nodiscard]] result<void> apply(change_context& context, const drop_staged_body& change);
/// `created`: how many went.
[[nodiscard]] result<void> apply(change_context& context, const sweep_staged_bodies& change);

/// The number of the chunk that follows those that lie there.
[[nodiscard]] std::int64_t next_chunk_of(session& db, job_id id);

/// All of it goes: a node that has its database to itself has just started. How many bodies there were.
std::int64_t drop_all_staged_bodies(session& db);

} // namespace penstock::storage
