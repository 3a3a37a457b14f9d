#include "tests/storage/store_conformance.hpp"

// Credentials: sealed at rest, replaced by the holder of the latest version alone.
namespace penstock::storage {
namespace {

class credential_store : public store_conformance {
protected:
  credential tokens(integration_id id, std::string access) {
    credential value;
    value.integration = id;
    value.access_token = std::move(access);
    value.refresh_token = "refresh \"ü\"";
    value.access_expires_at = clock.now() + std::chrono::hours{6};
    value.account = "ann@example.org";
    return value;
  }
};
PENSTOCK_ON_EVERY_STORE(credential_store);

TEST_P(credential_store, IsReadBackWhole) {
  const auto id = add_probe();
  EXPECT_FALSE(integrations().credential_of(id)->has_value());
  const credential_id drawn{apply(store_credential{tokens(id, "access-1"), 0})};
  const auto found = integrations().credential_of(id);
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->id, drawn);
  EXPECT_EQ((*found)->integration, id);
  EXPECT_EQ((*found)->access_token, "access-1");
  EXPECT_EQ((*found)->refresh_token, "refresh \"ü\"");
  EXPECT_EQ((*found)->access_expires_at, clock.now() + std::chrono::hours{6});
  EXPECT_EQ((*found)->account, "ann@example.org");
  EXPECT_EQ((*found)->version, 1);
  EXPECT_EQ((*found)->updated_at, clock.now());
}

TEST_P(credential_store, RotationNeedsTheLatestVersion) {
  const auto id = add_probe();
  apply(store_credential{tokens(id, "access-1"), 0});
  const auto first_id = (*integrations().credential_of(id))->id;
  EXPECT_EQ(answer(store_credential{tokens(id, "late"), 0}).refused->code, error_code::conflict);
  apply(store_credential{tokens(id, "access-2"), 1});
  EXPECT_EQ(answer(store_credential{tokens(id, "late"), 1}).refused->code, error_code::conflict);
  EXPECT_EQ(answer(store_credential{tokens(id, "early"), 3}).refused->code, error_code::conflict);
  const auto found = *integrations().credential_of(id);
  EXPECT_EQ(found->access_token, "access-2");
  EXPECT_EQ(found->version, 2);
  EXPECT_EQ(found->id, first_id);
}

TEST_P(credential_store, TwoRotationsInOneCommitGiveOne) {
  const auto id = add_probe();
  apply(store_credential{tokens(id, "access-1"), 0});
  unit_of_work one, two;
  one.changes.push_back(store_credential{tokens(id, "one"), 1});
  two.changes.push_back(store_credential{tokens(id, "two"), 1});
  const auto done = commit_group({one, two});
  EXPECT_TRUE(done.batches.front().units[0].ok());
  EXPECT_FALSE(done.batches.front().units[1].ok());
  EXPECT_EQ((*integrations().credential_of(id))->access_token, "one");
}

TEST_P(credential_store, TokensAreNotReadableInTheTable) {
  const auto id = add_probe();
  apply(store_credential{tokens(id, "plain-access-token"), 0});
  const auto rows = reader->rows().select("SELECT body FROM credentials", {});
  ASSERT_EQ(rows->rows.size(), 1u);
  const auto& body = std::get<std::string>(rows->rows[0][0]);
  EXPECT_TRUE(body.starts_with("v1:"));
  EXPECT_EQ(body.find("plain-access"), std::string::npos);
  EXPECT_EQ(body.find("ann@"), std::string::npos);
}

TEST_P(credential_store, OfAnUnknownIntegrationIsNotFound) {
  EXPECT_EQ(answer(store_credential{tokens(integration_id{9}, "a"), 0}).refused->code, error_code::not_found);
}

TEST_P(credential_store, SealedUnderAnotherKeyDoesNotOpen) {
  const auto id = add_probe();
  apply(store_credential{tokens(id, "access-1"), 0});
  secrets = secret_box::ephemeral();
  const auto found = integrations().credential_of(id);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, error_code::storage_failed);
}

} // namespace
} // namespace penstock::storage
