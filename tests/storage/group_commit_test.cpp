#include <gmock/gmock.h>

#include <filesystem>

#include "tests/storage/store_fixture.hpp"

namespace penstock::storage {
namespace {

class group_commit : public store_fixture {
protected:
  void SetUp() override { open(); }
  /// A unit that the table itself refuses: the database fails in the middle of the transaction.
  static unit_of_work broken() {
    unit_of_work unit;
    unit.rows.push_back({"things", {1}, {{"a", {std::string{"name"}, std::int64_t{1000}}, 0}}});
    return unit;
  }
  static unit_of_work good(std::string args = "{}") {
    unit_of_work unit;
    unit.jobs.push_back(request());
    unit.jobs[0].args = std::move(args);
    return unit;
  }
};

TEST_F(group_commit, ABrokenUnitStandsAloneAndTheOthersAreStored) {
  for (std::size_t at = 0; at < 7; ++at) {
    std::vector<unit_of_work> units(7, good());
    units[at] = broken();
    const auto before = number("SELECT COUNT(*) FROM jobs");
    const auto done = commit(std::move(units));
    const auto& batch = done.batches[0];
    EXPECT_FALSE(batch.failed);
    for (std::size_t i = 0; i < 7; ++i)
      EXPECT_EQ(batch.units[i].ok(), i != at) << i;
    EXPECT_EQ(batch.units[at].refused->code, error_code::storage_failed);
    EXPECT_EQ(number("SELECT COUNT(*) FROM jobs"), before + 6);
    EXPECT_EQ(done.news.ready.size(), 6u);
    expect_counts_agree();
  }
}

TEST_F(group_commit, SeveralBrokenUnitsInSeveralBatches) {
  std::vector<write_batch> batches(3);
  batches[0].units = {good(), broken()};
  batches[1].units = {broken()};
  batches[2].units = {good(), good()};
  batches[2].claims.push_back({"default", 0, false, {{5}}});
  const auto done = writer->commit(batches);
  EXPECT_TRUE(done.batches[0].units[0].ok());
  EXPECT_FALSE(done.batches[0].units[1].ok());
  EXPECT_FALSE(done.batches[1].units[0].ok());
  EXPECT_FALSE(done.batches[1].failed) << "asking again would not help";
  EXPECT_TRUE(done.batches[2].units[0].ok());
  EXPECT_TRUE(done.batches[2].units[1].ok());
  EXPECT_EQ(number("SELECT COUNT(*) FROM jobs"), 3);
  EXPECT_EQ(number("SELECT COUNT(*) FROM slots"), 1);
}

TEST_F(group_commit, AnErrorOfTheDatabaseTellsNoValues) {
  auto unit = broken();
  std::get<std::string>(unit.rows[0].rows[0].values[0]) = "token-4711";
  const auto done = commit_one(std::move(unit));
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.refused->message.find("token-4711"), std::string::npos) << done.refused->message;
  EXPECT_NE(done.refused->message.find("things"), std::string::npos) << done.refused->message;
}

TEST_F(group_commit, AFullDiskFailsEveryBatchAndKeepsWhatWasAsked) {
  for (const auto* call : {"begin", "insert jobs", "write queue count", "commit"})
    for (const auto code : {error_code::storage_full, error_code::storage_busy}) {
      faults.fail_each(call, code);
      std::vector<write_batch> batches(2);
      batches[0].units = {good(R"({"n":1})"), good()};
      batches[1].units = {good()};
      batches[1].claims.push_back({"default", 1, false, {{7}}});
      auto done = writer->commit(batches);
      for (const auto& batch : done.batches) {
        ASSERT_TRUE(batch.failed) << call;
        EXPECT_EQ(batch.failed->code, code);
      }
      EXPECT_TRUE(done.news.ready.empty());
      EXPECT_EQ(batches[0].units[0].jobs[0].kind, "probe.task");
      EXPECT_EQ(batches[0].units[0].jobs[0].args, R"({"n":1})");

      faults.heal();
      const auto before = number("SELECT COUNT(*) FROM jobs");
      done = writer->commit(batches);
      EXPECT_FALSE(done.batches[0].failed);
      EXPECT_EQ(done.news.ready.size(), 3u);
      EXPECT_EQ(done.news.ready[0].args, R"({"n":1})");
      EXPECT_EQ(number("SELECT COUNT(*) FROM jobs"), before + 3);
      expect_counts_agree();
    }
}

TEST_F(group_commit, AFailureOfTheCommitItselfIsNotHalved) {
  faults.fail_each("commit", error_code::storage_failed);
  const auto done = commit({good(), good()});
  ASSERT_TRUE(done.batches[0].failed);
  EXPECT_EQ(done.batches[0].failed->code, error_code::storage_failed);
  faults.heal();
  EXPECT_EQ(number("SELECT COUNT(*) FROM jobs"), 0);
}

TEST_F(group_commit, ClaimsAloneThatFailAreTold) {
  faults.fail_each("write slot", error_code::storage_failed);
  const auto done = commit({}, {{"default", 0, false, {{5}}}});
  EXPECT_TRUE(done.batches[0].failed);
  faults.heal();
  EXPECT_FALSE(commit({}, {{"default", 0, false, {{5}}}}).batches[0].failed);
  EXPECT_EQ(number("SELECT COUNT(*) FROM slots"), 1);
}

TEST_F(group_commit, ClaimsAreStoredBesideABrokenLastUnit) {
  const auto done = commit({good(), broken()}, {{"default", 0, false, {{5}}}});
  EXPECT_TRUE(done.batches[0].units[0].ok());
  EXPECT_FALSE(done.batches[0].units[1].ok());
  EXPECT_FALSE(done.batches[0].failed);
  EXPECT_FALSE(done.batches[0].claims_failed);
  EXPECT_EQ(number("SELECT COUNT(*) FROM slots WHERE jobs = '5'"), 1);
}

TEST_F(group_commit, ClaimsThatALaterHalfCannotStoreAreTold) {
  for (const auto code : {error_code::storage_full, error_code::storage_failed}) {
    faults.fail_each("write slot", code);
    std::vector<write_batch> batches(2);
    batches[0].units = {good(), broken()};
    batches[0].claims.push_back({"default", 0, false, {{5}}});
    batches[1].units = {good()};
    const auto done = writer->commit(batches);
    faults.heal();
    EXPECT_TRUE(done.batches[0].units[0].ok());
    EXPECT_EQ(done.batches[0].units[1].refused->code, error_code::storage_failed);
    EXPECT_FALSE(done.batches[0].failed) << "a unit of it is stored: it must not come again";
    ASSERT_TRUE(done.batches[0].claims_failed);
    EXPECT_EQ(done.batches[0].claims_failed->code, code);
    EXPECT_EQ(number("SELECT COUNT(*) FROM slots"), 0);
  }
}

TEST_F(group_commit, ASlotWhoseNextClaimWasNotStoredHoldsNothingAnyMore) {
  const auto id = enqueue(request());
  ASSERT_FALSE(commit({}, {{"default", 0, false, {id}}}).batches[0].failed);
  faults.fail_each("write slot", error_code::storage_failed);
  auto late = end_of(id, attempt_outcome::retry);
  late.ends->run_again_at = clock.now();
  const auto ended = commit({late, broken()}, {{"default", 0, false, {}}});
  faults.heal();
  ASSERT_TRUE(ended.batches[0].units[0].ok());
  ASSERT_TRUE(ended.batches[0].claims_failed);
  // It waits again, and another slot may have it: one row names it.
  ASSERT_FALSE(commit({}, {{"default", 1, false, {id}}}).batches[0].failed);
  EXPECT_EQ(number("SELECT COUNT(*) FROM slots WHERE jobs = '" + std::to_string(id.value) + "'"), 1);
  EXPECT_EQ(number("SELECT COUNT(*) FROM slots WHERE slot = 0 AND jobs <> ''"), 0);
}

TEST_F(group_commit, UnitsThatAreAllToComeAgainBringTheirClaimsAlong) {
  faults.fail_each("insert jobs", error_code::storage_full);
  std::vector<write_batch> batches(3);
  batches[0].units = {broken()};
  batches[1].units = {good()};
  batches[1].claims.push_back({"default", 0, false, {{5}}}); // meets no full disk: its half holds claims alone
  batches[2].claims.push_back({"default", 1, false, {{6}}});
  auto done = writer->commit(batches);
  faults.heal();
  EXPECT_FALSE(done.batches[0].failed) << "the broken unit would not fare better";
  ASSERT_TRUE(done.batches[1].failed);
  EXPECT_EQ(done.batches[1].failed->code, error_code::storage_full);
  EXPECT_FALSE(done.batches[1].claims_failed);
  EXPECT_FALSE(done.batches[2].failed);
  EXPECT_EQ(number("SELECT COUNT(*) FROM jobs"), 0);

  done = writer->commit(std::span{batches}.subspan(1, 1));
  EXPECT_FALSE(done.batches[0].failed);
  EXPECT_EQ(number("SELECT COUNT(*) FROM jobs"), 1);
  EXPECT_EQ(number("SELECT COUNT(*) FROM slots"), 2);
}

TEST_F(group_commit, AnExceptionThatOneUnitProvokesIsChargedToItAlone) {
  faults.throw_each("insert row of things");
  unit_of_work odd;
  odd.rows.push_back({"things", {1}, {{"a", {std::string{"name"}, std::int64_t{1}}, 0}}});
  std::vector<write_batch> batches(2);
  batches[0].units = {good(), std::move(odd), good()};
  batches[1].units = {good()};
  const auto done = writer->commit(batches);
  faults.heal();
  EXPECT_FALSE(done.batches[0].failed);
  EXPECT_TRUE(done.batches[0].units[0].ok());
  ASSERT_FALSE(done.batches[0].units[1].ok());
  EXPECT_EQ(done.batches[0].units[1].refused->code, error_code::internal);
  EXPECT_TRUE(done.batches[0].units[2].ok());
  EXPECT_TRUE(done.batches[1].units[0].ok());
  EXPECT_EQ(number("SELECT COUNT(*) FROM jobs"), 3);
  expect_counts_agree();
}

TEST_F(group_commit, NewsComeInTheOrderOfTheUnits) {
  std::vector<unit_of_work> units;
  for (int i = 0; i < 100; ++i) {
    units.push_back(good());
    if (i % 3 == 0)
      units.back().jobs[0].group_key = "o/c/g" + std::to_string(i);
    if (i % 7 == 0)
      units.back().events.push_back({"probe.happened", "things/" + std::to_string(i)});
  }
  const auto done = commit(std::move(units));
  ASSERT_EQ(done.news.ready.size(), 100u);
  std::vector<job_id> told, answered;
  for (const auto& each : done.news.ready)
    told.push_back(each.id);
  for (const auto& each : done.batches[0].units)
    answered.push_back(each.jobs[0].id);
  EXPECT_EQ(told, answered);
  for (std::size_t i = 1; i < done.news.events.size(); ++i)
    EXPECT_EQ(done.news.events[i].position, done.news.events[i - 1].position + 1);
}

TEST_F(group_commit, BatchesOfEverySizeAreStoredWhole) {
  std::int64_t all = 0;
  for (const int size : {1, 2, 7, 8, 9, 63, 64, 65, 72, 127, 128, 137, 1000}) {
    unit_of_work unit;
    for (int i = 0; i < size; ++i) {
      unit.jobs.push_back(request());
      unit.jobs.back().args = R"({"n":)" + std::to_string(all + i) + "}";
      if (i % 2 == 1)
        unit.jobs.back().triggered_by = "n" + std::to_string(all + i);
    }
    const auto done = commit_one(std::move(unit));
    ASSERT_EQ(done.jobs.size(), static_cast<std::size_t>(size));
    for (int i = 0; i < size; i += 5) {
      const auto stored = job(done.jobs[static_cast<std::size_t>(i)].id);
      EXPECT_EQ(stored.job.args, R"({"n":)" + std::to_string(all + i) + "}");
      EXPECT_EQ(stored.triggered_by, i % 2 == 1 ? "n" + std::to_string(all + i) : "");
    }
    all += size;
    EXPECT_EQ(number("SELECT COUNT(*) FROM jobs"), all);
  }
  expect_counts_agree();
}

TEST_F(group_commit, AnUnknownKindIsNamedAndRefusesItsUnitOnly) {
  auto unknown = good();
  unknown.jobs.push_back(request("probe.tusk"));
  const auto done = commit({good(), unknown, good()});
  EXPECT_TRUE(done.batches[0].units[0].ok());
  ASSERT_FALSE(done.batches[0].units[1].ok());
  EXPECT_EQ(done.batches[0].units[1].refused->code, error_code::invalid_argument);
  EXPECT_NE(done.batches[0].units[1].refused->message.find("probe.tusk"), std::string::npos);
  EXPECT_TRUE(done.batches[0].units[2].ok());
  EXPECT_EQ(number("SELECT COUNT(*) FROM jobs"), 2);
}

TEST_F(group_commit, ArgsMustBeAnObject) {
  for (const auto* args : {"", "[]", "1", "null", "\"x\"", "{", "{}{}", "{\"a\":}", "{\"a\":1} x", "{\"a\":\"\xff\"}"})
    EXPECT_FALSE(commit_one(good(args)).ok()) << args;
  for (const auto* args : {"{}", " {} ", R"({"a":{"b":[1,2,3]}})"})
    EXPECT_TRUE(commit_one(good(args)).ok()) << args;
  auto late = good();
  late.jobs[0].priority = 10;
  EXPECT_FALSE(commit_one(std::move(late)).ok());
}

TEST_F(group_commit, ATrialSaysWhetherWritesAreTakenAndLeavesNothing) {
  enqueue(request());
  const auto before = dump();
  EXPECT_TRUE(writer->try_write());
  for (const auto* call : {"begin", "try writing", "commit"}) {
    faults.fail_each(call, error_code::storage_full);
    const auto tried = writer->try_write();
    ASSERT_FALSE(tried) << call;
    EXPECT_EQ(tried.error().code, error_code::storage_full);
    faults.heal();
  }
  EXPECT_TRUE(writer->try_write());
  EXPECT_EQ(dump(), before);
  enqueue(request());
  expect_counts_agree();
}

TEST_F(group_commit, ATrialFindsADiskWithoutRoomThoughTheLogHasSome) {
  reader.reset(), writer.reset(), db.reset();
  open(true);
  const auto trial = file + "-trial";
  std::filesystem::create_symlink("/dev/full", trial);
  const auto tried = writer->try_write();
  ASSERT_FALSE(tried);
  EXPECT_EQ(tried.error().code, error_code::storage_full);
  EXPECT_FALSE(std::filesystem::is_symlink(trial));
  EXPECT_TRUE(writer->try_write()) << "and leaves nothing behind";
  EXPECT_FALSE(std::filesystem::exists(trial));
}

TEST_F(group_commit, ATrialThatFindsNoRoomTakesNothingBackThatWasStoredBefore) {
  reader.reset(), writer.reset(), db.reset();
  open(true);
  const auto told = [this](const std::string& queue) {
    unit_of_work unit;
    unit.jobs.push_back(request());
    unit.jobs[0].queue = queue;
    unit.events.push_back({"probe.happened", "things/1"});
    return commit_one(std::move(unit));
  };
  ASSERT_TRUE(told("first-seen").ok());
  const auto trial = file + "-trial";
  std::filesystem::create_symlink("/dev/full", trial);
  ASSERT_FALSE(writer->try_write());
  const auto next = told("first-seen");
  EXPECT_TRUE(next.ok()) << next.refused->message;
  EXPECT_EQ(number("SELECT COUNT(*) FROM events"), 2);
}

TEST_F(group_commit, ATrialWritesToTheLog) {
  reader.reset(), writer.reset(), db.reset();
  open(true);
  const auto before = db->log();
  ASSERT_TRUE(writer->try_write());
  EXPECT_EQ(db->log().commits, before.commits + 1) << "or it would succeed on a full disk";
  EXPECT_GT(db->log().bytes, 0);
}

slot_claim left_open(std::uint64_t number) {
  slot_claim claim{"default", 0, false, {}};
  claim.leaves_open = number;
  return claim;
}

TEST_F(group_commit, BesideABrokenUnitNoJobIsGivenToAnOpenSlotWhichStaysOpen) {
  (void)commit({}, {left_open(1)});
  const auto done = commit({good(), broken(), good()});
  EXPECT_TRUE(done.batches[0].units[0].ok());
  EXPECT_TRUE(done.news.gifts.empty());
  EXPECT_EQ(done.news.ready.size(), 2u);
  EXPECT_EQ(commit({good()}).news.gifts.size(), 1u);
  expect_counts_agree();
}

TEST_F(group_commit, AUnitDoesNotFailBySlotsThatCannotBeWritten) {
  (void)commit({}, {left_open(1)});
  faults.fail_each("write slot", error_code::storage_failed);
  const auto done = commit({good()});
  EXPECT_TRUE(done.batches[0].units[0].ok());
  EXPECT_TRUE(done.news.gifts.empty());
  EXPECT_EQ(done.news.ready.size(), 1u);
}

TEST_F(group_commit, AClaimThatIsLostAfterItsSlotWasGivenLeavesWhatWasGivenThere) {
  (void)commit({}, {left_open(1)});
  const auto given = commit({good()}).news.gifts.at(0).jobs.at(0).id;
  slot_claim late{"default", 0, false, {{5}}};
  late.takes_back = 1;
  const auto done = commit({good(), broken()}, {late});
  EXPECT_FALSE(done.batches[0].claims_failed);
  EXPECT_EQ(job(given).state, job_state::active);
  faults.fail_each("write slot", error_code::storage_failed);
  slot_claim other{"default", 1, false, {{5}}};
  EXPECT_TRUE(commit({good()}, {late, other}).batches[0].claims_failed);
  faults.heal();
  slot_claim next{"default", 2, false, {{6}}};
  (void)commit({}, {next}); // the first that claims again empties the rows of those that could not
  EXPECT_EQ(job(given).state, job_state::active);
}

} // namespace
} // namespace penstock::storage
