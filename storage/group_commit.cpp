#include "storage/group_commit.hpp"

#include <iterator>
#include <new>

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

group_commit::group_commit(std::shared_ptr<session> db, const database_context& house)
    : db_(std::move(db)), state_(*db_, house), executor_(state_) {
  state_.load();
}

group_result group_commit::commit(std::span<write_batch> batches) {
  group_result done;
  done.batches.resize(batches.size());
  std::vector<placed_item> items;
  std::size_t jobs = 0;
  for (std::size_t b = 0; b < batches.size(); ++b) {
    auto& batch = batches[b];
    auto& results = done.batches[b].units;
    results.resize(batch.units.size());
    for (std::size_t u = 0; u < batch.units.size(); ++u) {
      items.push_back({{&batch.units[u], &results[u], nullptr}, b});
      jobs += batch.units[u].jobs.size();
    }
    // By themselves: no unit that fails takes them with it, and they take none.
    if (!batch.claims.empty())
      items.push_back({{nullptr, nullptr, &batch.claims}, b});
  }
  state_.news.expect_jobs(jobs);
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
    if (!settled[each.batch])
      answer.failed = each.failed;
    else if (each.item.claims)
      answer.claims_failed = each.failed;
  }
  return done;
}

void group_commit::run(std::span<placed_item> items, bool careful, commit_news& news) {
  if (items.empty())
    return;
  bool group_fails = true; // until a unit is at work: BEGIN and COMMIT fail for all
  try {
    state_.begin();
    scratch_.clear();
    for (const auto& each : items)
      scratch_.push_back(each.item);
    group_fails = false;
    executor_.run(scratch_, careful);
    group_fails = true;
    state_.commit();
    auto told = state_.news.take();
    executor_.reset();
    append(news.ready, std::move(told.ready));
    append(news.events, std::move(told.events));
    append(news.blocks, std::move(told.blocks));
    return;
  } catch (const ambiguous_batch&) {
    state_.rollback();
    executor_.reset();
    if (careful)
      return give_up(items, error{error_code::internal, "one job a statement cannot be ambiguous"});
    careful = true;
  } catch (const std::exception&) {
    const auto met = in_flight();
    state_.rollback();
    executor_.reset();
    if (group_fails || met.blame() == storage_blame::database)
      return give_up(items, met.problem());
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

void group_commit::give_up(std::span<placed_item> items, const error& problem) {
  for (auto& each : items) {
    if (each.item.result)
      *each.item.result = {};
    each.failed = problem;
    each.alone = false;
  }
}

result<void> group_commit::try_write() {
  return at_seam([&]() -> result<void> {
    try {
      state_.begin();
      // A queue that cannot be, in the table that nearly every commit writes to.
      db_->execute("try writing", "INSERT INTO queue_counts (queue_id, state, n) VALUES (-1, 0, 0)");
      db_->execute("try writing", "DELETE FROM queue_counts WHERE queue_id = -1");
      state_.commit();
      return {};
    } catch (...) {
      state_.rollback();
      throw;
    }
  });
}

result<recovery_report> group_commit::recover() {
  return at_seam([&]() -> result<recovery_report> {
    try {
      state_.begin();
      auto report = recover_jobs(state_, executor_);
      state_.commit();
      state_.slots.clear();
      report.news = state_.news.take();
      executor_.reset();
      return report;
    } catch (...) {
      state_.rollback();
      executor_.reset();
      throw;
    }
  });
}

} // namespace penstock::storage
