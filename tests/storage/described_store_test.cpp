#include <gmock/gmock.h>

#include "storage/described_table.hpp"
#include "tests/storage/store_conformance.hpp"

// Tables of what people describe, and describe anew between two starts.
namespace penstock::storage {
namespace {

using ::testing::ElementsAre;

class described_store : public store_conformance {
protected:
  /// A start with this description.
  void start(const std::vector<column>& columns, const std::string& source) {
    database_context context;
    context.clock = &clock;
    context.ids = &ids;
    context.kinds = &kinds;
    context.secrets = &secrets;
    context.node_name = "node-1";
    schema_ = {"shop_items", columns};
    schema_.columns.push_back({"raw", column_type::text});
    context.tables = {schema_};
    context.migrations = {described_table("shop_items")};
    std::vector<std::string> shown;
    for (const auto& each : columns) {
      context.migrations.push_back(described_column("shop_items", each));
      shown.push_back(each.name == "seen" ? "{utc:seen} AS seen" : each.name);
    }
    context.migrations.push_back(described_view("shop_items", shown));
    context.migrations.push_back(described_versions("shop_items", source));
    reader.reset();
    writer.reset();
    db.reset();
    auto opened = database::open({.url = place->url()}, std::move(context));
    ASSERT_TRUE(opened) << opened.error().message;
    db = std::move(*opened);
    const auto migrated = db->migrate();
    ASSERT_TRUE(migrated) << migrated.error().message;
    auto write = db->open_writer();
    ASSERT_TRUE(write) << write.error().message;
    writer = std::move(*write);
    auto read = db->open_reader();
    ASSERT_TRUE(read) << read.error().message;
    reader = std::move(*read);
  }
  row_counts store(synced_row row) {
    unit_of_work unit;
    unit.rows.push_back({"shop_items", integration_id{41}, {std::move(row)}});
    const auto done = commit(std::move(unit));
    EXPECT_TRUE(done.ok()) << done.refused->message;
    return done.rows;
  }
  std::vector<column_value> one(const std::string& sql) {
    const auto found = reader->rows().select(sql, {});
    EXPECT_TRUE(found) << found.error().message;
    EXPECT_TRUE(found && found->rows.size() == 1) << sql;
    return found && !found->rows.empty() ? found->rows[0] : std::vector<column_value>{};
  }
  /// Nothing of it is left for a second start.
  [[nodiscard]] static bool lasts() { return GetParam().name != "memory"; }

  const column title_{"title", column_type::text}, seen_{"seen", column_type::integer},
    weight_{"weight", column_type::real};

private:
  table_schema schema_;
};
PENSTOCK_ON_EVERY_STORE(described_store);

TEST_P(described_store, RowsAreWrittenAndTheViewShowsThem) {
  start({title_, seen_, weight_}, "");
  EXPECT_EQ(store({"a", {std::string{"A"}, std::int64_t{1'000'000}, 0.5, std::string{"{}"}}, 0}).added, 1);
  EXPECT_THAT(one("SELECT source_id, title, seen, weight, raw FROM v_shop_items"),
              ElementsAre(column_value{std::string{"a"}}, column_value{std::string{"A"}},
                          column_value{std::string{"1970-01-01T00:00:01.000000Z"}}, column_value{0.5},
                          column_value{std::string{"{}"}}));
}

TEST_P(described_store, ColumnsThatComeLaterAreAddedAndTheViewFollows) {
  if (!lasts())
    return;
  start({title_}, "");
  store({"a", {std::string{"A"}, std::string{"{}"}}, 0});
  start({weight_, title_}, "");
  EXPECT_EQ(store({"a", {1.5, std::string{"A"}, std::string{"{}"}}, 0}).updated, 1);
  EXPECT_THAT(one("SELECT weight, title FROM v_shop_items"),
              ElementsAre(column_value{1.5}, column_value{std::string{"A"}}));
}

TEST_P(described_store, VersionsOfAnotherSourceHoldNothingUp) {
  if (!lasts())
    return;
  start({title_}, "/changed");
  store({"a", {std::string{"A"}, std::string{"{}"}}, 700});
  start({title_}, "/changed");
  EXPECT_EQ(store({"a", {std::string{"older"}, std::string{"{}"}}, 600}).updated, 0);
  start({title_}, "/created");
  EXPECT_EQ(store({"a", {std::string{"B"}, std::string{"{}"}}, 500}).updated, 1);
  start({title_}, "");
  EXPECT_EQ(store({"a", {std::string{"C"}, std::string{"{}"}}, 0}).updated, 1);
}

} // namespace
} // namespace penstock::storage
