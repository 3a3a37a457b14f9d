#include "storage/unit_executor.hpp"

#include <algorithm>

#include "storage/access_changes.hpp"
#include "storage/credential_changes.hpp"
#include "storage/deliveries.hpp"
#include "storage/due_check.hpp"
#include "storage/exchange_writer.hpp"
#include "storage/history_sweep.hpp"
#include "storage/integration_changes.hpp"
#include "storage/job_results.hpp"
#include "storage/log_lines.hpp"
#include "storage/once_keys.hpp"
#include "storage/queue_warnings.hpp"
#include "storage/schedule_changes.hpp"
#include "storage/schedule_firing.hpp"
#include "storage/shared_limits.hpp"
#include "storage/staged_bodies.hpp"
#include "storage/webhook_changes.hpp"

namespace penstock::storage {
namespace {

template <class... Ts>
struct overloaded : Ts... {
  using Ts::operator()...;
};

} // namespace

unit_executor::unit_executor(write_state& state)
    : state_(state), check_request_(*state.house.kinds), enqueuer_(state), runs_(state), endings_(state, runs_),
      ends_(state, endings_), rows_(state), cursors_(state, runs_), changes_(state, endings_), completions_(state.db),
      grouped_(state.db), most_in_window_(plain_inserter::rows_a_statement) {
  constexpr std::size_t most_in_arrays = 1000;
  if (state.db.sql_dialect().shared()) {
    shared_.emplace(state.db);
    in_arrays_.emplace(state.db);
    most_in_window_ = most_in_arrays;
  }
}

void unit_executor::run(std::span<const write_item> items, bool careful, bool give) {
  for (const auto& item : items) {
    if (!item.unit)
      continue;
    if (is_simple(*item.unit)) {
      window_.push_back({item.unit, item.result, 0});
      if (window_.size() == most_in_window_)
        run_simple(careful);
    } else {
      run_simple(careful);
      run_alone(*item.unit, *item.result);
    }
  }
  run_simple(careful);
  enqueuer_.flush();
  run_claims(items);
  if (give)
    give_open_slots();
  write_open_slots();
}

void unit_executor::reset() noexcept {
  enqueuer_.discard();
  endings_.discard();
  if (in_arrays_)
    in_arrays_->discard();
  window_.clear();
  kinds_.clear();
  started_.clear();
  made_.clear();
}

void unit_executor::run_alone(unit_of_work& unit, unit_result& result) {
  enqueuer_.flush();
  // What is checked before the first write needs no way back. Changes write and refuse as they go, and a second page
  // of one unit is checked against the first.
  const bool guarded = !unit.changes.empty() || unit.cursors.size() > 1;
  write_state::mark before;
  if (guarded) {
    before = state_.current();
    state_.db.execute("savepoint", "SAVEPOINT unit");
  }
  result = {};
  auto done = attempt(unit, result, guarded);
  if (!done) {
    result = {};
    result.refused = std::move(done).error();
    if (guarded) {
      state_.db.execute("rollback to savepoint", "ROLLBACK TO unit");
      state_.undo_to(std::move(before));
      enqueuer_.discard();
      endings_.discard();
    }
  } else if (guarded) {
    enqueuer_.flush();
  }
  if (guarded)
    state_.db.execute("release savepoint", "RELEASE unit");
}

result<void> unit_executor::attempt(unit_of_work& unit, unit_result& result, bool guarded) {
  if (auto fits = check(unit); !fits)
    return fits;
  const auto* once = unit.changes.empty() ? nullptr : std::get_if<do_once>(&unit.changes.front());
  if (once) {
    auto earlier = begin_once(state_.db, *once, state_.now);
    if (!earlier)
      return failure(std::move(earlier).error());
    if (*earlier) {
      result = std::move(**earlier);
      result.repeated = true;
      return {};
    }
  }
  if (!guarded && !(unit.cursors.empty() || is_dry(unit.cursors.front().run)))
    for (const auto& advance : unit.cursors)
      if (auto fits = cursors_.check(advance); !fits)
        return failure(std::move(fits).error());

  job_row job;
  if (unit.ends) {
    const bool adopts = std::any_of(unit.jobs.begin(), unit.jobs.end(),
                                    [&](const job_request& each) { return each.parent == unit.ends->job; });
    auto begun = ends_.begin(*unit.ends, adopts);
    if (!begun)
      return failure(std::move(begun).error());
    job = std::move(*begun);
  }
  const auto known_run = job.run || unit.cursors.empty() ? job.run : unit.cursors.front().run;
  if (is_dry(known_run))
    return try_out(unit, result, job, known_run);
  if (auto applied = apply_changes(unit, result); !applied)
    return applied;
  if (unit.ends && !unit.changes.empty())
    if (auto again = find_job_row(state_.db, unit.ends->job))
      job = std::move(*again); // a run may have begun with it

  const auto run = job.run || unit.cursors.empty() ? job.run : unit.cursors.front().run;
  result.rows = rows_.write(unit, job, run);
  std::int64_t pages = 0;
  if (auto moved = move_cursors(unit, pages); !moved)
    return moved;
  if (run && (pages > 0 || !unit.rows.empty() || !unit.row_errors.empty()))
    runs_.add(run, result.rows, pages);
  else if (!run && job.integration && !(unit.rows.empty() && unit.row_errors.empty()))
    add_to_delivery(state_, job, result.rows);
  enqueue_all(unit, result, kinds_);
  for (const auto& draft : unit.events)
    state_.raise(draft);
  write_exchanges(state_.db, unit.exchanges, job.id);
  write_log_lines(state_.db, unit.logs, job.id);
  if (unit.ends)
    result.ended_as = ends_.finish(*unit.ends);
  settle();
  end_started_runs();
  if (once)
    keep_once(state_.db, *once, result);
  return {};
}

bool unit_executor::is_dry(run_id id) {
  if (!id)
    return false;
  const auto run = runs_.find(id);
  return run && run->dry;
}

/// What a unit of a dry run would store is undone and kept as a difference; its jobs go on, if they are the run's.
result<void> unit_executor::try_out(unit_of_work& unit, unit_result& result, const job_row& job, run_id run) {
  // The engine's own notes about the job are kept; whatever else its handler would change is not.
  std::vector<engine_change> notes;
  for (auto& change : unit.changes)
    if (std::holds_alternative<clear_suspect>(change) || std::holds_alternative<write_progress>(change))
      notes.push_back(change);
  unit_of_work noted;
  noted.changes = std::move(notes);
  if (auto applied = apply_changes(noted, result); !applied)
    return applied;
  result.rows = rows_.try_out(unit, job, run);
  runs_.add(run, result.rows, std::ssize(unit.cursors));
  result.jobs.reserve(unit.jobs.size());
  for (std::size_t i = 0; i < unit.jobs.size(); ++i)
    result.jobs.push_back(unit.jobs[i].run == run ? enqueuer_.add(unit.jobs[i], *kinds_[i])
                                                  : enqueued{.dropped = true});
  write_exchanges(state_.db, unit.exchanges, job.id);
  write_log_lines(state_.db, unit.logs, job.id);
  if (unit.ends)
    result.ended_as = ends_.finish(*unit.ends);
  settle();
  return {};
}

void unit_executor::settle() {
  endings_.settle();
  for (const auto& request : endings_.take_once_more())
    (void)enqueue(request); // a kind that is not known any more cannot run once more
}

result<void> unit_executor::check(const unit_of_work& unit) {
  kinds_.clear();
  for (const auto& request : unit.jobs) {
    auto kind = check_request_(request);
    if (!kind)
      return failure(std::move(kind).error());
    kinds_.push_back(*kind);
  }
  return rows_.check(unit);
}

result<void> unit_executor::apply_changes(const unit_of_work& unit, unit_result& result) {
  started_.clear();
  if (unit.changes.empty())
    return {};
  change_context context{.db = state_.db,
                         .now = state_.now,
                         .ids = *state_.house.ids,
                         .kinds = *state_.house.kinds,
                         .secrets = state_.house.secrets,
                         .result = result,
                         .effects = *this,
                         .tables = state_.house.tables};
  for (const auto& change : unit.changes)
    if (auto applied = apply_one(context, change); !applied)
      return applied;
  if (unit.ends && unit.ends->result.empty() && !context.job_result.empty())
    set_job_result(state_.db, unit.ends->job, std::move(context.job_result));
  return {};
}

result<void> unit_executor::apply_one(change_context& context, const engine_change& change) {
  return std::visit(overloaded{[&](const start_run& wanted) -> result<void> {
                                 auto run = runs_.start(wanted);
                                 if (!run)
                                   return failure(std::move(run).error());
                                 started_.push_back(*run);
                                 context.result.created.push_back(run->value);
                                 return {};
                               },
                               [&](const cancel_job& wanted) { return changes_.apply(wanted); },
                               [&](const retry_job& wanted) { return changes_.apply(context, wanted); },
                               [&](const fail_crashed& wanted) { return changes_.apply(wanted); },
                               [&](const clear_suspect& wanted) { return changes_.apply(wanted); },
                               [&](const write_progress& wanted) { return changes_.apply(wanted); },
                               [&](const pause_queue& wanted) { return changes_.apply(wanted); },
                               [&](const set_maintenance& wanted) { return changes_.apply(wanted); },
                               [&](const sweep_history& wanted) { return storage::apply(state_, context, wanted); },
                               [&](const fire_schedule& wanted) { return storage::apply(state_, context, wanted); },
                               [&](const miss_schedule& wanted) { return storage::apply(state_, context, wanted); },
                               [&](const backfill_schedule& wanted) { return storage::apply(state_, context, wanted); },
                               [&](const flush_failed& wanted) { return storage::apply(state_, context, wanted); },
                               [&](const spend_tokens& wanted) { return storage::apply(state_, context, wanted); },
                               [&](const block_group& wanted) { return storage::apply(state_, context, wanted); },
                               [&](const count_calls& wanted) { return storage::apply(state_, context, wanted); },
                               [&](const auto& wanted) { return storage::apply(context, wanted); }},
                    change);
}

result<void> unit_executor::move_cursors(const unit_of_work& unit, std::int64_t& moved) {
  for (const auto& advance : unit.cursors) {
    auto moves = cursors_.check(advance);
    if (!moves)
      return failure(std::move(moves).error());
    if (*moves)
      cursors_.move(advance);
    ++moved;
  }
  return {};
}

void unit_executor::end_started_runs() {
  for (const auto id : started_)
    if (const auto run = runs_.find(id); run && run->state == run_state::running)
      if (const auto root = find_job_row(state_.db, run->root); root && is_ended(root->state))
        runs_.end(*run, root->state);
  started_.clear();
}

void unit_executor::enqueue_all(unit_of_work& unit, unit_result& result, std::span<const job_kind* const> kinds) {
  result.jobs.reserve(unit.jobs.size());
  for (std::size_t i = 0; i < unit.jobs.size(); ++i)
    result.jobs.push_back(enqueuer_.add(unit.jobs[i], *kinds[i]));
}

result<enqueued> unit_executor::enqueue(const job_request& request) {
  const auto kind = check_request_(request);
  if (!kind)
    return failure(kind.error());
  return enqueuer_.add(made_.emplace_back(request), **kind);
}

} // namespace penstock::storage
