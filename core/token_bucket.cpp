#include "core/token_bucket.hpp"

#include <algorithm>

namespace penstock {
namespace {

constexpr std::int64_t most_tokens = 1'000'000;
constexpr duration shortest_interval = std::chrono::milliseconds{1};
constexpr duration longest_interval = std::chrono::days{31};
/// Nodes that share a bucket have clocks a little apart. Following each of them back would earn their difference
/// again at every turn, so a small step is waited out.
constexpr duration tolerated_skew = std::chrono::seconds{10};
// A full bucket of the largest rate is 2.7e18 parts: it fits.
static_assert(most_tokens <= INT64_MAX / longest_interval.count());

} // namespace

result<void> validate(const token_rate& rate) {
  if (rate.capacity < 1 || rate.capacity > most_tokens)
    return failure(error_code::bad_configuration, "a rate's capacity is 1 to 1000000 tokens");
  if (rate.refill < 1 || rate.refill > most_tokens)
    return failure(error_code::bad_configuration, "a rate's refill is 1 to 1000000 tokens");
  if (rate.interval < shortest_interval || rate.interval > longest_interval)
    return failure(error_code::bad_configuration, "a rate's interval is 1 ms to 31 days");
  return {};
}

token_bucket::token_bucket(const token_rate& rate, timestamp now) noexcept : rate_(rate) {
  state_.parts = full();
  state_.updated_at = now;
}

token_bucket::token_bucket(const token_rate& rate, const snapshot& state) noexcept : rate_(rate), state_(state) {
  state_.parts = std::clamp<std::int64_t>(state_.parts, -full(), full());
}

void token_bucket::refill(timestamp now) noexcept {
  if (now < state_.updated_at) {
    if (state_.updated_at - now <= tolerated_skew)
      return;
    // The clock stepped back: the block moves with it, or it would last longer by the step.
    if (state_.blocked_until != no_time)
      state_.blocked_until -= state_.updated_at - now;
    state_.updated_at = now;
    return;
  }
  // Each microsecond brings `refill` parts. The time to fill bounds the product.
  const auto missing = full() - state_.parts;
  const auto elapsed = (now - state_.updated_at).count();
  state_.parts = elapsed > missing / rate_.refill ? full() : state_.parts + elapsed * rate_.refill;
  state_.updated_at = now;
}

bool token_bucket::try_take(std::int64_t n, timestamp now) noexcept {
  refill(now);
  if (now < state_.blocked_until || n > state_.parts / token())
    return false;
  state_.parts -= std::max<std::int64_t>(n, 0) * token();
  return true;
}

void token_bucket::spend(std::int64_t n, timestamp now) noexcept {
  refill(now);
  const auto most = state_.parts + full();
  state_.parts -= n > most / token() ? most : std::max<std::int64_t>(n, 0) * token();
}

duration token_bucket::time_until(std::int64_t n, timestamp now) const noexcept {
  if (n > rate_.capacity)
    return duration::max();
  token_bucket then = *this;
  then.refill(now);
  const auto missing = std::max<std::int64_t>(n, 0) * token() - then.state_.parts;
  duration filling{0};
  if (missing > 0)
    filling = then.state_.updated_at - now + duration{(missing - 1) / rate_.refill + 1};
  return std::max({filling, then.state_.blocked_until - now, duration{0}});
}

void token_bucket::block_until(timestamp until, timestamp now) noexcept {
  refill(now);
  state_.blocked_until = std::max(state_.blocked_until, until);
}

std::int64_t token_bucket::available(timestamp now) const noexcept {
  token_bucket then = *this;
  then.refill(now);
  return now < then.state_.blocked_until ? 0 : std::max<std::int64_t>(then.state_.parts, 0) / token();
}

void token_bucket::lower_to(std::int64_t n, timestamp now) noexcept {
  refill(now);
  state_.parts = std::min(state_.parts, std::clamp<std::int64_t>(n, 0, rate_.capacity) * token());
}

} // namespace penstock
