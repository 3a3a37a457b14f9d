#include "messages/webhook.hpp"
#include "tests/storage/store_conformance.hpp"

// Addresses of incoming webhooks, and bodies that are stored ahead of their jobs.
namespace penstock::storage {
namespace {

using namespace std::chrono_literals;

class webhook_store : public store_conformance {
protected:
  static std::string hash(char digit) { return std::string(64, digit); }
  error_code refusal(engine_change change) {
    unit_of_work unit;
    unit.changes.push_back(std::move(change));
    const auto done = commit(std::move(unit));
    return done.ok() ? error_code::none : done.refused->code;
  }
  std::optional<webhook_address> found(char digit) {
    auto address = reader->integrations().find_webhook(hash(digit));
    EXPECT_TRUE(address);
    return address ? *address : std::nullopt;
  }
  job_id new_job() { return ids.make<job_id>(); }
  void stage(job_id job, std::int64_t piece, std::string bytes) { apply(stage_body{job, piece, std::move(bytes)}); }
  unit_result take(job_id job, std::string rest) {
    unit_of_work unit;
    unit.changes.push_back(take_staged_body{job});
    auto wanted = request("probe.page");
    wanted.payload = std::move(rest);
    wanted.staged = job;
    unit.jobs.push_back(std::move(wanted));
    return commit(std::move(unit));
  }
  std::string in_pieces(job_id job) {
    std::string all;
    for (std::int64_t next = 0;;) {
      auto piece = jobs().payload_from(job, next);
      EXPECT_TRUE(piece);
      if (!piece || !*piece)
        return all;
      EXPECT_GE((*piece)->number, next);
      EXPECT_LE((*piece)->bytes.size(), 128u * 1024u);
      all += (*piece)->bytes;
      next = (*piece)->number + 1;
    }
  }
};
PENSTOCK_ON_EVERY_STORE(webhook_store);

TEST_P(webhook_store, AddressIsFoundByTheHashOfItsSecret) {
  const auto id = add_probe();
  apply(set_webhook_secret{id, hash('a'), "the provider's key"});
  const auto address = found('a');
  ASSERT_TRUE(address);
  EXPECT_EQ(address->integration, id);
  EXPECT_EQ(address->service, integration_of(id).service);
  EXPECT_EQ(address->signing_key, "the provider's key");
  EXPECT_EQ(address->status, integration_status::idle);
  EXPECT_EQ(address->created_at, clock.now());
  EXPECT_FALSE(found('b'));
  const auto of_integration = reader->integrations().webhook_of(id);
  ASSERT_TRUE(of_integration && *of_integration);
  EXPECT_EQ((*of_integration)->signing_key, "the provider's key");
}

TEST_P(webhook_store, NewSecretEndsTheFormerAndKeepsTheKey) {
  const auto id = add_probe();
  apply(set_webhook_secret{id, hash('a'), "key"});
  apply(set_webhook_secret{id, hash('b'), std::nullopt});
  EXPECT_FALSE(found('a'));
  ASSERT_TRUE(found('b'));
  EXPECT_EQ(found('b')->signing_key, "key");
  apply(set_webhook_secret{id, hash('b'), "another"});
  EXPECT_EQ(found('b')->signing_key, "another");
}

TEST_P(webhook_store, SecretsOfTwoIntegrationsDiffer) {
  apply(set_webhook_secret{add_probe("one"), hash('a'), {}});
  EXPECT_EQ(refusal(set_webhook_secret{add_probe("two"), hash('a'), {}}), error_code::conflict);
  EXPECT_EQ(refusal(set_webhook_secret{add_probe("three"), "short", {}}), error_code::invalid_argument);
  EXPECT_EQ(refusal(set_webhook_secret{{999}, hash('c'), {}}), error_code::not_found);
}

TEST_P(webhook_store, AddressTellsThePauseAndGoesWithItsIntegration) {
  const auto id = add_probe();
  apply(set_webhook_secret{id, hash('a'), {}});
  apply(act_on_integration{id, integration_action::pause, {}});
  EXPECT_EQ(found('a')->status, integration_status::paused);
  apply(remove_integration{id, false});
  EXPECT_FALSE(found('a'));
}

TEST_P(webhook_store, StagedPiecesAndTheRestAreTheJobsPayload) {
  const auto job = new_job();
  const std::string first(300'000, 'a'), second = "zweites St\xc3\xbc" "ck", third(140'000, 'c'), rest = "the end";
  stage(job, 0, first);
  stage(job, 1, second);
  stage(job, 2, third);
  EXPECT_TRUE(ready_ids("process").empty());
  const auto done = take(job, rest);
  ASSERT_TRUE(done.ok());
  EXPECT_EQ(done.jobs.front().id, job);
  EXPECT_EQ(jobs().payload(job).value_or(""), first + second + third + rest);
  EXPECT_EQ(in_pieces(job), first + second + third + rest);
  EXPECT_EQ(ready_ids("process"), std::vector{job});
  ASSERT_EQ(news.ready.size(), 1u);
  EXPECT_TRUE(news.ready.front().has_payload);
  EXPECT_TRUE(news.ready.front().tied);
}

TEST_P(webhook_store, PayloadsThatWereNotStagedAreReadInPiecesToo) {
  auto wanted = request("probe.page");
  wanted.payload = std::string(1'000'000, 'x') + '\0' + "\xff";
  const auto job = enqueue(wanted).id;
  EXPECT_EQ(in_pieces(job), wanted.payload);
  EXPECT_EQ(in_pieces(enqueue("probe.task")), "");
}

TEST_P(webhook_store, CompletedJobLeavesNothingOfItsBody) {
  const auto job = new_job();
  stage(job, 0, std::string(200'000, 'a'));
  ASSERT_TRUE(take(job, "").ok());
  EXPECT_TRUE(end(job, attempt_outcome::succeeded).ok());
  EXPECT_FALSE(jobs().payload(job));
  EXPECT_EQ(in_pieces(job), "");
}

TEST_P(webhook_store, BodyThatIsDroppedBecomesNoJob) {
  const auto job = new_job();
  stage(job, 0, "a");
  apply(drop_staged_body{job});
  apply(drop_staged_body{job});
  EXPECT_EQ(in_pieces(job), "");
  const auto late = take(job, "rest");
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.refused->code, error_code::conflict);
  EXPECT_EQ(refusal(stage_body{job, 1, "b"}), error_code::conflict);
  EXPECT_EQ(in_pieces(job), "");
}

TEST_P(webhook_store, DropLeavesTheBodyOfAJobAlone) {
  const auto job = new_job();
  stage(job, 0, "a");
  ASSERT_TRUE(take(job, "b").ok());
  apply(drop_staged_body{job});
  EXPECT_EQ(in_pieces(job), "ab");
}

TEST_P(webhook_store, SweepTakesOldBodiesThatHaveNoJob) {
  const auto old = new_job(), taken = new_job();
  stage(old, 0, "old");
  stage(taken, 0, "taken");
  ASSERT_TRUE(take(taken, "").ok());
  clock.advance(1h);
  const auto young = new_job();
  stage(young, 0, "young");
  const auto swept = answer(sweep_staged_bodies{clock.now() - 30min, 100});
  EXPECT_EQ(swept.created, std::vector<std::int64_t>{1});
  EXPECT_EQ(in_pieces(old), "");
  EXPECT_EQ(in_pieces(taken), "taken");
  EXPECT_EQ(in_pieces(young), "young");
}

TEST_P(webhook_store, SizesOfPiecesAreHeldTo) {
  EXPECT_EQ(refusal(stage_body{new_job(), 0, ""}), error_code::invalid_argument);
  EXPECT_EQ(refusal(stage_body{new_job(), 0, std::string(stage_body::most_bytes + 1, 'x')}),
            error_code::invalid_argument);
  const auto job = new_job();
  stage(job, 0, std::string(stage_body::most_bytes, 'x'));
  EXPECT_EQ(refusal(stage_body{job, 0, "again"}), error_code::conflict);
}

TEST_P(webhook_store, DeliveryThatIsRepeatedLeavesItsBodyStaged) {
  const auto deliver = [&](job_id job) {
    unit_of_work unit;
    unit.changes.push_back(do_once{"webhook 1 abc", "webhook"});
    unit.changes.push_back(take_staged_body{job});
    auto wanted = request("probe.page");
    wanted.staged = job;
    unit.jobs.push_back(std::move(wanted));
    return commit(std::move(unit));
  };
  const auto first = new_job(), second = new_job();
  stage(first, 0, "a");
  stage(second, 0, "a");
  EXPECT_EQ(deliver(first).jobs.front().id, first);
  const auto again = deliver(second);
  EXPECT_TRUE(again.repeated);
  EXPECT_EQ(again.jobs.front().id, first);
  apply(drop_staged_body{second});
  EXPECT_EQ(in_pieces(second), "");
}

} // namespace
} // namespace penstock::storage
