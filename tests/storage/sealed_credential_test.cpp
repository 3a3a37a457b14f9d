#include "storage/sealed_credential.hpp"

#include <gtest/gtest.h>

namespace penstock::storage {
namespace {

credential sample() {
  credential value;
  value.integration = {12};
  value.access_token = "access";
  value.refresh_token = "refresh";
  value.access_expires_at = timestamp{duration{1'700'000'000'000'001}};
  value.account = "ann";
  return value;
}

TEST(sealed_credential, OpensForItsIntegration) {
  const auto secrets = secret_box::ephemeral();
  credential opened;
  opened.integration = {12};
  ASSERT_TRUE(open_credential(secrets, seal_credential(secrets, sample()), opened));
  EXPECT_EQ(opened.access_token, "access");
  EXPECT_EQ(opened.refresh_token, "refresh");
  EXPECT_EQ(opened.access_expires_at, sample().access_expires_at);
  EXPECT_EQ(opened.account, "ann");
}

TEST(sealed_credential, DoesNotOpenForAnother) {
  const auto secrets = secret_box::ephemeral();
  credential other;
  other.integration = {13};
  const auto opened = open_credential(secrets, seal_credential(secrets, sample()), other);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, error_code::storage_failed);
  EXPECT_EQ(other.access_token, "");
}

TEST(sealed_credential, SealedNonsenseIsDamage) {
  const auto secrets = secret_box::ephemeral();
  credential value;
  value.integration = {12};
  for (const auto* text : {"", "[]", "{"}) {
    const auto opened = open_credential(secrets, secrets.seal(text, "credential/12"), value);
    ASSERT_FALSE(opened) << text;
    EXPECT_EQ(opened.error().code, error_code::storage_failed);
  }
}

} // namespace
} // namespace penstock::storage
