#include <gmock/gmock.h>

#include "tests/storage/store_conformance.hpp"

// Synced rows: conditional upserts, and the SELECTs that read them.
namespace penstock::storage {
namespace {

using std::chrono::minutes;
using ::testing::UnorderedElementsAre;

class row_store : public store_conformance {
protected:
  static constexpr integration_id owner{41};
  static synced_row row(std::string id, std::string name, std::int64_t amount, std::int64_t version = 0) {
    return {std::move(id), {std::move(name), amount, 0.5}, version};
  }
  static synced_row deleted(std::string id, std::string name, std::int64_t amount, std::int64_t version = 0) {
    auto told = row(std::move(id), std::move(name), amount, version);
    told.deleted = true;
    return told;
  }
  unit_result store(std::vector<synced_row> rows, integration_id integration = owner) {
    unit_of_work unit;
    unit.rows.push_back({"probe_items", integration, std::move(rows)});
    return commit(std::move(unit));
  }
  std::vector<column_value> stored(const std::string& source_id) {
    const auto found = reader->rows().select(
      "SELECT name, amount, ratio, source_version, first_seen_at, updated_at, deleted_at FROM probe_items "
      "WHERE integration_id = :p1 AND source_id = :p2",
      {owner.value, source_id});
    EXPECT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->rows.size(), 1u);
    return found->rows.empty() ? std::vector<column_value>(7) : found->rows[0];
  }
  std::vector<std::vector<column_value>> appended() {
    const auto found = reader->rows().select("SELECT note, amount FROM probe_log", {});
    EXPECT_TRUE(found) << found.error().message;
    return found->rows;
  }
  /// The organisation of the last records.changed.
  organisation_id told_organisation() {
    event_filter filter;
    filter.type_glob = "records.changed";
    const auto events = reader->events().list(filter, 1000);
    EXPECT_TRUE(events && !events->empty());
    return events && !events->empty() ? events->back().organisation : organisation_id{};
  }
};
PENSTOCK_ON_EVERY_STORE(row_store);

TEST_P(row_store, NewRowsAreAddedWithTheirTimes) {
  const auto done = store({row("a", "Ann", 1, 3), {"b", {std::monostate{}, std::monostate{}, std::monostate{}}, 0}});
  ASSERT_TRUE(done.ok()) << done.refused->message;
  EXPECT_EQ(done.rows.added, 2);
  const auto now = clock.now().time_since_epoch().count();
  EXPECT_EQ(stored("a"), (std::vector<column_value>{std::string{"Ann"}, std::int64_t{1}, 0.5, std::int64_t{3},
                                                    std::int64_t{now}, std::int64_t{now}, std::monostate{}}));
  EXPECT_EQ(stored("b")[0], column_value{std::monostate{}});
}

TEST_P(row_store, EqualRowsAreUnchangedAndDifferentOnesUpdated) {
  store({row("a", "Ann", 1), row("b", "Bob", 2)});
  const auto before = clock.now().time_since_epoch().count();
  clock.advance(minutes{1});
  const auto done = store({row("a", "Ann", 1), row("b", "Bob", 3)});
  EXPECT_EQ(done.rows.unchanged, 1);
  EXPECT_EQ(done.rows.updated, 1);
  EXPECT_EQ(done.rows.added, 0);
  EXPECT_EQ(stored("a")[5], column_value{std::int64_t{before}});
  EXPECT_EQ(stored("b")[1], column_value{std::int64_t{3}});
  EXPECT_EQ(stored("b")[4], column_value{std::int64_t{before}}) << "first seen stays";
  EXPECT_EQ(stored("b")[5], column_value{std::int64_t{clock.now().time_since_epoch().count()}});
}

TEST_P(row_store, NullAndValueDiffer) {
  store({row("a", "Ann", 1)});
  EXPECT_EQ(store({{"a", {std::string{"Ann"}, std::monostate{}, 0.5}, 0}}).rows.updated, 1);
  EXPECT_EQ(store({{"a", {std::string{"Ann"}, std::monostate{}, 0.5}, 0}}).rows.unchanged, 1);
  EXPECT_EQ(store({row("a", "Ann", 1)}).rows.updated, 1);
}

TEST_P(row_store, AnOlderVersionNeverReplacesANewerOne) {
  store({row("a", "new", 2, 7)});
  const auto done = store({row("a", "old", 1, 6)});
  EXPECT_EQ(done.rows.unchanged, 1);
  EXPECT_EQ(done.rows.updated, 0);
  EXPECT_EQ(stored("a")[0], column_value{std::string{"new"}});
  EXPECT_EQ(store({row("a", "newer", 3, 8)}).rows.updated, 1);
  EXPECT_EQ(stored("a")[3], column_value{std::int64_t{8}});
}

TEST_P(row_store, ADeletedRowStaysWithItsNewestValuesAndIsMarkedOnce) {
  store({row("a", "Ann", 1, 3), row("b", "Bob", 1)});
  const auto seen = clock.now().time_since_epoch().count();
  clock.advance(minutes{1});
  const auto gone = clock.now().time_since_epoch().count();
  const auto done = store({deleted("a", "Anna", 2, 4), row("b", "Bob", 1)});
  EXPECT_EQ(done.rows.deleted, 1);
  EXPECT_EQ(done.rows.unchanged, 1);
  EXPECT_EQ(done.rows.added + done.rows.updated, 0);
  const std::vector<column_value> marked{std::string{"Anna"}, std::int64_t{2},    0.5,
                                         std::int64_t{4},     std::int64_t{seen}, std::int64_t{gone},
                                         std::int64_t{gone}};
  EXPECT_EQ(stored("a"), marked);
  EXPECT_EQ(stored("b")[6], column_value{std::monostate{}});

  clock.advance(minutes{1});
  EXPECT_EQ(store({deleted("a", "Anna", 2, 4)}).rows.unchanged, 1);
  EXPECT_EQ(stored("a"), marked) << "told again";
  EXPECT_EQ(store({deleted("a", "Anna", 2, 9)}).rows.unchanged, 1);
  EXPECT_EQ(stored("a")[3], column_value{std::int64_t{9}}) << "a newer version of the same is remembered";
}

TEST_P(row_store, ADeletedRowWithOtherValuesIsUpdatedAndStaysDeleted) {
  store({deleted("a", "Ann", 1)});
  const auto gone = clock.now().time_since_epoch().count();
  clock.advance(minutes{1});
  const auto done = store({deleted("a", "Ann", 7)});
  EXPECT_EQ(done.rows.updated, 1);
  EXPECT_EQ(done.rows.deleted, 0);
  EXPECT_EQ(stored("a")[1], column_value{std::int64_t{7}});
  EXPECT_EQ(stored("a")[6], column_value{std::int64_t{gone}}) << "since then it is gone";
}

TEST_P(row_store, ARowThatIsFirstToldOfAsDeletedIsStoredAsSuch) {
  const auto done = store({deleted("a", "Ann", 1)});
  EXPECT_EQ(done.rows.deleted, 1);
  EXPECT_EQ(done.rows.added, 0);
  const std::int64_t now = clock.now().time_since_epoch().count();
  EXPECT_EQ(stored("a"),
            (std::vector<column_value>{std::string{"Ann"}, std::int64_t{1}, 0.5, std::int64_t{0}, now, now, now}));
}

TEST_P(row_store, AReimportAfterASoftDeleteIsNotSilentlyDropped) {
  store({row("a", "Ann", 1, 3)});
  store({deleted("a", "Ann", 1, 3)});
  clock.advance(minutes{1});
  const auto done = store({row("a", "Ann", 1, 3)});
  EXPECT_EQ(done.rows.updated, 1) << "its values are as they were, and yet it is another row than before";
  EXPECT_EQ(stored("a")[6], column_value{std::monostate{}});
  EXPECT_EQ(stored("a")[5], column_value{std::int64_t{clock.now().time_since_epoch().count()}});
  EXPECT_EQ(store({row("a", "Ann", 1, 3)}).rows.unchanged, 1);
  EXPECT_EQ(store({deleted("a", "Ann", 1, 3)}).rows.deleted, 1) << "and goes again";
}

TEST_P(row_store, AnOlderVersionNeitherDeletesNorBringsBack) {
  store({row("a", "Ann", 1, 7)});
  EXPECT_EQ(store({deleted("a", "old", 0, 6)}).rows.unchanged, 1);
  EXPECT_EQ(stored("a")[0], column_value{std::string{"Ann"}});
  EXPECT_EQ(stored("a")[6], column_value{std::monostate{}});
  store({deleted("a", "Ann", 1, 8)});
  EXPECT_EQ(store({row("a", "old", 0, 7)}).rows.unchanged, 1);
  EXPECT_NE(stored("a")[6], column_value{std::monostate{}});
  EXPECT_EQ(store({deleted("a", "old", 0, 7)}).rows.unchanged, 1);
  EXPECT_EQ(stored("a")[0], column_value{std::string{"Ann"}});
}

TEST_P(row_store, ARowThatIsDeletedAndComesBackInOnePageIsThere) {
  const auto done = store({row("a", "Ann", 1), deleted("a", "Ann", 1), row("a", "Ann", 1)});
  EXPECT_EQ(done.rows.added, 1);
  EXPECT_EQ(done.rows.deleted, 1);
  EXPECT_EQ(done.rows.updated, 1);
  EXPECT_EQ(stored("a")[6], column_value{std::monostate{}});
}

TEST_P(row_store, TheSameRowTwiceInAPageCountsOnceAsAdded) {
  const auto done = store({row("a", "Ann", 1), row("a", "Ann", 1)});
  ASSERT_TRUE(done.ok());
  EXPECT_EQ(done.rows.added, 1);
  EXPECT_EQ(done.rows.unchanged, 1);
}

TEST_P(row_store, IntegrationsAreApart) {
  store({row("a", "mine", 1)});
  EXPECT_EQ(store({row("a", "theirs", 1)}, integration_id{42}).rows.added, 1);
  EXPECT_EQ(stored("a")[0], column_value{std::string{"mine"}});
}

TEST_P(row_store, AnUnknownTableRefusesTheUnit) {
  unit_of_work unit;
  unit.rows.push_back({"no_such_table", owner, {row("a", "Ann", 1)}});
  const auto refused = commit(std::move(unit));
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.refused->message.find("no_such_table"), std::string::npos);
}

