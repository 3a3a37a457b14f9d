#include <gmock/gmock.h>

#include "storage/page_walk.hpp"
#include "tests/storage/lasting_stores.hpp"
#include "tests/storage/plain_tables.hpp"

// Reading events at a bounded cost, whatever is asked for, and across the holes that a restore leaves.
namespace penstock::storage {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::int64_t hole = 10'000'000'000;

class event_scan_store : public store_conformance {
protected:
  void emit(const std::string& type, const std::string& subject = "things/1", organisation_id owner = {}) {
    unit_of_work unit;
    unit.events.push_back({type, subject, "{}", {}, owner});
    ASSERT_TRUE(commit(std::move(unit)).ok());
  }
  void change(const std::string& sql) {
    plain_database base(place->url(), connection_role::upkeep);
    base.db->execute("change", sql);
  }
  /// One event of a rare type, and so many common ones behind it.
  void make_many(std::int64_t wanted) {
    emit("common");
    for (std::int64_t there = 1; there < wanted; there *= 2) {
      const auto by = std::to_string(there);
      change("INSERT INTO events (position, id, type, source, subject, time, data) SELECT position + " + by + ", id + " +
             by + ", type, source, subject, time, data FROM events");
    }
    change("UPDATE events SET type = 'rare' WHERE position = 1");
  }
  event_stretch look(const event_filter& filter, std::int64_t limit = 100) {
    auto found = reader->events().look_through(filter, limit);
    EXPECT_TRUE(found) << found.error().message;
    return found.value_or(event_stretch{});
  }
  static std::vector<std::int64_t> positions(const event_stretch& found) {
    std::vector<std::int64_t> all;
    for (const auto& each : found.events)
      all.push_back(each.position);
    return all;
  }
};

TEST_P(event_scan_store, ARareFilterEndsAfterABoundedNumberOfRowsAndGoesOn) {
  make_many(131'072);
  event_filter rare{.type_glob = "rar*", .newest_first = true};
  std::vector<std::int64_t> ends;
  event_stretch found;
  do {
    found = look(rare);
    ends.push_back(found.ended_at);
    rare.before_position = found.ended_at;
  } while (found.ended_at != 0 && ends.size() < 10);
  EXPECT_THAT(ends, ElementsAre(131'073 - rows_examined_for_a_page, 131'073 - 2 * rows_examined_for_a_page, 0));
  EXPECT_THAT(positions(found), ElementsAre(1));
  const auto oldest = look({.type_glob = "none", .after_position = 7});
  EXPECT_THAT(positions(oldest), IsEmpty());
  EXPECT_EQ(oldest.ended_at, 7 + rows_examined_for_a_page);
  EXPECT_EQ(look({.type_glob = "none", .after_position = 100'000}).ended_at, 0);

  const auto counted = reader->events().count_by_type(clock.now() - 1h, {});
  ASSERT_TRUE(counted);
  ASSERT_EQ(counted->items.size(), 1u);
  EXPECT_EQ(counted->items[0].type, "common");
  EXPECT_EQ(counted->items[0].count, event_reads::most_events_counted) << "the latest";
  EXPECT_EQ(counted->since, clock.now()) << "from when on those are";
}

TEST_P(event_scan_store, NewestFirstPassesHolesInPositions) {
  for (const auto* type : {"a", "b", "c", "d"})
    emit(type);
  change("UPDATE events SET position = position + " + std::to_string(hole) + " WHERE position > 2");
  const auto first = look({.newest_first = true}, 3);
  EXPECT_THAT(positions(first), ElementsAre(4 + hole, 3 + hole, 2));
  EXPECT_EQ(first.ended_at, 2);
  const auto last = look({.before_position = first.ended_at, .newest_first = true}, 3);
  EXPECT_THAT(positions(last), ElementsAre(1));
  EXPECT_EQ(last.ended_at, 0);
  EXPECT_THAT(positions(look({.type_glob = "[ab]"})), IsEmpty());
  EXPECT_THAT(positions(look({.type_glob = "?", .source = reader->events().list({}, 1)->front().source})),
              ElementsAre(1, 2, 3 + hole, 4 + hole));
  EXPECT_THAT(positions(look({.source = "elsewhere"})), IsEmpty());
}

TEST_P(event_scan_store, AFullStretchSaysWhereToGoOn) {
  for (int i = 0; i < 4; ++i)
    emit("a");
  EXPECT_EQ(look({}, 3).ended_at, 3);
  EXPECT_EQ(look({}, 4).ended_at, 0) << "nothing is left";
  EXPECT_EQ(reader->events().look_through({}, 0).error().code, error_code::invalid_argument);
}

TEST_P(event_scan_store, SinceIsFoundByIds) {
  emit("before");
  clock.advance(2h);
  emit("then", "things/1", {7});
  clock.advance(2h);
  emit("after");
  EXPECT_THAT(positions(look({.since = clock.now() - 2h})), ElementsAre(2, 3));
  EXPECT_THAT(positions(look({.since = clock.now() - 2h, .newest_first = true})), ElementsAre(3, 2));
  EXPECT_THAT(positions(look({.since = clock.now() - 1min})), ElementsAre(3));
  EXPECT_THAT(positions(look({.since = clock.now() + 1h})), IsEmpty());
  EXPECT_THAT(positions(look({.since = clock.now() - 3h, .organisation = {7}})), ElementsAre(2));
  EXPECT_THAT(positions(look({.since = clock.now() - 24h})), ElementsAre(1, 2, 3));
}

TEST_P(event_scan_store, APositionIsFoundByAnId) {
  emit("a");
  emit("b");
  const auto id = news.events.front().id;
  EXPECT_EQ(reader->events().position_of(id), 2);
  EXPECT_EQ(reader->events().position_of({id.value + 1}), 0);
}

INSTANTIATE_TEST_SUITE_P(stores, event_scan_store, ::testing::ValuesIn(lasting_store_kinds()),
                         [](const auto& info) { return info.param.name; });

} // namespace
} // namespace penstock::storage
