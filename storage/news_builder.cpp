#include "storage/news_builder.hpp"

#include <utility>

#include "core/group_path.hpp"

namespace penstock::storage {

void news_builder::add_new(job_request& request, job_id id, const std::string& queue, timestamp run_at, bool tied) {
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
  return std::exchange(news_, {});
}

} // namespace penstock::storage