TEST_P(row_store, ChangesAreToldToTheOrganisationOfTheJobOrElseOfTheIntegration) {
  const auto id = add_probe("probe", std::chrono::hours{1}, {7});
  store({row("a", "Ann", 1)}, id);
  EXPECT_EQ(told_organisation(), organisation_id{7}) << "of the integration: there is no job";

  auto wanted = request("probe.page");
  wanted.integration = id;
  wanted.organisation = {8};
  unit_of_work page;
  page.rows.push_back({"probe_items", id, {row("b", "Bob", 1)}});
  end(enqueue(wanted).id, attempt_outcome::succeeded, page);
  EXPECT_EQ(told_organisation(), organisation_id{8}) << "of the job";

  wanted.organisation = {};
  page.rows[0].rows[0].source_id = "c";
  end(enqueue(wanted).id, attempt_outcome::succeeded, page);
  EXPECT_EQ(told_organisation(), organisation_id{7}) << "the job names none";

  store({row("a", "Ann", 1)}, integration_id{42});
  EXPECT_EQ(told_organisation(), organisation_id{}) << "nobody knows the integration";
}

TEST_P(row_store, AppendedRowsAreAddedAsTheyAre) {
  unit_of_work unit;
  unit.appends.push_back({"probe_log", {{std::string{"a"}, std::int64_t{1}}, {std::string{"a"}, std::int64_t{1}}}});
  unit.appends.push_back({"probe_log", {{std::monostate{}, std::monostate{}}}});
  const auto done = commit(unit);
  ASSERT_TRUE(done.ok()) << done.refused->message;
  EXPECT_FALSE(done.rows.changed()) << "a log has no rows that change";
  ASSERT_TRUE(commit(unit).ok());
  using row_values = std::vector<column_value>;
  const row_values same{std::string{"a"}, std::int64_t{1}}, none{std::monostate{}, std::monostate{}};
  EXPECT_THAT(appended(), UnorderedElementsAre(same, same, same, same, none, none));
}

