#include "net/webhook_url.hpp"

#include <gtest/gtest.h>

#include "net/token_hash.hpp"
#include "net/url_redaction.hpp"

namespace penstock::net {

TEST(webhook_url, SecretIsFoundAgainAtTheSameNodeAndServiceAlone) {
  const std::string node = "https://penstock.example:8443/behind";
  const auto url = webhook_url(node, "monzo", "s3cret");
  EXPECT_EQ(url, "https://penstock.example:8443/behind/webhooks/monzo/s3cret");
  EXPECT_EQ(webhook_secret_in(url, node, "monzo"), "s3cret");
  EXPECT_EQ(webhook_secret_in("HTTPS://Penstock.Example:8443/behind/webhooks/monzo/s3cret", node, "monzo"), "s3cret");
  EXPECT_FALSE(webhook_secret_in(url, node, "probe"));
  EXPECT_FALSE(webhook_secret_in(url, "https://penstock.example:8443", "monzo"));
  EXPECT_FALSE(webhook_secret_in(webhook_url(node, "monzo"), node, "monzo"));
  EXPECT_FALSE(webhook_secret_in(url, "", "monzo"));
}

TEST(webhook_url, NoSecretIsShown) {
  EXPECT_EQ(redact_url(webhook_url("https://penstock.example", "monzo", "s3cret")),
            "https://penstock.example/webhooks/monzo/…");
}

TEST(webhook_url, SecretsAreRandomAndKeptAsTheirHash) {
  EXPECT_EQ(make_webhook_secret().size(), 43u);
  EXPECT_NE(make_webhook_secret(), make_webhook_secret());
  EXPECT_EQ(to_hex(hash_token("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"); // FIPS 180-2
}

} // namespace penstock::net
