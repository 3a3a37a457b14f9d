#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "messages/unit_of_work.hpp"

namespace penstock::storage {

/// Collects what others must hear of after the commit. A new job's texts stay in its request until the commit has
/// happened, and are moved then: a transaction that fails is run again from the same requests.
class news_builder {
public:
  struct new_job {
    std::size_t index; ///< of `ready`
    job_request* request;
    const std::string* queue;
    bool ended = false; ///< by another unit of this transaction
  };

  struct mark {
    std::size_t ready = 0, new_jobs = 0, events = 0, blocks = 0;
  };

  void expect_jobs(std::size_t count) { news_.ready.reserve(news_.ready.size() + count); }

  /// A job that this transaction inserted. `request` and `queue` stay in place until `take`.
  void add_new(job_request& request, job_id id, const std::string& queue, timestamp run_at, bool tied);
  void add(ready_job job) { news_.ready.push_back(std::move(job)); }
  void add(event told) { news_.events.push_back(std::move(told)); }

  void add(commit_news::block told) { news_.blocks.push_back(std::move(told)); }

  /// Those that were added and have not been taken.
  [[nodiscard]] std::span<event> events() noexcept { return news_.events; }

  [[nodiscard]] mark current() const noexcept {
    return {news_.ready.size(), new_jobs_.size(), news_.events.size(), news_.blocks.size()};
  }
  void undo_to(const mark& mark);

  /// Those that this transaction inserted and that may run, in the order in which they came.
  [[nodiscard]] std::span<const new_job> new_jobs() const noexcept { return new_jobs_; }
  [[nodiscard]] const ready_job& ready(std::size_t index) const { return news_.ready[index]; }
  /// A job ended. If it is one of those, no slot may get it.
  void note_ended(job_id id);
  /// A slot got those jobs (indices of `ready`): they are told as a gift. Once everything else was added.
  void give(commit_news::gift gift, std::vector<std::size_t> jobs) {
    given_.push_back({std::move(gift), std::move(jobs)});
  }

  /// After the commit: everything collected, with the texts of the requests. Leaves it empty.
  [[nodiscard]] commit_news take();

private:
  struct given_jobs {
    commit_news::gift gift;
    std::vector<std::size_t> jobs;
  };
  void move_given();

  commit_news news_;
  std::vector<new_job> new_jobs_;
  job_id lowest_new_{}; // no lower id is among new_jobs_
  std::vector<given_jobs> given_;
};

} // namespace penstock::storage
