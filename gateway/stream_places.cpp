#include "gateway/stream_places.hpp"

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace penstock::gateway {
namespace {

/// A reader that has gone is noticed within a heartbeat.
constexpr auto wait_for_a_place = std::chrono::seconds(15);

error no_place(std::string detail) {
  error what{error_code::rate_limited, std::move(detail)};
  what.retry_after = wait_for_a_place;
  return what;
}

} // namespace

struct stream_places::counts {
  using key = std::pair<std::int64_t, std::int64_t>; ///< token, user; of the data directory's administrator both are 0

  explicit counts(std::size_t most) : most(most) {}

  const std::size_t most;
  std::mutex mutex;
  std::map<key, std::size_t> by_caller; ///< guarded by mutex; those that have any
  std::size_t all = 0;                  ///< guarded by mutex
};

struct stream_places::held {
  held(std::shared_ptr<counts> in, counts::key of) : in(std::move(in)), of(of) {}
  ~held() {
    const std::scoped_lock lock(in->mutex);
    --in->all;
    if (const auto found = in->by_caller.find(of); --found->second == 0)
      in->by_caller.erase(found);
  }
  held(const held&) = delete;
  held& operator=(const held&) = delete;

  const std::shared_ptr<counts> in;
  const counts::key of;
};

stream_places::stream_places(std::size_t most) : counts_(std::make_shared<counts>(most)) {}

result<stream_places::place> stream_places::take(const caller& who) {
  const counts::key of{who.token.value, who.user.value};
  {
    const std::scoped_lock lock(counts_->mutex);
    const auto found = counts_->by_caller.find(of);
    if (found != counts_->by_caller.end() && found->second >= most_each)
      return failure(no_place("this caller reads " + std::to_string(most_each) +
                                     " event streams already: close one, or filter in one stream what several read"));
    if (counts_->all >= counts_->most)
      return failure(no_place("this node serves as many event streams as it may: come again, or read "
                                     "GET /api/v1/events"));
    ++counts_->by_caller[of];
    ++counts_->all;
  }
  return std::make_shared<const held>(counts_, of);
}

} // namespace penstock::gateway
