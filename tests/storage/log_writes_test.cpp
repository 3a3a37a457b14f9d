#include "storage/log_writes.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "storage/dialect.hpp"
#include "tests/storage/altered_log.hpp"

namespace penstock::storage {
namespace {

bool disk_is_full = false;
int writes = 0;

void count_writes(sqlite3_io_methods& methods) {
  methods.xWrite = [](sqlite3_file* log, const void* data, int bytes, sqlite3_int64 at) {
    ++writes;
    return disk_is_full ? SQLITE_FULL : altered_log::below().xWrite(log, data, bytes, at);
  };
}

class log_writing : public ::testing::Test {
protected:
  using contents = std::map<int, std::string>;

  log_writing() {
    disk_is_full = false;
    std::string pattern = (std::filesystem::temp_directory_path() / "penstock-log-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
    dialect_ = make_sqlite_dialect(folder + "/a.db", {});
    db = dialect_->connect(connection_role::writer);
    *db << "CREATE TABLE things (n INTEGER PRIMARY KEY, text TEXT)";
    aut = std::make_unique<log_writes>(*db);
    writes = 0;
  }
  ~log_writing() override {
    aut.reset();
    db.reset();
    std::filesystem::remove_all(folder);
  }

  /// Another connection, of the kind that reads.
  [[nodiscard]] std::unique_ptr<soci::session> other(connection_role role = connection_role::reader) const {
    return dialect_->connect(role);
  }

  /// Rows that take a page each.
  static void fill(soci::session& on, int from, int count, char with = 'x') {
    const std::string text(3'000, with);
    for (int n = from; n < from + count; ++n)
      on << "INSERT OR REPLACE INTO things VALUES (:n, :text)", soci::use(n), soci::use(text);
  }

  static contents read(soci::session& on) {
    contents found;
    const soci::rowset<soci::row> rows = (on.prepare << "SELECT n, text FROM things");
    for (const auto& each : rows)
      found.emplace(each.get<int>(0), each.get<std::string>(1));
    return found;
  }

  static std::string examined(soci::session& on) {
    std::string said;
    on << "PRAGMA integrity_check", soci::into(said);
    return said;
  }

  /// What a process would find that starts after this one was killed here.
  contents after_a_kill() const {
    std::filesystem::copy_file(folder + "/a.db", folder + "/b.db", std::filesystem::copy_options::overwrite_existing);
    std::filesystem::copy_file(folder + "/a.db-wal", folder + "/b.db-wal",
                               std::filesystem::copy_options::overwrite_existing);
    std::filesystem::remove(folder + "/b.db-shm");
    const auto copy = make_sqlite_dialect(folder + "/b.db", {})->connect(connection_role::reader);
    EXPECT_EQ(examined(*copy), "ok");
    return read(*copy);
  }

private:
  const altered_log vfs_{count_writes};
  std::unique_ptr<dialect> dialect_;

protected:
  std::string folder;
  std::unique_ptr<soci::session> db;
  std::unique_ptr<log_writes> aut;
};

TEST_F(log_writing, ACommitOfManyPagesIsOneWrite) {
  *db << "BEGIN IMMEDIATE";
  fill(*db, 0, 50);
  EXPECT_EQ(writes, 0);
  *db << "COMMIT";
  EXPECT_LE(writes, 4) << "one for each 30 pages, and the log's head may be one of its own";
  EXPECT_EQ(read(*other()).size(), 50u);
  EXPECT_EQ(after_a_kill().size(), 50u);
  writes = 0;
  *db << "BEGIN IMMEDIATE";
  fill(*db, 100, 20);
  *db << "COMMIT";
  EXPECT_EQ(writes, 1);
}

TEST_F(log_writing, WhatIsRolledBackIsNotWrittenOverWhatOthersStored) {
  *db << "PRAGMA cache_size=5"; // so that pages go to the log before the end
  *db << "BEGIN IMMEDIATE";
  fill(*db, 0, 60, 'r');
  *db << "ROLLBACK";
  const auto neighbour = other(connection_role::upkeep);
  fill(*neighbour, 200, 30, 'n');
  fill(*db, 0, 3, 'w');
  const auto found = read(*other());
  EXPECT_EQ(found.size(), 33u);
  EXPECT_EQ(found.at(0)[0], 'w');
  EXPECT_EQ(found.at(200)[0], 'n');
  EXPECT_EQ(after_a_kill(), found);
}

TEST_F(log_writing, ATransactionReadsWhatItWroteItself) {
  *db << "PRAGMA cache_size=5";
  *db << "BEGIN IMMEDIATE";
  fill(*db, 0, 60);
  EXPECT_EQ(read(*db).size(), 60u);
  fill(*db, 0, 60, 'y'); // pages that the log holds already are written over there
  EXPECT_EQ(read(*db).at(59)[0], 'y');
  *db << "COMMIT";
  EXPECT_EQ(read(*other()).at(0)[0], 'y');
  EXPECT_EQ(after_a_kill().at(59)[0], 'y');
}

TEST_F(log_writing, AFullDiskIsTheErrorOfTheCommit) {
  fill(*db, 0, 1);
  *db << "BEGIN IMMEDIATE";
  fill(*db, 10, 20);
  disk_is_full = true;
  EXPECT_THROW(*db << "COMMIT", soci::soci_error);
  disk_is_full = false;
  try {
    *db << "ROLLBACK";
  } catch (const soci::soci_error&) {} // SQLite may have done so itself
  EXPECT_EQ(read(*other()).size(), 1u);
  EXPECT_EQ(after_a_kill().size(), 1u);
  fill(*db, 5, 1);
  EXPECT_EQ(after_a_kill().size(), 2u);
}

TEST_F(log_writing, PagesThatCouldNotBeWrittenMidwayLetNothingBeStoredBehindThem) {
  fill(*db, 0, 60);
  *db << "PRAGMA cache_size=5";
  *db << "BEGIN IMMEDIATE";
  fill(*db, 0, 58, 'y');
  disk_is_full = true;
  EXPECT_THROW(static_cast<void>(read(*db)), soci::soci_error)
    << "pages that left the cache are written to be read again";
  disk_is_full = false;
  EXPECT_THROW(*db << "COMMIT", soci::soci_error);
  try {
    *db << "ROLLBACK";
  } catch (const soci::soci_error&) {} // SQLite may have done so itself
  EXPECT_EQ(read(*other()).at(0)[0], 'x');
  fill(*db, 100, 1);
  EXPECT_EQ(after_a_kill().size(), 61u);
}

TEST_F(log_writing, WithoutItSQLiteWritesOnAsItDoes) {
  aut.reset();
  *db << "BEGIN IMMEDIATE";
  fill(*db, 0, 50);
  *db << "COMMIT";
  EXPECT_GT(writes, 100);
  EXPECT_EQ(after_a_kill().size(), 50u);
}

/// Everything that moves the end of the log, in any order: commits, rollbacks, savepoints, pages that leave a small cache
/// early, writers beside it, checkpoints that begin the log anew.
TEST_F(log_writing, WhateverHappensACopyHoldsWhatWasCommitted) {
  std::mt19937 random(20261130);
  const auto draw = [&](int below) { return static_cast<int>(random() % static_cast<unsigned>(below)); };
  *db << "PRAGMA cache_size=5";
  const auto upkeep = other(connection_role::upkeep);
  const auto reader = other();
  contents expected;
  for (int round = 0; round < 100; ++round) {
    SCOPED_TRACE(round);
    auto& writer = draw(5) == 0 ? *upkeep : *db;
    const char with = static_cast<char>('a' + draw(26));
    writer << "BEGIN IMMEDIATE";
    fill(writer, draw(100), 1 + draw(20), with);
    if (draw(3) == 0) {
      writer << "SAVEPOINT s";
      fill(writer, draw(100), 1 + draw(20), 'S');
      writer << (draw(2) == 0 ? "ROLLBACK TO s" : "RELEASE s");
    }
    fill(writer, draw(100), 1 + draw(3), with);
    auto after = read(writer);
    if (draw(3) == 0) {
      writer << "ROLLBACK";
    } else {
      writer << "COMMIT";
      expected = std::move(after);
    }
    ASSERT_EQ(read(*reader), expected);
    if (draw(10) == 0) {
      ASSERT_EQ(after_a_kill(), expected);
    }
    if (draw(15) == 0)
      *upkeep << (draw(2) == 0 ? "PRAGMA wal_checkpoint(RESTART)" : "PRAGMA wal_checkpoint(TRUNCATE)");
  }
  EXPECT_EQ(after_a_kill(), expected);
}

} // namespace
} // namespace penstock::storage
