#include "tests/storage/store_conformance.hpp"

#include <gmock/gmock.h>

// Events: stored with their cause, read by position.
namespace penstock::storage {
namespace {

using std::chrono::minutes;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class event_store : public store_conformance {
protected:
  void emit(const std::string& type, const std::string& subject = "things/1") {
    unit_of_work unit;
    unit.events.push_back({type, subject, R"({"n":1})", {5}, {6}});
    ASSERT_TRUE(commit(std::move(unit)).ok());
  }
  std::vector<std::string> types(event_filter filter, std::int64_t limit = 100) {
    std::vector<std::string> found;
    const auto events = reader->events().list(filter, limit);
    EXPECT_TRUE(events);
    for (const auto& each : *events)
      found.push_back(each.type);
    return found;
  }
};
PENSTOCK_ON_EVERY_STORE(event_store);

TEST_P(event_store, IsToldAsItIsStored) {
  emit("a.happened");
  ASSERT_EQ(news.events.size(), 1u);
  const auto told = news.events[0];
  EXPECT_EQ(told.position, 1);
  EXPECT_TRUE(told.id);
  EXPECT_EQ(told.time, clock.now());
  const auto stored = reader->events().list({}, 10);
  ASSERT_EQ(stored->size(), 1u);
  const auto& found = stored->front();
  EXPECT_EQ(found.position, told.position);
  EXPECT_EQ(found.id, told.id);
  EXPECT_EQ(found.type, "a.happened");
  EXPECT_EQ(found.source, told.source);
  EXPECT_FALSE(found.source.empty());
  EXPECT_EQ(found.subject, "things/1");
  EXPECT_EQ(found.data, R"({"n":1})");
  EXPECT_EQ(found.time, clock.now());
  EXPECT_EQ(found.integration, integration_id{5});
  EXPECT_EQ(found.organisation, organisation_id{6});
}

TEST_P(event_store, PositionsHaveNoGapsAcrossUnitsAndRefusals) {
  EXPECT_EQ(reader->events().last_position(), 0);
  unit_of_work two;
  two.events = {{"a", "s"}, {"b", "s"}};
  unit_of_work refused = two;
  refused.changes.push_back(cancel_job{job_id{1}, ""});
  commit_group({two, refused, two});
  std::vector<std::int64_t> positions;
  const auto stored = reader->events().list({}, 100);
  for (const auto& each : *stored)
    positions.push_back(each.position);
  EXPECT_THAT(positions, ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(reader->events().last_position(), 4);
  EXPECT_EQ(news.events.size(), 4u);
}

TEST_P(event_store, ReadsOnFromAPosition) {
  for (const auto* type : {"a", "b", "c"})
    emit(type);
  EXPECT_THAT(types({.after_position = 1}), ElementsAre("b", "c"));
  EXPECT_THAT(types({.after_position = 3}), IsEmpty());
  EXPECT_THAT(types({}, 2), ElementsAre("a", "b"));
  EXPECT_THAT(types({.newest_first = true}, 2), ElementsAre("c", "b"));
}

TEST_P(event_store, GlobsMatchWholeTypesLiterally) {
  for (const auto* type : {"job.failed", "job.cancelled", "job_failed", "jobs.failed", "integration.failed"})
    emit(type);
  EXPECT_THAT(types({.type_glob = "job.*"}), ElementsAre("job.failed", "job.cancelled"));
  EXPECT_THAT(types({.type_glob = "*.failed"}), ElementsAre("job.failed", "jobs.failed", "integration.failed"));
  EXPECT_THAT(types({.type_glob = "job_failed"}), ElementsAre("job_failed"));
  EXPECT_THAT(types({.type_glob = "job?failed"}), ElementsAre("job.failed", "job_failed"));
  EXPECT_THAT(types({.type_glob = "job_*"}), ElementsAre("job_failed"));
  EXPECT_THAT(types({.type_glob = "job"}), IsEmpty());
  EXPECT_THAT(types({.type_glob = "%"}), IsEmpty());
}

TEST_P(event_store, FiltersBySubjectAndTime) {
  emit("a", "things/1");
  clock.advance(minutes{1});
  emit("b", "things/2");
  emit("c", "things/1");
  EXPECT_THAT(types({.subject = "things/1"}), ElementsAre("a", "c"));
  EXPECT_THAT(types({.since = clock.now()}), ElementsAre("b", "c"));
  EXPECT_THAT(types({.subject = "things/1", .since = clock.now()}), ElementsAre("c"));
}

TEST_P(event_store, LimitsAreChecked) {
  for (const std::int64_t limit : {0, -1, 1001})
    EXPECT_EQ(reader->events().list({}, limit).error().code, error_code::invalid_argument);
}

} // namespace
} // namespace penstock::storage
