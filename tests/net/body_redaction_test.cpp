#include "net/body_redaction.hpp"

#include <gtest/gtest.h>

namespace penstock::net {

TEST(body_redaction, SecretsOfJsonAreLeftOut) {
  EXPECT_EQ(redact_body(R"({"access_token": "a\"b", "amount": 5, "nested": {"client_secret":"x"}})"),
            R"({"access_token": "…", "amount": 5, "nested": {"client_secret":"…"}})");
  EXPECT_EQ(redact_body(R"({"token": 12345})"), R"({"token": "…"})");
  EXPECT_EQ(redact_body(R"({"password":"half of it was cu)"), R"({"password":"…")");
  EXPECT_EQ(redact_body(R"(["token", "kept"])"), R"(["token", "kept"])");
}

TEST(body_redaction, SecretsOfFormsAreLeftOut) {
  EXPECT_EQ(redact_body("grant_type=refresh_token&refresh_token=abc&client_secret=x"),
            "grant_type=refresh_token&refresh_token=…&client_secret=…");
  EXPECT_EQ(redact_body("plain words"), "plain words");
}

TEST(body_redaction, AddressesOfWebhooksAreLeftOut) {
  EXPECT_EQ(redact_body(R"({"webhook": {"id": "w1", "url": "https://node.example/webhooks/monzo/s3cret"}})"),
            R"({"webhook": {"id": "w1", "url": "…"}})");
  EXPECT_EQ(redact_body(R"({"url": "https:\/\/node.example\/webhooks\/monzo\/s3cret", "a": 1})"),
            R"({"url": "…", "a": 1})");
  EXPECT_EQ(redact_body("account_id=acc_1&url=https%3A%2F%2Fnode.example%2Fwebhooks%2Fmonzo%2Fs3cret"),
            "account_id=acc_1&url=…");
  EXPECT_EQ(redact_body(R"({"url": "https://example.com/webhooks/list"})"),
            R"({"url": "https://example.com/webhooks/list"})");
}

TEST(body_redaction, BodiesAreCutAndWellFormed) {
  EXPECT_EQ(redact_body(std::string(100'000, 'x')).size(), most_kept_of_a_body);
  EXPECT_EQ(redact_body("\xff\x00z"), "\xef\xbf\xbd");
  EXPECT_EQ(redact_body(""), "");
}

} // namespace penstock::net
