#include "storage/array_upserts.hpp"

#include <gtest/gtest.h>

#include "storage/dialect.hpp"
#include "tests/storage/scratch_schema.hpp"

namespace penstock::storage {
namespace {

class array_upserts_on_postgresql : public testing::Test {
protected:
  void SetUp() override {
    if (schema.url().empty())
      GTEST_SKIP() << scratch_schema::why_skipped;
    schema.execute(
      "CREATE TABLE items (integration_id BIGINT, source_id TEXT, source_version BIGINT, first_seen_at BIGINT, "
      "updated_at BIGINT, deleted_at BIGINT, amount BIGINT, PRIMARY KEY (integration_id, source_id))");
    database_settings settings;
    settings.url = schema.url();
    dialect_ = make_postgresql_dialect(settings);
    db = std::make_unique<session>(*dialect_, connection_role::writer, nullptr);
    upserts = std::make_unique<array_upserts>(*db, table_schema{"items", {{"amount", column_type::integer}}});
  }

  /// One page of the integration, ids from 0: how many rows of the table the server fetched for it.
  std::int64_t fetched_for(std::int64_t integration, std::size_t rows, std::int64_t version) {
    std::vector<synced_row> page;
    for (std::size_t i = 0; i < rows; ++i)
      page.push_back({"tx_" + std::to_string(i), {version}, version});
    std::int64_t fetched = 0;
    db->begin();
    EXPECT_EQ(upserts->together(page), rows);
    for (const auto change : upserts->write(page, integration, 1'000))
      EXPECT_EQ(change, row_change::updated);
    for (auto& row : page)
      ++row.version; // which raises the versions alone
    EXPECT_EQ(upserts->together(page), rows);
    EXPECT_EQ(upserts->write(page, integration, 1'000).size(), rows);
    statement look(*db, "look",
                   "SELECT idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'items' "
                   "AND schemaname = current_schema()");
    look.out(fetched);
    EXPECT_TRUE(look.one());
    db->commit();
    return fetched;
  }

  scratch_schema schema;
  std::unique_ptr<dialect> dialect_;
  std::unique_ptr<session> db;
  std::unique_ptr<array_upserts> upserts;
};

/// By the statistics an integration has about ten rows here, as many as an array is taken for.
TEST_F(array_upserts_on_postgresql, APageOfALargeIntegrationAmongSmallOnesIsFoundByItsIds) {
  schema.execute(
    "INSERT INTO items SELECT i, 'tx_' || j, 1, 1, 1, NULL, 1 FROM generate_series(2, 1001) i, generate_series(1, 5) "
    "j; "
    "INSERT INTO items SELECT 1, 'tx_' || j, 1, 1, 1, NULL, 1 FROM generate_series(0, 4999) j; ANALYZE items");
  EXPECT_LE(fetched_for(1, 100, 2), 1'000);
}

/// The plans are made where the server takes the table for small.
TEST_F(array_upserts_on_postgresql, APageOfATableThatGrewSinceItsPlansWereMadeIsFoundByItsIds) {
  schema.execute("INSERT INTO items SELECT 1, 'tx_' || j, 1, 1, 1, NULL, 1 FROM generate_series(0, 99) j");
  fetched_for(1, 100, 2);
  schema.execute("INSERT INTO items SELECT 1, 'tx_' || j, 1, 1, 1, NULL, 1 FROM generate_series(100, 4999) j");
  EXPECT_LE(fetched_for(1, 100, 4), 1'000);
}

} // namespace
} // namespace penstock::storage
