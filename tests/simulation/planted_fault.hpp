#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "core/random.hpp"
#include "storage/database.hpp"

namespace penstock::simulation {

/// Faults that an engine could have, put between it and its store on purpose: a simulation that does not find one of
/// them is worth nothing.
enum class planted_fault : std::uint8_t {
  none,
  lost_completion,    ///< a job's effects are stored, its end is not
  lost_effect,        ///< a job ends without its effects
  doubled_effect,     ///< a job's effects are stored twice
  skipped_rows,       ///< a cursor moves on without its page's rows
  lost_follow_up,     ///< a fetch job ends without its continuation
  doubled_firing,     ///< a schedule's occurrence makes two jobs
  lost_event,         ///< a stored event is not told
  doubled_event,      ///< a stored event is told twice
  early_answer,       ///< "stored" is answered and nothing is stored
  lost_news,          ///< a queue does not hear of a job
  retry_made_final,   ///< a failure that is to be tried again ends the job
  dropped_unique_key, ///< two jobs of one key
  orphaned_child,     ///< a parent that does not await its child
  forgotten_pause,    ///< a pause is answered and not stored
  forgotten_cancel,   ///< a cancellation is answered and not stored
  dropped_claim,      ///< a handler starts without its claim being durable
  forgotten_suspects, ///< what ran when the process died runs beside other work
  fault_count         ///< sentinel: keep it last
};

[[nodiscard]] std::string_view name_of(planted_fault fault) noexcept;

/// The database with the fault, which strikes one chance in three. `random` outlives it.
[[nodiscard]] std::unique_ptr<storage::database> plant(std::unique_ptr<storage::database> plain, planted_fault fault,
                                                       random_source& random);

} // namespace penstock::simulation
