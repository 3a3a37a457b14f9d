#include "tests/simulation/outside_world.hpp"

#include "core/group_path.hpp"
#include "core/id_text.hpp"

namespace penstock::simulation {

std::uint64_t outside_world::started(const ready_job& job) {
  if (dying)
    return ++last_run_; // a coroutine that was about to begin: it is dead with its process
  const auto name = "job " + to_string(job.id) + " (" + job.kind + ")";
  for (const auto& [number, other] : known.open_runs)
    // An attempt of the job itself that was left behind may still be on its way out; its end is fenced off.
    if (group_path::in_order(job.group_key) && other.group == job.group_key && other.queue == job.queue &&
        other.job != job.id)
      watcher.complain(name + " started beside job " + to_string(other.job) + " of its group " + job.group_key);
  if (const auto paused = known.paused.find(job.queue); paused != known.paused.end() && paused->second)
    watcher.complain(name + " started in the paused queue " + job.queue);
  known.open_runs.emplace(++last_run_, open_run{job.id, job.attempts, job.queue, job.group_key});
  return last_run_;
}

} // namespace penstock::simulation
