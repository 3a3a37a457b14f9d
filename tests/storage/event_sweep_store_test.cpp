#include <unistd.h>

#include <filesystem>

#include <gmock/gmock.h>

#include "storage/whole_copy.hpp"
#include "tests/storage/lasting_stores.hpp"
#include "tests/storage/plain_tables.hpp"

// Events beyond their number go, counted by the rows that are there: positions have holes where a backup was restored.
namespace penstock::storage {
namespace {

using ::testing::ElementsAre;

constexpr std::int64_t hole = 10'000'000'000;

class event_sweep_store : public store_conformance {
protected:
  void emit(int count) {
    for (int i = 0; i < count; ++i) {
      unit_of_work unit;
      unit.events.push_back({"thing.happened", "things/1"});
      ASSERT_TRUE(commit(std::move(unit)).ok());
    }
  }
  void change(const std::string& sql) {
    plain_database base(place->url(), connection_role::upkeep);
    base.db->execute("change", sql);
  }
  /// Those from there on come behind a hole.
  void move_on(std::int64_t from) {
    change("UPDATE events SET position = position + " + std::to_string(hole) +
           " WHERE position >= " + std::to_string(from));
  }
  std::int64_t sweep(std::int64_t most, std::int64_t limit = 1000) {
    return answer(sweep_history{.most_events = most, .limit = limit}).created.at(2);
  }
  std::vector<std::int64_t> positions() {
    std::vector<std::int64_t> found;
    const auto stored = reader->events().list({}, 1000);
    for (const auto& each : *stored)
      found.push_back(each.position);
    return found;
  }
  void restore_from_backup() {
    const auto file = std::filesystem::temp_directory_path() /
                      ("penstock-event-sweep-" + std::to_string(::getpid()) + "-" + GetParam().name);
    change("DROP TABLE probe_items");
    change("DROP TABLE probe_log");
    change("DELETE FROM schema_migrations WHERE owner = 'probe'"); // it comes again with the store
    copy_request request{.version = "1.2.3", .clock = &clock};
    ASSERT_TRUE(write_backup({.url = place->url()}, file, request));
    reader.reset();
    writer.reset();
    db.reset();
    if (GetParam().name == "postgresql")
      change("UPDATE node_leases SET expires_at = 0"); // as after its fifteen seconds
    auto from = backup_reader::verify(file, {});
    ASSERT_TRUE(from) << from.error().message;
    const auto restored = restore_backup(**from, {.url = place->url()}, true, request);
    std::filesystem::remove(file);
    ASSERT_TRUE(restored) << restored.error().message;
    reopen();
  }
};

TEST_P(event_sweep_store, ARestoredDatabaseKeepsItsEvents) {
  emit(6);
  ASSERT_NO_FATAL_FAILURE(restore_from_backup());
  EXPECT_EQ(sweep(1000), 0);
  EXPECT_THAT(positions(), ElementsAre(1, 2, 3, 4, 5, 6, 6 + hole));
  emit(2);
  EXPECT_EQ(sweep(5), 4);
  EXPECT_THAT(positions(), ElementsAre(5, 6, 6 + hole, 7 + hole, 8 + hole));
}

TEST_P(event_sweep_store, RowsOnBothSidesOfAHoleCount) {
  emit(6);
  move_on(5);
  EXPECT_EQ(sweep(6), 0);
  EXPECT_EQ(sweep(4, 1), 1) << "a few at a time";
  EXPECT_EQ(sweep(4), 1);
  EXPECT_THAT(positions(), ElementsAre(3, 4, 5 + hole, 6 + hole));
  EXPECT_EQ(sweep(2), 2);
  EXPECT_THAT(positions(), ElementsAre(5 + hole, 6 + hole));
  EXPECT_EQ(sweep(1), 1) << "no hole among those that stay";
}

TEST_P(event_sweep_store, SeveralHolesAreSeen) {
  emit(9);
  move_on(4);
  move_on(hole + 7);
  EXPECT_EQ(sweep(9), 0);
  EXPECT_EQ(sweep(8), 1);
  EXPECT_EQ(sweep(5), 3);
  EXPECT_THAT(positions(), ElementsAre(5 + hole, 6 + hole, 7 + 2 * hole, 8 + 2 * hole, 9 + 2 * hole));
}

TEST_P(event_sweep_store, WhereNothingIsKeptBelowNothingGoes) {
  EXPECT_EQ(sweep(3), 0) << "no event at all";
  emit(3);
  move_on(1);
  EXPECT_EQ(sweep(3), 0);
  EXPECT_EQ(sweep(2), 1);
}

INSTANTIATE_TEST_SUITE_P(stores, event_sweep_store, ::testing::ValuesIn(lasting_store_kinds()),
                         [](const auto& info) { return info.param.name; });

} // namespace
} // namespace penstock::storage
