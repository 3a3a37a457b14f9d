#include "storage/news_builder.hpp"

#include <algorithm>
#include <utility>

#include "core/group_path.hpp"

namespace penstock::storage {

void news_builder::add_new(job_request& request, job_id id, const std::string& queue, timestamp run_at, bool tied) {
  lowest_new_ = new_jobs_.empty() ? id : std::min(lowest_new_, id);
  new_jobs_.push_back({news_.ready.size(), &request, &queue});
  auto& job = news_.ready.emplace_back();
  job.id = id;
  job.run_at = run_at;
  job.tied = tied;
  job.fresh = true;
}

void news_builder::undo_to(const mark& mark) {
  news_.ready.resize(mark.ready);
  new_jobs_.resize(mark.new_jobs);
  news_.events.resize(mark.events);
  news_.blocks.resize(mark.blocks);
  given_.clear();
}

void news_builder::note_ended(job_id id) {
  // Ids grow: nearly always it is a job of an earlier transaction.
  if (new_jobs_.empty() || id < lowest_new_) [[likely]]
    return;
  const auto found = std::find_if(new_jobs_.begin(), new_jobs_.end(),
                                  [&](const new_job& each) { return news_.ready[each.index].id == id; });
  if (found != new_jobs_.end())
    found->ended = true;
}

void news_builder::move_given() {
  news_.gifts.reserve(given_.size());
  for (auto& each : given_) {
    each.gift.jobs.reserve(each.jobs.size());
    for (const auto index : each.jobs) {
      auto& job = news_.ready[index];
      each.gift.jobs.push_back(std::move(job));
      job.id = {};
    }
    news_.gifts.push_back(std::move(each.gift));
  }
  given_.clear();
  std::erase_if(news_.ready, [](const ready_job& job) { return !job.id; });
}

commit_news news_builder::take() {
  for (const auto& added : new_jobs_) {
    auto& job = news_.ready[added.index];
    auto& request = *added.request;
    job.queue = *added.queue;
    job.kind = std::move(request.kind);
    job.args = std::move(request.args);
    job.priority = request.priority;
    job.max_attempts = request.max_attempts;
    job.backoff = std::move(request.backoff);
    job.timeout = request.timeout;
    job.group_key = std::move(request.group_key);
    job.stream = std::move(request.stream);
    job.integration = request.integration;
    job.organisation = request.organisation;
    job.run = request.run;
    job.parent = request.parent;
    job.trace_id = std::move(request.trace_id);
    job.has_payload = !request.payload.empty() || request.staged;
    job.in_order = group_path::in_order(job.group_key);
    job.keep_bodies = request.keep_bodies;
  }
  new_jobs_.clear();
  if (!given_.empty())
    move_given();
  return std::exchange(news_, {});
}

} // namespace penstock::storage
