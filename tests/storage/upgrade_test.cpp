// Databases that former versions wrote: their migrations run up to each level, rows are put into every table, the rest runs,
// and all that was there is there. The steps are today's; that they are those of then, and what a real database of then
// becomes, is seen in tests/node (released_migrations_test.cpp, former_database_test.cpp).
#include <gtest/gtest.h>

#include "core/manual_clock.hpp"
#include "storage/databases.hpp"
#include "storage/migrator.hpp"
#include "tests/storage/lasting_stores.hpp"
#include "tests/storage/plain_tables.hpp"
#include "tests/storage/scratch_schema.hpp"

namespace penstock::storage {
namespace {

class upgrade : public ::testing::TestWithParam<store_kind> {
protected:
  void SetUp() override {
    place = GetParam().make();
    if (place->url().empty())
      GTEST_SKIP() << scratch_schema::why_skipped;
  }
  /// The values that a later migration looks at: what it makes of them must have a place.
  static std::optional<column_value> plausible(const std::string& table, const std::string& column, int n) {
    if (table == "jobs" && column == "state")
      return std::int64_t{n == 1 ? 0 : 3};
    if (table == "jobs" && column == "group_key" && n == 1)
      return std::monostate{};
    return std::nullopt;
  }

  std::unique_ptr<scratch_database> place;
  manual_clock clock{timestamp{std::chrono::hours{24 * 365 * 54}}};
};

TEST_P(upgrade, EachFormerLevelKeepsItsRows) {
  const auto all = all_migrations({});
  for (std::size_t level = 1; level < all.size(); ++level) {
    const auto own = GetParam().make();
    plain_database base(own->url());
    auto& db = *base.db;
    const std::vector<migration> former(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(level));
    ASSERT_TRUE((migrator{db, former}.run(clock)));
    fill_tables(db, 3, plausible);
    const auto before = read_texts(db);
    const auto ran = migrator{db, all}.run(clock);
    ASSERT_TRUE(ran) << "from level " << former.back().number << ": " << ran.error().message;
    EXPECT_EQ(*ran, static_cast<int>(all.size() - level));
    const auto after = read_texts(db);
    for (const auto& [table, rows] : before) {
      if (table == "event_positions" || table == "organisations")
        continue; // filled by a migration from other tables
      ASSERT_TRUE(after.contains(table)) << table;
      auto kept = after.at(table);
      for (auto& row : kept)
        std::erase_if(row, [&](const auto& column) { return !rows.front().contains(column.first); });
      std::sort(kept.begin(), kept.end());
      if (table == "schedules") // effective_from is set from created_at
        continue;
      EXPECT_EQ(kept, rows) << table << " from level " << former.back().number;
    }
  }
}

TEST_P(upgrade, AJobThatWaitedIsFoundInItsOrder) {
  const auto all = all_migrations({});
  plain_database base(place->url());
  const std::vector<migration> former(all.begin(), all.begin() + 1);
  ASSERT_TRUE((migrator{*base.db, former}.run(clock)));
  fill_tables(*base.db, 3, plausible);
  ASSERT_TRUE((migrator{*base.db, all}.run(clock)));
  EXPECT_EQ(read_texts(*base.db).at("waiting_jobs").size(), 1u);
}

INSTANTIATE_TEST_SUITE_P(stores, upgrade, ::testing::ValuesIn(lasting_store_kinds()),
                         [](const auto& info) { return info.param.name; });

} // namespace
} // namespace penstock::storage
