#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>

#include "actors/group_lanes.hpp"
#include "core/random.hpp"

// Whatever comes in whatever order, beside reads that are stale when they arrive: no job is lost, none is taken twice,
// and a lane keeps its order.
namespace penstock::actors {
namespace {

using namespace std::chrono_literals;

const timestamp begin{std::chrono::hours(500'000)};

/// The store as the lanes see it: what waits, and reads of it that arrive later.
class model {
public:
  explicit model(std::uint64_t seed) : random_(seed) {}

  void run(int steps) {
    for (int i = 0; i < steps; ++i)
      step();
    drain();
  }

private:
  std::uint64_t draw(std::uint64_t below) { return uniform(random_, below); }

  void step() {
    switch (draw(8)) {
      case 0:
      case 1:
      case 2: enqueue(); break;
      case 3:
      case 4: take(); break;
      case 5: finish(); break;
      case 6: read_or_arrive(); break;
      default:
        if (draw(4) == 0)
          cancel();
        else
          advance(std::chrono::milliseconds(draw(3000)));
    }
  }

  void enqueue() {
    ready_job made;
    made.id = job_id{++last_id_};
    made.kind = "k";
    made.group_key = std::string(1, static_cast<char>('a' + draw(4))) + "/" + std::to_string(draw(3));
    made.priority = static_cast<std::uint8_t>(4 + draw(2));
    made.run_at = draw(4) == 0 ? now_ + std::chrono::milliseconds(draw(4000)) : now_;
    stored_.emplace(made.id, made);
    news_.push_back(made);
    if (draw(3) > 0)
      tell();
  }

  /// News come in the order of the commits, perhaps after a read that knows of them.
  void tell() {
    for (auto& each : std::exchange(news_, {}))
      if (stored_.contains(each.id))
        aut_.add(std::move(each), now_);
  }

  void advance(duration by) {
    now_ += by;
    aut_.advance(now_);
  }

  bool take() {
    aut_.advance(now_);
    const auto* first = aut_.first(gate_, now_);
    if (!first)
      return false;
    const auto job = aut_.take(++turns_);
    EXPECT_TRUE(stored_.contains(job.id)) << "job " << job.id.value << " ended before";
    EXPECT_LE(job.run_at, now_);
    EXPECT_TRUE(held_.emplace(job.id, job).second) << "job " << job.id.value << " was taken twice";
    return true;
  }

  void finish() {
    if (held_.empty())
      return;
    const auto one = std::next(held_.begin(), static_cast<std::ptrdiff_t>(draw(held_.size())));
    const auto job = one->second;
    held_.erase(one);
    stored_.erase(job.id);
    aut_.forget(job.id);
    for (const auto& prefix : gate_.leave(job))
      aut_.open(prefix);
  }

  void cancel() {
    for (const auto& [id, job] : stored_)
      if (!held_.contains(id)) {
        const auto gone = id;
        stored_.erase(id);
        aut_.drop(gone);
        return;
      }
  }

  void read_or_arrive() {
    if (!answer_) {
      aut_.advance(now_);
      if (!aut_.wants_refill())
        return;
      answer_ = read(aut_.start_refill(now_));
      return;
    }
    aut_.refill_arrived(std::move(*answer_), now_);
    answer_.reset();
  }

  storage::lane_window::lane lane(const std::string& key, const queue_place& after, std::int64_t most, timestamp now) {
    storage::lane_window::lane found{key, false, {}, false};
    for (const auto& [id, job] : stored_)
      if (job.group_key == key && job.run_at <= now && job.place() > after)
        found.jobs.push_back(job);
    std::sort(found.jobs.begin(), found.jobs.end(), [](const auto& a, const auto& b) { return a.place() < b.place(); });
    if (std::ssize(found.jobs) > most) {
      found.jobs.resize(static_cast<std::size_t>(most));
      found.more = true;
    }
    return found;
  }

  storage::lane_window read(const storage::lane_request& wanted) {
    std::map<std::string, queue_place> keys;
    for (const auto& wish : wanted.lanes)
      keys.emplace(wish.key, wish.after);
    storage::lane_window found;
    std::map<std::string, bool> all;
    for (const auto& [id, job] : stored_) {
      all[job.group_key] = true;
      if (wanted.due_since != no_time && job.run_at > wanted.due_since && job.run_at <= wanted.now)
        keys.emplace(job.group_key, queue_place{});
      if (job.run_at > wanted.now && (found.next_run_at == no_time || job.run_at < found.next_run_at))
        found.next_run_at = job.run_at;
    }
    if (wanted.search) {
      found.searched_all = true;
      std::int64_t lanes = 0;
      for (const auto& [key, is] : all)
        if (key > wanted.search_after) {
          if (lanes++ == 3) {
            found.searched_all = false;
            break;
          }
          keys.emplace(key, queue_place{});
          found.searched_to = key;
        }
    }
    for (const auto& [key, after] : keys)
      found.lanes.push_back(lane(key, after, std::min<std::int64_t>(wanted.jobs_a_lane, 4), wanted.now));
    return found;
  }

  /// Everything comes to its end.
  void drain() {
    tell();
    for (int i = 0; i < 100'000 && !stored_.empty(); ++i) {
      advance(500ms);
      read_or_arrive();
      while (take())
        finish();
      while (!held_.empty())
        finish();
    }
    EXPECT_TRUE(stored_.empty()) << stored_.size() << " jobs were lost, the first of them is "
                                 << stored_.begin()->first.value;
  }

  seeded_random random_;
  job_kind_catalogue kinds_;
  group_gate gate_{{}, kinds_};
  group_lanes aut_{8};
  timestamp now_ = begin;
  std::int64_t last_id_ = 0;
  std::uint64_t turns_ = 0;
  std::map<job_id, ready_job> stored_, held_;
  std::vector<ready_job> news_;
  std::optional<storage::lane_window> answer_;
};

} // namespace

TEST(group_lanes_property, EveryJobIsTakenOnce) {
  for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    model(seed).run(300);
    if (::testing::Test::HasFailure())
      return;
  }
}

} // namespace penstock::actors
