#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "actors/queue_window.hpp"

namespace penstock::actors {
namespace {

using namespace std::chrono_literals;

/// A window with a store beside it. News and refills reach the window late, and in the order of the commits.
class window_and_store {
public:
  window_and_store(std::uint32_t seed, std::size_t capacity, bool with_delays)
    : window_(capacity), capacity_(capacity), with_delays_(with_delays), random_(seed) {}

  void step() {
    switch (pick(13)) {
      case 0:
      case 1:
      case 2: write(with_delays_ && pick(3) == 0 ? now_ + std::chrono::seconds(pick(20)) : now_); break;
      case 3: now_ += std::chrono::milliseconds(pick(3000)); break;
      case 4:
      case 5: tell(); break;
      case 6: ask(); break;
      case 7:
      case 8: answer(); break;
      case 9: cancel(); break;
      case 10: burst(); break;
      default: take(); break;
    }
  }

  /// Everything is told, due and taken: nothing may be left.
  void finish() {
    now_ += 1h;
    for (int i = 0; i < 10'000 && !(store_.empty() && news_.empty()); ++i) {
      tell();
      answer();
      ask();
      answer();
      take();
      now_ += 500ms; // failed refills are tried again
    }
    EXPECT_TRUE(store_.empty()) << store_.size() << " jobs are lost";
  }

private:
  std::uint32_t pick(std::uint32_t below) { return random_() % below; }

  void write(timestamp run_at) {
    ready_job job;
    job.id = job_id{++last_id_};
    job.priority = static_cast<std::uint8_t>(4 + pick(3));
    job.run_at = run_at;
    if (run_at > now_)
      delayed_.insert(job.id);
    store_.emplace(job.place(), job);
    news_.push_back(job);
  }

  /// More than fit, told at once: maybe while a refill is under way.
  void burst() {
    if (pick(6) != 0)
      return;
    for (auto left = capacity_ * 2 + pick(3); left > 0; --left)
      write(now_);
    while (!news_.empty())
      tell();
  }

  void tell() {
    if (news_.empty())
      return;
    window_.add(news_.front(), now_);
    news_.erase(news_.begin());
  }

  void ask() {
    window_.advance(now_);
    if (!window_.wants_refill())
      return;
    const auto request = window_.start_refill(now_);
    if (pick(8) == 0) {
      window_.refill_failed(now_);
      return;
    }
    // Read at once, told later.
    refill_.emplace();
    std::vector<ready_job> found;
    for (const auto& [place, job] : store_)
      if (job.run_at > request.now)
        refill_->next = refill_->next == no_time ? job.run_at : std::min(refill_->next, job.run_at);
      else if (place > request.after)
        found.push_back(job);
    refill_->more = found.size() > request.limit;
    found.resize(std::min(found.size(), request.limit));
    refill_->jobs = std::move(found);
  }

  void answer() {
    if (!refill_)
      return;
    window_.refill_arrived(std::move(refill_->jobs), refill_->more, refill_->next, now_);
    refill_.reset();
  }

  void take() {
    window_.advance(now_);
    if (!window_.has_due())
      return;
    const auto job = window_.take();
    const auto found = store_.find(job.place());
    ASSERT_NE(found, store_.end()) << "job " << job.id.value << " had ended or was cancelled";
    for (auto each = store_.begin(); each != found; ++each)
      EXPECT_TRUE(each->second.run_at > now_ || may_not_be_known(each->second))
        << "job " << job.id.value << " overtook job " << each->second.id.value;
    // The writer tells of a job before it can commit the job's claim.
    while (std::any_of(news_.begin(), news_.end(), [&](const ready_job& other) { return other.id == job.id; }))
      tell();
    store_.erase(found);
    window_.forget(job.id);
  }

  /// What is on its way to the window may be overtaken, and what was too far ahead to be kept in memory.
  bool may_not_be_known(const ready_job& job) const {
    if (delayed_.contains(job.id))
      return true;
    const auto is_it = [&](const ready_job& other) { return other.id == job.id; };
    return std::any_of(news_.begin(), news_.end(), is_it);
  }

  void cancel() {
    if (store_.empty())
      return;
    const auto chosen = std::next(store_.begin(), pick(static_cast<std::uint32_t>(store_.size())));
    const auto id = chosen->second.id;
    std::erase_if(news_, [&](const ready_job& job) { return job.id == id; }); // commits are told in order
    store_.erase(chosen);
    window_.drop(id);
  }

  struct refill {
    std::vector<ready_job> jobs;
    bool more = false;
    timestamp next = no_time;
  };

  queue_window window_;
  const std::size_t capacity_;
  const bool with_delays_;
  std::mt19937 random_;
  timestamp now_{std::chrono::hours(500'000)};
  std::int64_t last_id_ = 0;
  std::map<queue_place, ready_job> store_;
  std::vector<ready_job> news_;
  std::set<job_id> delayed_;
  std::optional<refill> refill_;
};

} // namespace

TEST(queue_window, EveryJobOfTheStoreIsTakenOnceAndInOrder) {
  for (std::uint32_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    window_and_store both(seed, 1 + seed % 12, seed % 2 == 0);
    for (int i = 0; i < 600 && !::testing::Test::HasFailure(); ++i)
      both.step();
    both.finish();
    if (::testing::Test::HasFailure())
      return;
  }
}

} // namespace penstock::actors
