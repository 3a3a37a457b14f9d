#pragma once

#include "gateway/body_reader.hpp"
#include "messages/engine_change.hpp"
#include "messages/schedule.hpp"

namespace penstock::gateway {

/// What a body says of a schedule: `cron` or `every`, `time_zone`, `kind`, `args`, `enabled`, `overlap`, `weekdays`
/// (["mon", …]), `catch_up_ms` (null: the default; 0: nothing is made good), `jitter_ms`, `stagger_ms`, `more_jobs`
/// ([{kind, args, queue}]). What is wrong is remembered by the reader.
[[nodiscard]] edit_schedule read_schedule_fields(body_reader& body);

/// A whole new schedule: `name`, `queue` and the fields above.
[[nodiscard]] schedule read_new_schedule(body_reader& body);

} // namespace penstock::gateway
