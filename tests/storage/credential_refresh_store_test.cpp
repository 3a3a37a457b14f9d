#include "tests/storage/store_conformance.hpp"

// Which node may refresh a credential.
namespace penstock::storage {
namespace {

using std::chrono::seconds;

class credential_refresh : public store_conformance {
protected:
  void SetUp() override {
    store_conformance::SetUp();
    if (IsSkipped())
      return;
    id = add_probe();
    put(1);
  }
  void put(int version) {
    credential tokens;
    tokens.integration = id;
    tokens.access_token = "access";
    EXPECT_TRUE(answer(store_credential{tokens, version - 1}).ok());
  }
  static error_code code_of(const unit_result& done) { return done.refused ? done.refused->code : error_code{}; }

  integration_id id{};
};
PENSTOCK_ON_EVERY_STORE(credential_refresh);

TEST_P(credential_refresh, IsGivenToOneUntilItsTimeIsOver) {
  EXPECT_TRUE(answer(begin_refresh{id, 1, clock.now() + seconds{30}}).ok());
  EXPECT_EQ(code_of(answer(begin_refresh{id, 1, clock.now() + seconds{31}})), error_code::conflict);
  clock.advance(seconds{30});
  EXPECT_TRUE(answer(begin_refresh{id, 1, clock.now() + seconds{30}}).ok());
}

TEST_P(credential_refresh, IsForTheVersionThatIsStored) {
  EXPECT_EQ(code_of(answer(begin_refresh{id, 2, clock.now() + seconds{30}})), error_code::conflict);
  EXPECT_TRUE(answer(begin_refresh{id, 1, clock.now() + seconds{30}}).ok());
  put(2);
  EXPECT_EQ(code_of(answer(begin_refresh{id, 1, clock.now() + seconds{30}})), error_code::conflict);
  EXPECT_TRUE(answer(begin_refresh{id, 2, clock.now() + seconds{30}}).ok()) << "nobody has the new one's";
  EXPECT_EQ(code_of(answer(begin_refresh{{77}, 1, clock.now()})), error_code::not_found);
}

TEST_P(credential_refresh, IsFreeAgainWhenItIsOver) {
  const auto until = clock.now() + seconds{30};
  ASSERT_TRUE(answer(begin_refresh{id, 1, until}).ok());
  EXPECT_TRUE(answer(end_refresh{id, 1, until + seconds{1}}).ok()) << "another's: nothing happens";
  EXPECT_EQ(code_of(answer(begin_refresh{id, 1, until})), error_code::conflict);
  EXPECT_TRUE(answer(end_refresh{id, 1, until}).ok());
  EXPECT_TRUE(answer(begin_refresh{id, 1, until}).ok());
}

TEST_P(credential_refresh, SaysWhetherWhatIsToldOfTheVersionStillHolds) {
  const auto until = clock.now() + seconds{30};
  EXPECT_TRUE(answer(end_refresh{id, 1, no_time, true}).ok());
  EXPECT_EQ(code_of(answer(end_refresh{id, 1, until, true})), error_code::conflict) << "it was never given";
  ASSERT_TRUE(answer(begin_refresh{id, 1, until}).ok());
  put(2);
  EXPECT_EQ(code_of(answer(end_refresh{id, 1, until, true})), error_code::conflict);
  EXPECT_EQ(code_of(answer(end_refresh{{77}, 1, until, true})), error_code::not_found);
}

TEST_P(credential_refresh, IsNotGivenWhereAPersonsConsentIsAwaited) {
  apply(act_on_integration{id, integration_action::requires_reauth, "revoked"});
  const auto done = answer(begin_refresh{id, 1, clock.now() + seconds{30}});
  ASSERT_EQ(code_of(done), error_code::requires_reauth);
  EXPECT_EQ(done.refused->message, "revoked");
}

} // namespace
} // namespace penstock::storage