TEST_P(row_store, ARefusedUnitAppendsNothing) {
  store({row("a", "Ann", 1, 4)});
  const std::vector<row_appends> good{{"probe_log", {{std::string{"a"}, std::int64_t{1}}}}};
  unit_of_work unknown, short_row, other_type, expecting, changing, with_job;
  unknown.appends = good;
  unknown.appends.push_back({"probe_items", {{std::string{"a"}, std::int64_t{1}}}});
  short_row.appends = good;
  short_row.appends.push_back({"probe_log", {{std::string{"a"}}}});
  other_type.appends = good;
  other_type.appends[0].rows.push_back({std::int64_t{1}, std::string{"a"}});
  expecting.appends = good;
  expecting.expects.push_back({"probe_items", owner, "a", 3});
  changing.appends = good;
  changing.changes.push_back(retry_job{job_id{5}});
  with_job.appends = good;
  with_job.jobs.push_back(request("no.such_kind"));
  for (const auto& unit : {unknown, short_row, other_type, expecting, changing, with_job})
    EXPECT_FALSE(commit(unit).ok());
  EXPECT_THAT(appended(), ::testing::IsEmpty());
  unit_of_work upserts;
  upserts.rows.push_back({"probe_log", owner, {{"a", {std::string{"a"}, std::int64_t{1}}, 0}}});
  EXPECT_EQ(commit(upserts).refused->code, error_code::invalid_argument) << "a log takes no upserts";
}

