#include "tests/provider_faults/monzo_specified.hpp"

#include <algorithm>
#include <iomanip>
#include <sstream>

#include <gmock/gmock.h>

namespace penstock::provider_faults {

using namespace std::chrono_literals;
namespace json = boost::json;
using ::testing::IsEmpty;

/// A Retry-After is waited for within an attempt up to 30 s; a longer one puts the job off.
std::vector<fault_case> all_faults() {
  const json::object briefly{{"delay", "2ms"}}, for_ever{{"delay", "1h"}}, in_seconds{{"delay", "7s"}},
    in_minutes{{"delay", "2m"}}, none;
  return {
    {{"late answer", "latency", briefly, {}}, manner::harmless},
    {{"clock skew", "clock_skew", none, {}}, manner::harmless},
    {{"no answer", "latency", for_ever, 50ms}, manner::passes, error_code::timed_out},
    {{"500", "error_500", none, {}}, manner::passes, error_code::provider_unavailable},
    {{"503, 7 s", "error_503", in_seconds, {}}, manner::passes, error_code::provider_unavailable, 7s},
    {{"503, 2 min", "error_503", in_minutes, {}}, manner::passes, error_code::provider_unavailable, 2min},
    {{"429", "rate_limited_bare", none, {}}, manner::passes, error_code::rate_limited},
    {{"429, 7 s", "rate_limited", in_seconds, {}}, manner::passes, error_code::rate_limited, 7s},
    {{"429, 2 min", "rate_limited", in_minutes, {}}, manner::passes, error_code::rate_limited, 2min},
    {{"dropped", "dropped", none, {}}, manner::passes, error_code::network},
    {{"dropped midway", "dropped_midway", none, {}}, manner::passes, error_code::truncated_body},
    {{"truncated", "truncated", none, {}}, manner::passes, error_code::truncated_body},
    {{"malformed", "malformed", none, {}}, manner::shape, error_code::unexpected_shape},
    {{"expired token", "expired_token", none, {}}, manner::expiry, error_code::requires_reauth},
    {{"revoked token", "revoked_token", none, {}}, manner::end, error_code::requires_reauth},
  };
}

namespace {

std::string seconds(duration length) {
  std::ostringstream out;
  out << std::setprecision(3) << std::chrono::duration<double>(length).count() << " s";
  return out.str();
}

} // namespace

std::string in_words(const outcome& seen) {
  std::vector<std::string> parts;
  const auto list = [&](const std::string& what, const std::vector<duration>& all) {
    std::string text = what;
    for (std::size_t i = 0; i < all.size() && i < 3; ++i)
      text += (i ? ", " : " ") + seconds(all[i]);
    if (all.size() > 3)
      text += " … (" + std::to_string(all.size()) + ")";
    if (!all.empty())
      parts.push_back(text);
  };
  if (seen.refreshes)
    parts.push_back("a new token asked for" + (seen.refreshes > 1 ? " x " + std::to_string(seen.refreshes) : ""));
  list("waits", seen.waits);
  list("put off", seen.gaps);
  if (!seen.errors.empty())
    parts.push_back(std::to_string(seen.errors.size()) + " x " + std::string(to_string(seen.errors.back().code)));
  if (!seen.failed_jobs.empty())
    parts.push_back("job failed");
  if (!seen.log.empty())
    parts.push_back("told in the log");
  if (seen.run && *seen.run != run_state::completed)
    parts.push_back("run " + std::string(to_string(*seen.run)));
  if (seen.status != integration_status::idle)
    parts.push_back(std::string(to_string(seen.status)) + (seen.alerts ? " (told once)" : ""));
  parts.push_back(seen.whole ? "all rows" : "some rows to come");
  std::string text;
  for (const auto& each : parts)
    text += (text.empty() ? "" : "; ") + each;
  return text;
}

namespace {

/// Half a second, of which a draw takes away up to half; a Retry-After goes before.
void expect_waits(const outcome& seen, const fault_case& met, std::size_t count) {
  ASSERT_EQ(seen.waits.size(), count);
  for (const auto& each : seen.waits) {
    EXPECT_GE(each, std::max<duration>(met.retry_after, 250ms));
    EXPECT_LE(each, std::max<duration>(met.retry_after, 2s));
  }
}
void expect_gaps(const outcome& seen, const std::vector<duration>& specified) {
  ASSERT_EQ(seen.gaps.size(), specified.size());
  for (std::size_t i = 0; i < specified.size(); ++i) {
    EXPECT_GE(seen.gaps[i], specified[i]);
    EXPECT_LE(seen.gaps[i], specified[i] + 3s);
  }
}
void expect_errors(const outcome& seen, const std::vector<error_code>& specified) {
  std::vector<std::string> codes, names;
  for (const auto& each : seen.errors)
    codes.emplace_back(to_string(each.code));
  for (const auto each : specified)
    names.emplace_back(to_string(each));
  EXPECT_EQ(codes, names);
}
void expect_all_well(const outcome& seen) {
  expect_errors(seen, {});
  EXPECT_THAT(seen.failed_jobs, IsEmpty());
  EXPECT_EQ(seen.run.value_or(run_state::completed), run_state::completed);
  EXPECT_EQ(seen.status, integration_status::idle);
  EXPECT_EQ(seen.alerts, 0u);
}
void expect_consent_asked_for(const outcome& seen) {
  EXPECT_EQ(seen.status, integration_status::requires_reauth);
  EXPECT_EQ(seen.alerts, 1u);
  EXPECT_THAT(seen.waits, IsEmpty());
}
void expect_failed(const outcome& seen, const asking& asked) {
  EXPECT_EQ(seen.failed_jobs, std::vector<std::string>{asked.kind});
  const bool nothing_came = asked.kind == "monzo.account_pull";
  EXPECT_EQ(seen.run, nothing_came ? run_state::failed : run_state::completed_with_failures);
  // What came in part came: the next sync is not put off for it.
  EXPECT_EQ(seen.status, nothing_came ? integration_status::failed : integration_status::idle);
  EXPECT_EQ(seen.alerts, 0u);
}
/// A job that is put off costs no attempt, however often: a provider that asks for time is given time.
void judge_put_off(const outcome& seen, bool lasts) {
  expect_errors(seen, {});
  EXPECT_THAT(seen.waits, IsEmpty());
  if (!lasts)
    return expect_gaps(seen, {2min});
  EXPECT_GE(seen.gaps.size(), 2u);
  for (const auto& each : seen.gaps)
    EXPECT_GE(each, 2min);
  EXPECT_EQ(seen.status, integration_status::processing);
}
constexpr duration longest_wait_in_attempt = 30s;
const std::vector<duration> delays_of_fetch{60s, 300s, 600s};

/// Streams: retried within the attempt, then three times more; the others go on.
void judge_stream(const fault_case& met, bool lasts, const outcome& seen, const asking& asked) {
  const auto code = met.code;
  switch (met.means) {
    case manner::harmless:
      EXPECT_THAT(seen.waits, IsEmpty());
      EXPECT_TRUE(seen.whole);
      return expect_all_well(seen);
    case manner::passes:
      if (met.retry_after > longest_wait_in_attempt)
        return judge_put_off(seen, lasts);
      if (lasts) {
        EXPECT_EQ(seen.struck, 16u);
        expect_gaps(seen, delays_of_fetch);
        expect_errors(seen, {code, code, code, code});
        return expect_failed(seen, asked);
      }
      expect_waits(seen, met, 1);
      EXPECT_TRUE(seen.whole);
      return expect_all_well(seen);
    case manner::shape:
      EXPECT_EQ(seen.struck, 1u);
      EXPECT_THAT(seen.waits, IsEmpty());
      expect_errors(seen, {code});
      return expect_failed(seen, asked);
    case manner::expiry:
      if (lasts) {
        EXPECT_EQ(seen.struck, 2u) << "no loop, whatever the provider says";
        return expect_consent_asked_for(seen);
      }
      EXPECT_EQ(seen.refreshes, 1u);
      EXPECT_TRUE(seen.whole);
      return expect_all_well(seen);
    case manner::end:
      EXPECT_EQ(seen.struck, 1u);
      EXPECT_EQ(seen.refreshes, 1u);
      EXPECT_EQ(seen.after_refresh, 0u) << "no further calls";
      return expect_consent_asked_for(seen);
  }
}

/// Webhooks are early, never needed: an outage of theirs fails no sync.
void judge_webhooks(const fault_case& met, bool lasts, const outcome& seen, const asking& asked) {
  const bool is_post = asked.method == std::string("POST");
  const bool is_list = asked.method == std::string("GET");
  if (met.means == manner::expiry || met.means == manner::end)
    return judge_stream(met, lasts, seen, asked);
  expect_all_well(seen);
  EXPECT_TRUE(seen.whole);
  const bool is_outage = met.means == manner::passes || (met.means == manner::shape && is_list);
  if (!is_outage || is_post || met.means == manner::shape || met.retry_after > longest_wait_in_attempt) {
    EXPECT_THAT(seen.waits, IsEmpty());
    EXPECT_EQ(seen.log.empty(), !is_outage) << seen.log;
  } else {
    EXPECT_EQ(seen.waits.size(), lasts ? 3u : 1u);
    EXPECT_EQ(seen.log.empty(), !lasts) << seen.log;
  }
}

/// A row of a webhook waits for nothing.
void judge_delivery(const fault_case& met, bool lasts, const outcome& seen) {
  EXPECT_THAT(seen.waits, IsEmpty());
  if (met.means == manner::end) {
    EXPECT_FALSE(seen.log.empty());
    return expect_consent_asked_for(seen);
  }
  expect_all_well(seen);
  const bool is_told =
    met.means == manner::passes || met.means == manner::shape || (met.means == manner::expiry && lasts);
  EXPECT_EQ(seen.log.empty(), !is_told) << seen.log;
}

/// A refresh token is good once: it is not sent twice within an attempt, and an answer that is lost may have spent it.
void judge_refresh(const fault_case& met, bool lasts, const outcome& seen, const asking& asked) {
  const auto code = met.code;
  EXPECT_THAT(seen.waits, IsEmpty());
  const bool is_lost =
    code == error_code::timed_out || code == error_code::network || code == error_code::truncated_body;
  if (met.means == manner::shape) {
    expect_errors(seen, {code});
    return expect_failed(seen, asked);
  }
  if (met.means != manner::passes) { // no token is sent there that could end
    EXPECT_TRUE(seen.whole);
    return expect_all_well(seen);
  }
  if (met.retry_after > longest_wait_in_attempt)
    return judge_put_off(seen, lasts);
  if (lasts) {
    expect_errors(seen, {code, code, code, code});
    expect_gaps(seen, delays_of_fetch);
    return expect_failed(seen, asked);
  }
  expect_gaps(seen, {60s});
  if (is_lost) {
    expect_errors(seen, {code, error_code::requires_reauth});
    return expect_consent_asked_for(seen);
  }
  expect_errors(seen, {code});
  EXPECT_TRUE(seen.whole);
}

} // namespace

void judge(const asking& asked, const fault_case& met, bool lasts, const outcome& seen) {
  if (asked.when == asking::stage::delivery)
    judge_delivery(met, lasts, seen);
  else if (asked.when == asking::stage::old_token)
    judge_refresh(met, lasts, seen, asked);
  else if (asked.kind == webhook_look)
    judge_webhooks(met, lasts, seen, asked);
  else
    judge_stream(met, lasts, seen, asked);
}

} // namespace penstock::provider_faults
