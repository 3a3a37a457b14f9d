#include "gateway/job_batches.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace penstock::gateway {
namespace {

constexpr std::int64_t most_jobs = 10'000;
constexpr std::int64_t jobs_a_batch = 200;

engine_change change_for(bulk_action action, job_id id, const std::string& reason) {
  if (action == bulk_action::retry)
    return retry_job{id};
  return cancel_job{id, reason};
}

bool stands_in_the_way(const error& why) {
  return why.code == error_code::conflict || why.code == error_code::not_found;
}

/// A job that runs is asked to stop; that it was asked counts as done.
bool is_asked_to_stop(bulk_action action, const job_record& job) {
  return action == bulk_action::cancel && job.state == job_state::active;
}

net::asio::awaitable<result<void>> act_one_by_one(node_port& port, bulk_action action, std::vector<job_id> ids,
                                                  const std::string& reason, bulk_counts& counts) {
  for (const auto id : ids) {
    unit_of_work alone;
    alone.changes.push_back(change_for(action, id, reason));
    auto one = co_await port.commit(std::move(alone));
    if (!one && !stands_in_the_way(one.error()))
      co_return failure(std::move(one.error()));
    ++(one ? counts.done : counts.refused);
    if (!one && counts.refusal.empty())
      counts.refusal = one.error().message;
    if (one && action == bulk_action::cancel)
      port.cancel_job(id, reason, true);
  }
  co_return result<void>{};
}

/// Together if possible; if one of them stands in the way (somebody else was quicker), one by one.
net::asio::awaitable<result<void>> act_on_batch(node_port& port, bulk_action action, std::vector<job_record> jobs,
                                                const std::string& reason, bulk_counts& counts) {
  unit_of_work together;
  std::vector<job_id> ids;
  for (const auto& each : jobs) {
    if (is_asked_to_stop(action, each)) {
      port.cancel_job(each.job.id, reason, false);
      ++counts.done;
      continue;
    }
    ids.push_back(each.job.id);
    together.changes.push_back(change_for(action, each.job.id, reason));
  }
  if (ids.empty())
    co_return result<void>{};
  auto stored = co_await port.commit(std::move(together));
  if (!stored) {
    if (!stands_in_the_way(stored.error()))
      co_return failure(std::move(stored.error()));
    auto done = co_await act_one_by_one(port, action, std::move(ids), reason, counts);
    co_return done;
  }
  counts.done += std::ssize(ids);
  if (action == bulk_action::cancel)
    for (const auto id : ids)
      port.cancel_job(id, reason, true);
  co_return result<void>{};
}

std::vector<job_state> states_for(bulk_action action, std::optional<job_state> wanted) {
  const std::vector<job_state> possible =
    action == bulk_action::retry ? std::vector{job_state::failed}
                                 : std::vector{job_state::waiting, job_state::awaiting_children, job_state::active};
  if (!wanted)
    return possible;
  const bool fits = std::find(possible.begin(), possible.end(), *wanted) != possible.end();
  return fits ? std::vector{*wanted} : std::vector<job_state>{};
}

} // namespace

bool set_shown_state(storage::job_filter& filter, std::string_view name, timestamp now) {
  filter.state = name == "delayed" ? job_state::waiting : parse_job_state(name);
  if (name == "delayed")
    filter.due_after = now;
  else if (filter.state == job_state::waiting)
    filter.due_by = now;
  return filter.state.has_value();
}

net::asio::awaitable<result<bulk_counts>> act_on_jobs(node_port& port, bulk_action action, storage::job_filter filter,
                                                      std::string reason, bool preview) {
  bulk_counts counts;
  for (const auto state : states_for(action, filter.state)) {
    filter.state = state;
    storage::page_request page;
    page.limit = jobs_a_batch;
    do {
      if (counts.matched >= most_jobs) {
        counts.more = true;
        co_return counts;
      }
      auto read = [filter, page](storage::read_session& db) { return db.jobs().list(filter, page); };
      auto found = co_await port.read(std::move(read));
      if (!found)
        co_return failure(std::move(found.error()));
      counts.matched += std::ssize(found->items);
      page.cursor = found->next_cursor;
      if (preview || found->items.empty())
        continue;
      auto done = co_await act_on_batch(port, action, std::move(found->items), reason, counts);
      if (!done)
        co_return failure(std::move(done.error()));
    } while (!page.cursor.empty());
  }
  co_return counts;
}

} // namespace penstock::gateway
