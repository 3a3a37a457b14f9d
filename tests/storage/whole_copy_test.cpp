#include "storage/whole_copy.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "core/manual_clock.hpp"
#include "storage/databases.hpp"
#include "storage/described_table.hpp"
#include "storage/lock_file.hpp"
#include "storage/migrator.hpp"
#include "storage/statement.hpp"
#include "tests/storage/plain_tables.hpp"
#include "tests/storage/scratch_schema.hpp"

namespace penstock::storage {
namespace {

namespace fs = std::filesystem;

/// What lives in one database alone, or is made anew in each.
void leave_own_out(table_texts& texts) {
  for (const auto* own : {"nodes", "node_leases", "event_positions", "slots", "audit_log"})
    texts.erase(own);
  for (auto& row : texts["suspects"])
    row.erase("node");
  std::erase_if(texts["events"], [](const auto& row) { return row.at("type").find("database.restored") != std::string::npos; });
}

class whole_copy : public ::testing::Test {
protected:
  whole_copy() {
    std::string pattern = (fs::temp_directory_path() / "penstock-copy-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
    file = folder / "backup";
    request.version = "1.2.3";
    request.clock = &clock;
    request.contributed = {{"probe",
                            1,
                            "things",
                            {"CREATE TABLE things (name TEXT PRIMARY KEY NOT NULL, price DOUBLE "
                             "PRECISION)"}}};
  }
  ~whole_copy() override { fs::remove_all(folder); }

  [[nodiscard]] database_settings sqlite(const std::string& name) const {
    return {.url = "sqlite://" + (folder / name).string()};
  }
  [[nodiscard]] database_settings postgresql() {
    schemas.push_back(std::make_unique<scratch_schema>());
    return {.url = schemas.back()->url()};
  }
  void make(const database_settings& where, bool fill = true) {
    plain_database base(where.url, connection_role::writer);
    const auto all = all_migrations(request.contributed);
    const auto ran = migrator{*base.db, all}.run(clock);
    ASSERT_TRUE(ran) << ran.error().message;
    if (!fill)
      return;
    fill_tables(*base.db, 4,
                [](const std::string& table, const std::string& column, int n) -> std::optional<column_value> {
                  if (table == "slots" && column == "jobs")
                    return n == 1 ? "" : std::to_string(n) + "," + std::to_string(n + 10);
                  if (table == "job_payloads" && column == "body" && n == 2)
                    return "line\nand\\backslash\r\ttab";
                  if ((column == "before_json" && n == 3) || column == "changing_since")
                    return std::monostate{};
                  return std::nullopt;
                });
  }
  table_texts texts(const database_settings& where) {
    plain_database base(where.url);
    auto found = read_texts(*base.db);
    leave_own_out(found);
    return found;
  }
  result<copy_report> restore(const database_settings& to, bool force = false) {
    auto reader = backup_reader::verify(file, {});
    if (!reader)
      return failure(reader.error());
    return restore_backup(**reader, to, force, request);
  }
  error_code refusal(const result<copy_report>& done) {
    EXPECT_FALSE(done);
    return done ? error_code::internal : done.error().code;
  }
  std::int64_t number(const database_settings& where, const std::string& sql) {
    plain_database base(where.url);
    std::int64_t found = -1;
    statement read(*base.db, "read", sql);
    read.out(found);
    read.one();
    return found;
  }
  void copy_between(const database_settings& from, const database_settings& to) {
    make(from);
    const auto written = write_backup(from, file, request);
    ASSERT_TRUE(written) << written.error().message;
    const auto restored = restore(to);
    ASSERT_TRUE(restored) << restored.error().message;
    EXPECT_EQ(restored->facts.version, "1.2.3");
    EXPECT_EQ(texts(from), texts(to));
    EXPECT_EQ(number(to, "SELECT COUNT(*) FROM audit_log WHERE action = 'penstock restore'"), 1);
    EXPECT_EQ(number(to, "SELECT COUNT(*) FROM slots"), 3) << "free slots are left out";
    EXPECT_GT(number(to, "SELECT last FROM event_positions"), 1'000'000'000) << "positions are never given twice";
    EXPECT_EQ(number(to, "SELECT MAX(position) FROM events"), number(to, "SELECT last FROM event_positions"));
    EXPECT_EQ(number(to, "SELECT COUNT(*) FROM events WHERE type = 'database.restored'"), 1);
  }

  fs::path folder, file;
  manual_clock clock{timestamp{std::chrono::hours{24 * 365 * 54}}};
  copy_request request;
  std::vector<std::unique_ptr<scratch_schema>> schemas;
};

TEST_F(whole_copy, SqliteComesBackAsItWas) { copy_between(sqlite("from.db"), sqlite("to.db")); }

TEST_F(whole_copy, SqliteComesBackOnPostgresql) {
  const auto to = postgresql();
  if (to.url.empty())
    GTEST_SKIP() << scratch_schema::why_skipped;
  copy_between(sqlite("from.db"), to);
  EXPECT_EQ(number(to, "SELECT MIN(slot) FROM slots"), 65'536) << "of a node that lives no more";
  EXPECT_EQ(number(to, "SELECT COUNT(*) FROM node_leases WHERE number = 1 AND expires_at = 0"), 1);
}

TEST_F(whole_copy, PostgresqlComesBackOnBoth) {
  const auto from = postgresql(), to = postgresql();
  if (to.url.empty())
    GTEST_SKIP() << scratch_schema::why_skipped;
  copy_between(from, to);
  const auto third = sqlite("third.db");
  ASSERT_TRUE(restore(third));
  EXPECT_EQ(texts(from), texts(third));
  EXPECT_EQ(number(third, "SELECT MAX(slot) FROM slots"), 0) << "of the node that opens it";
}

TEST_F(whole_copy, IsForItsOwnerAloneAndReplacesTheFormerAtOnce) {
  make(sqlite("from.db"));
  std::ofstream(file) << "the former one";
  ASSERT_TRUE(write_backup(sqlite("from.db"), file, request));
  EXPECT_EQ(fs::status(file).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_TRUE(backup_reader::verify(file, {}));
  for (const auto& each : fs::directory_iterator(folder))
    EXPECT_EQ(each.path().string().find(".part-"), std::string::npos) << "nothing of it is left";
}

TEST_F(whole_copy, OneThatIsAlteredOrCutOffIsRefused) {
  make(sqlite("from.db"));
  ASSERT_TRUE(write_backup(sqlite("from.db"), file, request));
  const auto size = fs::file_size(file);
  for (const auto at : {size / 3, size / 2, size - 1}) {
    const auto altered = folder / "altered";
    fs::copy_file(file, altered, fs::copy_options::overwrite_existing);
    {
      std::fstream out(altered, std::ios::in | std::ios::out | std::ios::binary);
      out.seekg(static_cast<std::streamoff>(at));
      const char was = static_cast<char>(out.get());
      out.seekp(static_cast<std::streamoff>(at));
      out.put(static_cast<char>(was ^ 1));
    }
    const auto read = backup_reader::verify(altered, {});
    EXPECT_FALSE(read) << at;
    fs::copy_file(file, altered, fs::copy_options::overwrite_existing);
    fs::resize_file(altered, at);
    EXPECT_FALSE(backup_reader::verify(altered, {})) << at;
  }
  std::ofstream(folder / "other") << "something else altogether, that is longer than a line";
  EXPECT_FALSE(backup_reader::verify(folder / "other", {}));
  EXPECT_FALSE(backup_reader::verify(folder / "missing", {}));
}

TEST_F(whole_copy, NothingIsOverwrittenUnlessForced) {
  make(sqlite("from.db"));
  ASSERT_TRUE(write_backup(sqlite("from.db"), file, request));
  make(sqlite("to.db"), false);
  EXPECT_EQ(refusal(restore(sqlite("to.db"))), error_code::conflict);
  ASSERT_TRUE(restore(sqlite("to.db"), true));
  EXPECT_EQ(texts(sqlite("from.db")), texts(sqlite("to.db")));
}

TEST_F(whole_copy, IsRefusedWhileANodeHoldsTheDatabase) {
  make(sqlite("from.db"));
  ASSERT_TRUE(write_backup(sqlite("from.db"), file, request));
  const auto lock = lock_file::take(folder / "to.db.lock");
  ASSERT_TRUE(lock);
  EXPECT_EQ(refusal(restore(sqlite("to.db"), true)), error_code::unavailable);
  EXPECT_FALSE(fs::exists(folder / "to.db"));
}

TEST_F(whole_copy, PostgresqlWithRowsOrWithANodeIsRefused) {
  const auto to = postgresql();
  if (to.url.empty())
    GTEST_SKIP() << scratch_schema::why_skipped;
  make(sqlite("from.db"));
  ASSERT_TRUE(write_backup(sqlite("from.db"), file, request));
  make(to, false);
  ASSERT_TRUE(restore(to)) << "tables without rows are as good as none";
  EXPECT_EQ(refusal(restore(to)), error_code::conflict);
  schemas.back()->execute("INSERT INTO nodes VALUES (5, 'five', 1, 1); INSERT INTO node_leases VALUES (5, "
                          "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT) + 60000000)");
  EXPECT_EQ(refusal(restore(to, true)), error_code::unavailable);
}

TEST_F(whole_copy, OneThatBreaksOffOnTheWayLeavesWhatWasThere) {
  std::vector<database_settings> all{sqlite("to.db"), postgresql()};
  make(sqlite("from.db"));
  for (const auto& to : all) {
    if (to.url.empty())
      continue;
    make(to);
    const auto before = texts(to);
    ASSERT_TRUE(write_backup(sqlite("from.db"), file, request));
    auto reader = backup_reader::verify(file, {});
    ASSERT_TRUE(reader);
    fs::resize_file(file, fs::file_size(file) / 2); // the disk it is read from fails half-way
    EXPECT_FALSE(restore_backup(**reader, to, true, request)) << to.url;
    EXPECT_EQ(texts(to), before) << to.url;
  }
}

TEST_F(whole_copy, OneOfAFormerVersionIsBroughtUpToDate) {
  plain_database base(sqlite("from.db").url, connection_role::writer);
  const auto all = all_migrations(request.contributed);
  const std::vector<migration> former(all.begin(), all.begin() + 5);
  ASSERT_TRUE((migrator{*base.db, former}.run(clock)));
  fill_tables(*base.db, 2, [](const std::string& table, const std::string& column, int) -> std::optional<column_value> {
    if (table == "jobs" && column == "state")
      return std::int64_t{3};
    return std::nullopt;
  });
  ASSERT_TRUE(write_backup(sqlite("from.db"), file, request));
  const auto done = restore(sqlite("to.db"));
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->migrations, static_cast<int>(all.size() - 5));
  EXPECT_EQ(texts(sqlite("to.db")).at("jobs").size(), 2u);
}

TEST_F(whole_copy, OneOfALaterVersionOrOfAMissingConnectorIsRefused) {
  make(sqlite("from.db"));
  ASSERT_TRUE(write_backup(sqlite("from.db"), file, request));
  request.contributed.clear();
  EXPECT_EQ(refusal(restore(sqlite("to.db"))), error_code::bad_configuration);
  request.contributed = {{"probe", 0, "an earlier one", {}}};
  EXPECT_EQ(refusal(restore(sqlite("to.db"))), error_code::bad_configuration);
  EXPECT_FALSE(fs::exists(folder / "to.db"));
}

TEST_F(whole_copy, WhatNobodyDescribesAnyMoreIsKept) {
  request.contributed = {described_table("shop_items"), described_column("shop_items", {"price", column_type::integer}),
                         described_column("shop_items", {"title", column_type::text}),
                         described_view("shop_items", {"price", "title"}), described_table("old_items")};
  make(sqlite("from.db"));
  ASSERT_TRUE(write_backup(sqlite("from.db"), file, request));
  // One table is gone from the configuration since, and a column of the other; another one came.
  request.contributed = {described_table("shop_items"), described_column("shop_items", {"title", column_type::text}),
                         described_column("shop_items", {"stock", column_type::integer}),
                         described_view("shop_items", {"title", "stock"})};
  const auto restored = restore(sqlite("to.db"));
  ASSERT_TRUE(restored) << restored.error().message;
  for (const std::string count : {"SELECT COUNT(price) FROM shop_items", "SELECT COUNT(*) FROM old_items"}) {
    EXPECT_GT(number(sqlite("from.db"), count), 0) << count;
    EXPECT_EQ(number(sqlite("to.db"), count), number(sqlite("from.db"), count)) << count;
  }
  EXPECT_GT(number(sqlite("to.db"), "SELECT COUNT(*) FROM v_shop_items WHERE stock IS NULL"), 0);
}

TEST_F(whole_copy, SqliteMovesToPostgresqlAndEachTableIsCompared) {
  const auto to = postgresql();
  if (to.url.empty())
    GTEST_SKIP() << scratch_schema::why_skipped;
  const auto from = sqlite("from.db");
  make(from);
  const auto done = migrate_database(from, to, request);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(texts(from), texts(to));
  for (const auto& each : done->compared)
    if (each.name == "jobs") {
      EXPECT_EQ(each.rows, 4);
    }
  schemas.back()->execute("INSERT INTO kinds (name) VALUES ('a new one')");
  EXPECT_EQ(number(to, "SELECT id FROM kinds WHERE name = 'a new one'"), 5) << "numbers go on behind those that came";
  EXPECT_EQ(refusal(migrate_database(from, to, request)), error_code::conflict);
}

TEST_F(whole_copy, WhatIsNoTextIsMendedOnTheWayToPostgresql) {
  const auto to = postgresql();
  if (to.url.empty())
    GTEST_SKIP() << scratch_schema::why_skipped;
  const auto from = sqlite("from.db");
  make(from, false);
  {
    plain_database base(from.url, connection_role::writer);
    base.db->execute("insert", "INSERT INTO things (name, price) VALUES (CAST(X'61FF00' AS TEXT), 0.1)");
  }
  ASSERT_TRUE(migrate_database(from, to, request));
  EXPECT_EQ(schemas.back()->value("SELECT name FROM things"), "a\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST_F(whole_copy, AMoveWaitsForNoNode) {
  const auto to = postgresql();
  if (to.url.empty())
    GTEST_SKIP() << scratch_schema::why_skipped;
  make(sqlite("from.db"));
  const auto lock = lock_file::take(folder / "from.db.lock");
  EXPECT_EQ(refusal(migrate_database(sqlite("from.db"), to, request)), error_code::unavailable);
}

} // namespace
} // namespace penstock::storage
