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

TEST(body_redaction, WholeArraysAndObjectsBehindSecretNamesAreLeftOut) {
  EXPECT_EQ(redact_body(R"({"tokens":["abc", {"a":"]"}],"kept":1})"), R"({"tokens":"…","kept":1})");
  EXPECT_EQ(redact_body(R"({"credentials": {"value":"x", "deep":[[{}]]} , "kept":[1]})"),
            R"({"credentials": "…" , "kept":[1]})");
  EXPECT_EQ(redact_body(R"({"kept":1,"secrets":[{"value":"half of it was)"), R"({"kept":1,"secrets":"…")");
  EXPECT_EQ(redact_body(R"({"secrets":[)"), R"({"secrets":"…")");
  EXPECT_EQ(redact_body(R"({"secrets":)"), R"({"secrets":)");
  const auto deep = redact_body(R"({"token":)" + std::string(70'000, '['));
  EXPECT_EQ(deep, R"({"token":"…")");
}

TEST(body_redaction, NamesOfFormsAreReadAsTheirReadersDo) {
  EXPECT_EQ(redact_body("a=1&client%5Fsecret=x&%74oken=y"), "a=1&client%5Fsecret=…&%74oken=…");
  EXPECT_EQ(redact_body("user%5Bpass%5D=x&auth[]=y&user[name]=z"), "user%5Bpass%5D=…&auth[]=…&user[name]=z");
  EXPECT_EQ(redact_body("tok%zen=x&b=2"), "tok%zen=…&b=2");
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
