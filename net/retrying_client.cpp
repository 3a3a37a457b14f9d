#include "net/retrying_client.hpp"

#include <algorithm>
#include <chrono>

#include <boost/system/system_error.hpp>

#include "net/body_redaction.hpp"
#include "net/hold_off.hpp"
#include "net/provider_status.hpp"
#include "net/url_redaction.hpp"

namespace penstock::net {

namespace {

/// Trouble that may have passed by the next try.
bool passes(const result<http_response>& answer) {
  const auto code = answer ? code_of_status(answer->status) : std::optional(answer.error().code);
  switch (code.value_or(error_code::none)) {
    case error_code::network:
    case error_code::timed_out:
    case error_code::truncated_body:
    case error_code::rate_limited:
    case error_code::provider_unavailable: return true;
    default: return false;
  }
}

} // namespace

retrying_client::retrying_client(http_client& inner, sleeper& sleep, random_source& random, const wall_clock& clock,
                                 exchange_observer* observer, request_retry_policy policy)
    : inner_(inner), sleep_(sleep), random_(random), clock_(clock), observer_(observer), policy_(policy) {}

asio::awaitable<result<http_response>> retrying_client::send(http_request request) {
  auto done = co_await send_counting(std::move(request));
  if (!done.answer && done.tries > 1)
    done.answer.error().message += " (" + std::to_string(done.tries) + " tries)";
  co_return std::move(done.answer);
}

asio::awaitable<retrying_client::outcome> retrying_client::send_counting(http_request request) {
  outcome out;
  for (;;) {
    out.answer = co_await try_once(request, ++out.tries);
    const auto delay = delay_after(request, out.answer, out.tries);
    if (!delay)
      co_return out;
    bool cancelled = false;
    try {
      co_await sleep_.sleep(*delay);
    } catch (const boost::system::system_error&) {
      cancelled = true;
    }
    if (cancelled) {
      out.answer = failure(error_code::cancelled, request.method + " cancelled between two tries");
      co_return out;
    }
  }
}

asio::awaitable<result<http_response>> retrying_client::try_once(const http_request& request, int number) {
  // A steady clock measures; the wall clock, which may step, only says when.
  const auto begun = std::chrono::steady_clock::now();
  const timestamp started_at = clock_.now();
  auto answer = co_await inner_.send(request);
  if (observer_ != nullptr) {
    http_exchange seen;
    seen.method = request.method;
    seen.url = redact_url(request.url);
    seen.started_at = started_at;
    seen.took = std::chrono::duration_cast<duration>(std::chrono::steady_clock::now() - begun);
    seen.request_bytes = request.body.size();
    seen.try_number = number;
    if (observer_->wants_bodies())
      seen.request_body = redact_body(request.body);
    if (answer) {
      seen.status = answer->status;
      seen.response_bytes = answer->body.size();
      seen.hold_off = hold_off_of(*answer, clock_.now());
      if (observer_->wants_bodies())
        seen.response_body = redact_body(answer->body);
    } else {
      seen.failure = answer.error();
    }
    observer_->on_exchange(seen);
  }
  co_return answer;
}

std::optional<duration> retrying_client::delay_after(const http_request& request, const result<http_response>& answer,
                                                     int tries) {
  if (tries >= policy_.max_tries || !request.is_idempotent() || !passes(answer))
    return std::nullopt;
  const auto wished = answer ? answer->retry_after(clock_.now()) : answer.error().retry_after;
  if (wished && *wished > policy_.max_retry_after)
    return std::nullopt;
  duration delay = policy_.first_delay;
  for (int i = 1; i < tries && delay < policy_.max_delay; ++i)
    delay *= 2;
  delay = std::min(delay, policy_.max_delay);
  // Half is kept, so that a retry never comes at once; the other half is drawn, so that many do not come together.
  const auto half = delay / 2;
  delay = half + duration(static_cast<duration::rep>(uniform(random_, static_cast<std::uint64_t>(half.count()) + 1)));
  return std::max(delay, wished.value_or(duration::zero()));
}

} // namespace penstock::net