TEST_P(row_store, AUnitWhoseAttemptIsOverAppendsNothing) {
  const auto id = enqueue("probe.task");
  unit_of_work unit;
  unit.appends.push_back({"probe_log", {{std::string{"a"}, std::int64_t{1}}}});
  ASSERT_TRUE(end(id, attempt_outcome::succeeded, unit).ok());
  unit.ends.emplace();
  unit.ends->job = id;
  EXPECT_EQ(commit(unit).refused->code, error_code::conflict);
  EXPECT_EQ(appended().size(), 1u);
}

TEST_P(row_store, AnExpectationThatNoLongerHoldsRefusesTheUnit) {
  store({row("a", "Ann", 1, 4)});
  unit_of_work unit;
  unit.expects.push_back({"probe_items", owner, "a", 3});
  unit.rows.push_back({"probe_items", owner, {row("a", "changed", 1, 9)}});
  const auto refused = commit(unit);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.refused->code, error_code::conflict);
  unit.expects[0].version = 4;
  EXPECT_TRUE(commit(unit).ok());
  EXPECT_EQ(stored("a")[0], column_value{std::string{"changed"}});
}

TEST_P(row_store, SelectGivesTypedValuesNamesAndAtMostItsLimit) {
  store({row("a", "Ann", -5), row("b", "Bob", 9'000'000'000'000)});
  const auto found = reader->rows().select(
    "SELECT source_id, amount, ratio, NULL AS missing FROM probe_items WHERE integration_id = :p1 ORDER BY source_id",
    {owner.value}, 10);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->columns, (std::vector<std::string>{"source_id", "amount", "ratio", "missing"}));
  EXPECT_EQ(found->rows[0], (std::vector<column_value>{std::string{"a"}, std::int64_t{-5}, 0.5, std::monostate{}}));
  EXPECT_EQ(found->rows[1][1], column_value{std::int64_t{9'000'000'000'000}});
  EXPECT_EQ(reader->rows().select("SELECT source_id FROM probe_items", {}, 1)->rows.size(), 1u);
}

TEST_P(row_store, SelectTakesParametersByNumberInAnyOrder) {
  store({row("a", "Ann", 1), row("b", "Bob", 2)});
  const auto found =
    reader->rows().select("SELECT name FROM probe_items WHERE amount >= :p2 AND name = :p1 AND amount < :p2 + 1",
                          {std::string{"Bob"}, std::int64_t{2}});
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_EQ(found->rows.size(), 1u);
  EXPECT_EQ(found->rows[0][0], column_value{std::string{"Bob"}});
}

TEST_P(row_store, SelectWritesNothingAndSaysWhatIsWrong) {
  store({row("a", "Ann", 1)});
  for (const auto* sql :
       {"DELETE FROM probe_items", "WITH x AS (SELECT 1) DELETE FROM probe_items", "BEGIN", "SELECT 1; SELECT 2", "",
        "SELECT * FROM probe_items WHERE amount = :p2", "SELECT * FROM probe_items WHERE amount = :amount"}) {
    const auto refused = reader->rows().select(sql, {std::int64_t{1}});
    ASSERT_FALSE(refused) << sql;
    EXPECT_EQ(refused.error().code, error_code::invalid_argument) << sql;
  }
  const auto unknown = reader->rows().select("SELECT missing FROM probe_items", {});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, error_code::storage_failed);
  EXPECT_EQ(reader->rows().select("SELECT 1", {}, 0).error().code, error_code::invalid_argument);
  EXPECT_EQ(stored("a")[0], column_value{std::string{"Ann"}});
}

} // namespace
} // namespace penstock::storage
