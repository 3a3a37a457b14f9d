#include "net/http_message.hpp"

#include <gtest/gtest.h>

#include "net/http_date.hpp"

namespace penstock::net {
namespace {

using namespace std::chrono;
using namespace std::chrono_literals;

constexpr timestamp moment{sys_days{1994y / November / 6} + 8h + 49min + 37s};

TEST(http_date, WritesThePreferredForm) {
  EXPECT_EQ(format_http_date(moment + 999ms), "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(http_date, ReadsAllThreeForms) {
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT", moment), moment);
  EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT", moment), moment);
  EXPECT_EQ(parse_http_date("Sun Nov  6 08:49:37 1994", moment), moment);
}

TEST(http_date, TwoDigitYearBelongsToTheNearestCentury) {
  const timestamp now{sys_days{2026y / March / 1}};
  EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT", now), moment);
  EXPECT_EQ(parse_http_date("Friday, 06-Nov-26 00:00:00 GMT", now), timestamp{sys_days{2026y / November / 6}});
}

TEST(http_date, RefusesWhatIsNoDate) {
  for (const auto* text :
       {"", "soon", "Sun, 31 Feb 2026 00:00:00 GMT", "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Xyz 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT+1"})
    EXPECT_EQ(parse_http_date(text, moment), std::nullopt) << text;
}

http_response retry_after(std::string_view value) { return {429, {{"retry-after", value}}, {}}; }

TEST(http_response, RetryAfterInSecondsOrAsDate) {
  EXPECT_EQ(retry_after("120").retry_after(moment), 120s);
  EXPECT_EQ(retry_after("Sun, 06 Nov 1994 08:50:37 GMT").retry_after(moment), 60s);
}

TEST(http_response, RetryAfterInThePastIsNow) {
  EXPECT_EQ(retry_after("Sun, 06 Nov 1994 08:00:00 GMT").retry_after(moment), 0s);
}

TEST(http_response, RetryAfterIsADayAtMost) {
  EXPECT_EQ(retry_after("4294967295").retry_after(moment), 24h);
  EXPECT_EQ(retry_after("Fri, 31 Dec 9999 23:59:59 GMT").retry_after(moment), 24h);
}

TEST(http_response, UnreadableRetryAfterIsNone) {
  for (const auto* text : {"", "-1", "1.5", "soon", "99999999999999999999"})
    EXPECT_EQ(retry_after(text).retry_after(moment), std::nullopt) << text;
  EXPECT_EQ(http_response{}.retry_after(moment), std::nullopt);
}

TEST(http_request, MethodDecidesIdempotenceUnlessSaidOtherwise) {
  http_request r;
  for (const auto* method : {"GET", "HEAD", "PUT", "DELETE"}) {
    r.method = method;
    EXPECT_TRUE(r.is_idempotent()) << method;
  }
  r.method = "POST";
  EXPECT_FALSE(r.is_idempotent());
  r.idempotent = true;
  EXPECT_TRUE(r.is_idempotent());
}

} // namespace
} // namespace penstock::net
