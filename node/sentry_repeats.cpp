#include "node/sentry_repeats.hpp"

#include <algorithm>
#include <vector>

namespace penstock::node {

std::optional<std::int64_t> sentry_repeats::admit(const std::string& key, timestamp now, bool repeated) {
  if (pause_ <= duration::zero())
    return 0;
  const auto found = known_.find(key);
  if (found == known_.end()) {
    if (known_.size() >= most_known_)
      make_room();
    known_.emplace(key, told{now, 0});
    return 0;
  }
  auto& before = found->second;
  const auto pause = repeated ? std::max<duration>(pause_, std::chrono::days(1)) : pause_;
  // A clock that was set back would keep silent for as long.
  if (before.at != no_time && now >= before.at && now - before.at < pause) {
    ++before.left_out;
    return std::nullopt;
  }
  const auto left_out = before.left_out;
  before = {now, 0};
  return left_out;
}

void sentry_repeats::note_lost(const std::string& key, std::int64_t left_out) {
  const auto found = known_.find(key);
  if (found == known_.end())
    return; // forgotten meanwhile: the next one is admitted anyway
  found->second.at = no_time;
  found->second.left_out += left_out + 1;
}

/// A tenth at once, so that a flood of different ones does not look through all of them each time.
void sentry_repeats::make_room() {
  std::vector<timestamp> ages;
  ages.reserve(known_.size());
  for (const auto& [key, each] : known_)
    ages.push_back(each.at);
  const auto last = ages.begin() + static_cast<std::ptrdiff_t>(ages.size() / 10);
  std::nth_element(ages.begin(), last, ages.end());
  const auto oldest = *last;
  auto spare = ages.size() / 10 + 1;
  std::erase_if(known_, [&](const auto& each) { return spare > 0 && each.second.at <= oldest && spare-- > 0; });
}

} // namespace penstock::node
