#include "storage/group_commit.hpp"

#include <chrono>
#include <iterator>
#include <new>
#include <thread>
#include <utility>

#include "storage/node_places.hpp"
#include "storage/recovery.hpp"
#include "storage/seam.hpp"
#include "storage/storage_exception.hpp"

namespace penstock::storage {
namespace {

template <class T>
void append(std::vector<T>& to, std::vector<T>&& from) {
  if (to.empty())
    to = std::move(from);
  else
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

/// What a transaction met, and whether a smaller one could fare better. Call it inside a catch block only.
storage_exception in_flight() {
  try {
    throw;
  } catch (const storage_exception& thrown) {
    return thrown;
  } catch (const std::bad_alloc&) {
    return {error{error_code::internal, "no memory is left in the store"}, storage_blame::database};
  } catch (const std::exception& thrown) {
    return {error{error_code::internal, std::string{"unexpected exception in the store: "} + thrown.what()},
            storage_blame::unit};
  }
}

} // namespace

group_commit::group_commit(std::shared_ptr<session> db, const database_context& house, node_membership* node,
                           log_sync* log)
    : db_(std::move(db)), house_(house), node_(node), log_(log) {
  load();
}

void group_commit::load() {
  executor_.reset();
  state_.reset();
  offers_.close_all();
  state_.emplace(*db_, house_, offers_, node_);
  state_->load();
  executor_.emplace(*state_);
}

/// Statements live on one connection: all that holds some is made anew with it.
bool group_commit::revive(group_result& done) {
  if (!db_->lost() && executor_)
    return true;
  executor_.reset();
  state_.reset();
  if (!db_->revive())
    return false;
  try {
    load();
  } catch (const std::exception&) {
    executor_.reset();
    return false;
  }
  done.reconnected = true;
  return true;
}

group_result group_commit::commit(std::span<write_batch> batches) {
  auto done = commit_ahead(batches);
  if (auto durable = make_durable(); !durable) {
    for (auto& batch : done.batches)
      batch.failed = durable.error();
    done.news = {};
  }
  return done;
}

result<void> group_commit::make_durable() { return log_ ? log_->run() : result<void>{}; }

/// Nothing may be built on a log that the disk did not take.
result<void> group_commit::is_log_intact() const { return log_ ? log_->intact() : result<void>{}; }

group_result group_commit::commit_ahead(std::span<write_batch> batches) {
  group_result done;
  done.batches.resize(batches.size());
  const auto fail_all = [&](const error& why) {
    for (auto& batch : done.batches)
      batch.failed = why;
    return std::move(done);
  };
  if (const auto intact = is_log_intact(); !intact)
    return fail_all(intact.error());
  if (!revive(done))
    return fail_all({error_code::storage_busy, "the connection to the database is lost"});
  std::vector<placed_item> items;
  std::size_t jobs = 0;
  for (std::size_t b = 0; b < batches.size(); ++b) {
    auto& batch = batches[b];
    auto& results = done.batches[b].units;
    results.resize(batch.units.size());
    for (std::size_t u = 0; u < batch.units.size(); ++u) {
      items.push_back({{&batch.units[u], &results[u], nullptr, nullptr}, b});
      jobs += batch.units[u].jobs.size();
    }
    // By themselves: no unit that fails takes them with it, and they take none.
    if (!batch.claims.empty())
      items.push_back({{nullptr, nullptr, &batch.claims, &done.batches[b].not_claimed}, b});
  }
  state_->news.expect_jobs(jobs);
  give_slots_ = true;
  run(items, false, done.news);

  // A batch of whose units the database took none, through no fault of their own, is to be asked again as a whole. Its
  // claims may be stored all the same: they say the same when they come again.
  std::vector<bool> settled(batches.size(), false);
  for (const auto& each : items)
    if (each.item.unit && (!each.failed || each.alone))
      settled[each.batch] = true;
  for (auto& each : items) {
    if (!each.failed)
      continue;
    if (each.item.result)
      each.item.result->refused = each.failed;
    auto& answer = done.batches[each.batch];
    if (!settled[each.batch]) {
      answer.failed = each.failed;
    } else if (each.item.claims) {
      answer.claims_failed = each.failed;
      give_up_slots(*each.item.claims);
    }
  }
  return done;
}

/// What they held has ended, and was to be replaced: the records must not go on naming it. A slot that was given away holds
/// what it was given.
void group_commit::give_up_slots(std::span<const slot_claim> claims) {
  if (!state_)
    return;
  for (const auto& claim : claims)
    if (const auto queue = state_->queues.find(claim.queue); queue && offers_.close(*queue, claim))
      state_->slots.give_up(*queue, claim.slot);
}

void group_commit::run(std::span<placed_item> items, bool careful, commit_news& news, int tries) {
  if (items.empty())
    return;
  if (!executor_)
    return give_up(items, error{error_code::storage_busy, "the connection to the database is lost"});
  auto phase = transaction_phase::begin; // BEGIN and COMMIT fail for all, the rest for a unit
  try {
    state_->begin();
    scratch_.clear();
    for (const auto& each : items)
      scratch_.push_back(each.item);
    phase = transaction_phase::work;
    executor_->run(scratch_, careful, give_slots_);
    state_->store_events();
    phase = transaction_phase::commit;
    db_->begin_end();
    state_->commit(log_);
    tell(news);
    return;
  } catch (const ambiguous_batch&) {
    give_slots_ = false;
    undo();
    if (careful)
      return give_up(items, error{error_code::internal, "one job a statement cannot be ambiguous"});
    careful = true;
  } catch (const std::exception&) {
    const auto met = in_flight();
    const bool gave = std::exchange(give_slots_, false); // no unit is to fail by what it did not ask for
    if (db_->lost()) {
      if (phase == transaction_phase::commit && was_stored()) {
        tell(news);
      } else {
        offers_.rollback();
        give_up(items, met.problem());
      }
      executor_.reset(); // on the next occasion on another connection
      state_.reset();
      return;
    }
    // What was posted in the transaction may have failed where COMMIT was waited for.
    if (phase == transaction_phase::commit && db_->posted_failed())
      phase = transaction_phase::work;
    undo();
    constexpr int most_tries = 5;
    if (met.blame() == storage_blame::moment && tries < most_tries)
      return run(items, careful, news, tries + 1);
    if (phase != transaction_phase::work || met.blame() != storage_blame::unit)
      return give_up(items, met.problem());
    if (gave && offers_.any_open())
      return run(items, careful, news, tries);
    if (items.size() == 1) {
      give_up(items, met.problem());
      items.front().alone = items.front().item.unit != nullptr;
      return;
    }
    const auto half = items.size() / 2;
    run(items.first(half), careful, news);
    return run(items.subspan(half), careful, news);
  }
  run(items, careful, news); // careful now
}

void group_commit::undo() noexcept {
  state_->rollback();
  executor_->reset();
}

void group_commit::tell(commit_news& news) noexcept {
  auto told = state_->news.take();
  executor_->reset();
  append(news.ready, std::move(told.ready));
  append(news.events, std::move(told.events));
  append(news.blocks, std::move(told.blocks));
  append(news.gifts, std::move(told.gifts));
}

/// Asks on another connection what became of the transaction whose COMMIT was not answered. No answer in time counts as
/// no: whoever asks again is refused by the fences of jobs, schedules and cursors where it was stored after all.
bool group_commit::was_stored() {
  if (!state_->fence)
    return false;
  constexpr auto patience = std::chrono::seconds(2);
  constexpr auto pause = std::chrono::milliseconds(50);
  const auto end = std::chrono::steady_clock::now() + patience;
  do {
    try {
      session other{db_->sql_dialect(), connection_role::writer, nullptr};
      const bool stored = node_fence::was_stored(other, node_->number, state_->fence->transaction());
      if (stored)
        state_->settle();
      return stored;
    } catch (const std::exception&) {
      std::this_thread::sleep_for(pause);
    }
  } while (std::chrono::steady_clock::now() < end);
  return false;
}

void group_commit::give_up(std::span<placed_item> items, const error& problem) {
  for (auto& each : items) {
    if (each.item.result)
      *each.item.result = {};
    if (each.item.lost)
      each.item.lost->clear();
    each.failed = problem;
    each.alone = false;
  }
}

void group_commit::close_slots_of(const std::string& queue) noexcept {
  // What has an open slot is known, and a new connection closes all.
  if (const auto known = state_ ? state_->queues.find_known(queue) : std::nullopt)
    offers_.close_all_of(*known);
}

result<void> group_commit::try_write() {
  return at_seam([&]() -> result<void> {
    if (auto intact = is_log_intact(); !intact)
      return intact;
    group_result ignored;
    if (!revive(ignored))
      return failure(error_code::storage_busy, "the connection to the database is lost");
    try {
      constexpr std::size_t fair_commit = 1 << 20;
      db_->sql_dialect().find_room(fair_commit);
      state_->begin();
      // A queue that cannot be, in the table that nearly every commit writes to.
      db_->execute("try writing", "INSERT INTO queue_counts (queue_id, state, n) VALUES (-1, 0, 0)");
      db_->execute("try writing", "DELETE FROM queue_counts WHERE queue_id = -1");
      state_->commit(log_);
      executor_->reset();
      return make_durable();
    } catch (...) {
      undo();
      throw;
    }
  });
}

result<recovery_report> group_commit::recover() { return recover_from(node_ ? node_->number.load() : 0); }

result<recovery_report> group_commit::take_over(std::int64_t node) {
  if (!node_ || node == node_->number)
    return failure(error_code::invalid_argument, "a node takes over another's place only");
  return recover_from(node);
}

result<recovery_report> group_commit::recover_from(std::int64_t node) {
  return at_seam([&]() -> result<recovery_report> {
    if (auto intact = is_log_intact(); !intact)
      return failure(std::move(intact).error());
    group_result ignored;
    if (!revive(ignored))
      return failure(error_code::storage_busy, "the connection to the database is lost");
    const bool own = !node_ || node == node_->number;
    recovery_report report;
    bool committing = false;
    try {
      state_->begin();
      if (own || expel_node(*db_, node)) {
        report = recover_jobs(*state_, *executor_, {node, node_ ? node_->number.load() : 0});
        committing = true;
        state_->commit(log_);
        if (own)
          state_->slots.clear();
        report.news = state_->news.take();
      } else {
        report.taken_over = false;
        state_->rollback();
      }
      executor_->reset();
      if (auto durable = make_durable(); !durable)
        return failure(std::move(durable).error());
      return report;
    } catch (...) {
      if (!db_->lost()) {
        undo();
        throw;
      }
      // The suspects are this node's from then on: nobody else would ever start them.
      const bool stored = committing && was_stored();
      if (stored)
        report.news = state_->news.take();
      executor_.reset(); // on the next occasion on another connection
      state_.reset();
      if (!stored)
        throw;
      return report;
    }
  });
}

} // namespace penstock::storage
