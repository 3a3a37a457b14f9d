#include "storage/group_commit.hpp"

#include <iterator>

#include "storage/recovery.hpp"
#include "storage/seam.hpp"

namespace penstock::storage {
namespace {

template <class T>
void append(std::vector<T>& to, std::vector<T>&& from) {
  if (to.empty())
    to = std::move(from);
  else
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

/// Whether a smaller transaction could fare better. Locks and full disks meet all alike.
bool worth_halving(const error& problem) {
  return problem.code != error_code::storage_busy && problem.code != error_code::storage_full;
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
    if (batch.claims.empty())
      continue;
    if (batch.units.empty())
      items.push_back({{}, b});
    items.back().item.claims = &batch.claims;
  }
  state_.news.expect_jobs(jobs);
  run(items, false, done.news);

  // A batch of which the database took nothing, through no fault of its own, is to be asked again as a whole.
  std::vector<bool> touched(batches.size(), false);
  for (const auto& each : items)
    if (!each.failed || each.alone)
      touched[each.batch] = true;
  for (auto& each : items) {
    if (!each.failed)
      continue;
    if (each.item.result)
      each.item.result->refused = each.failed;
    if (!touched[each.batch] || !each.item.unit)
      done.batches[each.batch].failed = each.failed;
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
    return;
  } catch (const ambiguous_batch&) {
    state_.rollback();
    executor_.reset();
    if (careful)
      return give_up(items, error{error_code::internal, "one job a statement cannot be ambiguous"});
    careful = true;
  } catch (const storage_exception& thrown) {
    state_.rollback();
    executor_.reset();
    if (group_fails || !worth_halving(thrown.problem()))
      return give_up(items, thrown.problem());
    if (items.size() == 1) {
      give_up(items, thrown.problem());
      items.front().alone = items.front().item.unit != nullptr;
      return;
    }
    const auto half = items.size() / 2;
    run(items.first(half), careful, news);
    return run(items.subspan(half), careful, news);
  } catch (const std::exception& thrown) {
    state_.rollback();
    executor_.reset();
    return give_up(items,
                   error{error_code::internal, std::string{"unexpected exception in the store: "} + thrown.what()});
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
