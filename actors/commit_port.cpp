#include "actors/commit_port.hpp"

#include <algorithm>
#include <atomic>
#include <deque>
#include <mutex>
#include <utility>
#include <vector>

#include <caf/send.hpp>

#include "actors/answer_burst.hpp"

namespace penstock::actors {
namespace {

constexpr std::size_t usual_units = 256;

error stopping() { return {error_code::unavailable, "the node is stopping; the outcome of this write is unknown"}; }

/// Those who wait for one answer of the store. Whoever has none when this ends is told that there comes none.
class asker_group {
public:
  asker_group(std::vector<commit_port::completion> askers, std::shared_ptr<std::atomic<std::size_t>> open) noexcept
      : askers_(std::move(askers)), open_(std::move(open)) {}
  ~asker_group() {
    for (auto& done : leave())
      done(failure(stopping()));
  }
  asker_group(const asker_group&) = delete;
  asker_group& operator=(const asker_group&) = delete;

  void settle(commit_answer&& answer) {
    auto askers = leave();
    for (std::size_t i = 0; i < askers.size(); ++i) {
      if (answer.failed)
        askers[i](failure(*answer.failed));
      else if (answer.units[i].refused)
        askers[i](failure(std::move(*answer.units[i].refused)));
      else
        askers[i](std::move(answer.units[i]));
    }
  }

private:
  std::vector<commit_port::completion> leave() noexcept {
    open_->fetch_sub(askers_.size());
    return std::exchange(askers_, {});
  }

  std::vector<commit_port::completion> askers_;
  std::shared_ptr<std::atomic<std::size_t>> open_;
};

} // namespace

/// Shared with the store writer, and knows nothing of it: a message that holds this must not keep its receiver alive.
class commit_port::waiting_units final : public submitted_units {
public:
  waiting_units(std::size_t capacity, std::size_t capacity_bytes) noexcept
      : capacity_(capacity), capacity_bytes_(capacity_bytes) {}
  ~waiting_units() override { give_up(); }

  /// True: the writer is to be told. `refused` has a value, and nothing is taken, where the unit may not wait. Ends the
  /// process where there is no memory: a unit without its asker would give all behind it another one's outcome.
  bool add(unit_of_work& unit, completion& done, std::optional<error>& refused) noexcept {
    const auto weight = unit.weight();
    const std::scoped_lock lock(mutex_);
    refused = refusal_of(unit, weight);
    if (refused)
      return false;
    ++*open_;
    bytes_of(weight) += weight;
    if (weight > commit_request::small_bytes) {
      large_.push_back({std::move(unit), std::move(done), weight});
    } else {
      units_.push_back(std::move(unit));
      askers_.push_back(std::move(done));
    }
    return !std::exchange(is_told_, true);
  }

  [[nodiscard]] portion take(std::size_t most_large_bytes) noexcept override {
    portion taken;
    std::vector<completion> askers;
    {
      const std::scoped_lock lock(mutex_);
      taken.small.units.swap(units_);
      askers.swap(askers_);
      // As many are likely to come until the next time, and to be moved as the place grows costs more than this.
      units_.reserve(std::min(askers.size(), usual_units));
      askers_.reserve(std::min(askers.size(), usual_units));
      for (std::size_t bytes = 0; !large_.empty(); large_.pop_front()) {
        auto& next = large_.front();
        bytes += next.weight;
        if (!taken.large.empty() && bytes > most_large_bytes)
          break;
        large_bytes_ -= next.weight;
        auto& alone = taken.large.emplace_back();
        alone.units.push_back(std::move(next.unit));
        std::vector<completion> asker;
        asker.push_back(std::move(next.done));
        alone.answer = answer_to(std::move(asker));
      }
      small_bytes_ = 0;
      taken.is_all = large_.empty();
      is_told_ = !taken.is_all;
    }
    if (!askers.empty())
      taken.small.answer = answer_to(std::move(askers));
    return taken;
  }

  void set_intake(std::optional<error> closed_because) {
    const std::scoped_lock lock(mutex_);
    closed_because_ = std::move(closed_because);
  }

  void close() {
    const std::scoped_lock lock(mutex_);
    is_closed_ = true;
  }

  void give_up() {
    std::vector<completion> askers;
    {
      const std::scoped_lock lock(mutex_);
      units_.clear();
      askers.swap(askers_);
      for (auto& each : large_)
        askers.push_back(std::move(each.done));
      large_.clear();
      small_bytes_ = large_bytes_ = 0;
    }
    const asker_group left(std::move(askers), open_); // tells them by its end
  }

private:
  struct large_unit {
    unit_of_work unit;
    completion done;
    std::size_t weight = 0;
  };

  /// Of those that wait and are large or small as one of that weight.
  std::size_t& bytes_of(std::size_t weight) noexcept {
    return weight > commit_request::small_bytes ? large_bytes_ : small_bytes_;
  }

  std::optional<error> refusal_of(const unit_of_work& unit, std::size_t weight) {
    if (is_closed_)
      return error{error_code::unavailable, "the node is stopping"};
    if (*open_ >= capacity_ || (bytes_of(weight) > 0 && bytes_of(weight) + weight > capacity_bytes_))
      return error{error_code::unavailable, "too many writes wait for the database; try again shortly"};
    if (closed_because_ && !unit.jobs.empty())
      return closed_because_;
    return std::nullopt;
  }

  std::function<void(commit_answer&&)> answer_to(std::vector<completion> askers) const {
    auto group = std::make_shared<asker_group>(std::move(askers), open_);
    return [group = std::move(group)](commit_answer&& answer) { group->settle(std::move(answer)); };
  }

  const std::size_t capacity_, capacity_bytes_;
  /// Of which no outcome is told. Outlives this with the answers that are under way.
  std::shared_ptr<std::atomic<std::size_t>> open_ = std::make_shared<std::atomic<std::size_t>>(0);
  std::mutex mutex_;
  std::vector<unit_of_work> units_; ///< small ones
  std::vector<completion> askers_;  ///< of those
  std::deque<large_unit> large_;
  std::size_t small_bytes_ = 0, large_bytes_ = 0; ///< of those that wait
  bool is_told_ = false; ///< the writer will take what waits
  bool is_closed_ = false;
  std::optional<error> closed_because_;
};

commit_port::commit_port(store_writer_actor store, std::size_t capacity, std::size_t capacity_bytes)
    : store_(std::move(store)), waiting_(std::make_shared<waiting_units>(capacity, capacity_bytes)) {}

commit_port::~commit_port() { waiting_->close(); }

void commit_port::submit(unit_of_work unit, completion done) {
  std::optional<error> refused;
  const bool first = waiting_->add(unit, done, refused);
  if (refused)
    done(failure(std::move(*refused)));
  else if (first)
    answer_burst::tell(store_, waiting_);
}

void commit_port::set_intake(std::optional<error> closed_because) { waiting_->set_intake(std::move(closed_because)); }

void commit_port::close() {
  waiting_->close();
  // Whoever was the first to wait may not have come to tell the writer yet.
  caf::anon_send(store_, units_submitted{waiting_});
}

void commit_port::give_up() { waiting_->give_up(); }

} // namespace penstock::actors
