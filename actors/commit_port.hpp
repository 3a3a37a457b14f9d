#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>

#include "core/error.hpp"
#include "messages/actors/store.hpp"
#include "messages/unit_of_work.hpp"

namespace penstock::actors {

/// Lets those who are no actors (HTTP, periodic work, benchmarks) commit. No actor itself: a unit waits in one place with
/// all that were submitted since the store writer last looked, and only the first of them sends a message, so that a busy
/// writer is told of many with one. Thread-safe.
class commit_port {
public:
  using completion = std::function<void(result<unit_result>)>;

  /// At most `capacity` units wait for answers; `capacity_bytes` of small ones and as many of large ones wait for the
  /// writer, and one always may. More are refused at once with `unavailable`.
  explicit commit_port(store_writer_actor store, std::size_t capacity = 100'000,
                       std::size_t capacity_bytes = std::size_t{128} << 20);
  /// Refuses what comes from then on; the writer may still take what waits.
  ~commit_port();
  commit_port(const commit_port&) = delete;
  commit_port& operator=(const commit_port&) = delete;

  /// `done` is called once: on this thread where the unit is refused at once, on one of the store's with its outcome, on any
  /// where the node ends first. It must hand over, not work. It gets the unit's result, the refusal as its error, or
  /// `unavailable`/`storage_…` when nothing is stored. It may be stored all the same where the node ends first
  /// (`unavailable`), and where PostgreSQL was lost during COMMIT and does not say in time what became of it.
  void submit(unit_of_work unit, completion done);

  /// While a reason is set, units that enqueue jobs are refused with it.
  void set_intake(std::optional<error> closed_because);

  /// Refuses all units from now on: the node is stopping. What was submitted before goes its way: the writer is told of it
  /// once more, so that it has heard of all before the exit that follows.
  void close();

  /// After the store has ended: answers those whose units it never took.
  void give_up();

private:
  class waiting_units;

  store_writer_actor store_;
  std::shared_ptr<waiting_units> waiting_;
};

} // namespace penstock::actors
