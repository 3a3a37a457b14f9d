#pragma once

#include <cstddef>

#include "connectors/connector.hpp"

namespace penstock::connectors::apple_health {

/// A workout or record whose JSON is longer is kept without its lists.
inline constexpr std::size_t usual_most_of_a_workout = 4 * 1024 * 1024;

/// apple_health.hook {headers}: what Health Auto Export sent. Passes through the whole body, and hands its lists on to
/// the kinds below, whose parent it is.
[[nodiscard]] job_handler hook();
/// apple_health.metric_data {lists, …}: stores so many points of the parent's body and goes on with the rest in a job
/// of its own.
[[nodiscard]] job_handler metric_data();
/// apple_health.merge_sources {metrics}: marks points as deleted that another one of the same metric and time covers since
/// its list of sources holds theirs; see source_lists.hpp. Handlers of the kind above cannot read what is stored.
[[nodiscard]] job_handler merge_sources();
/// apple_health.workout_data {lists, …}: the same of workouts.
[[nodiscard]] job_handler workout_data(std::size_t most_of_a_workout = usual_most_of_a_workout);
/// apple_health.record_data {lists, …}: the same of all other sections.
[[nodiscard]] job_handler record_data(std::size_t most_of_a_record = usual_most_of_a_workout);

} // namespace penstock::connectors::apple_health
