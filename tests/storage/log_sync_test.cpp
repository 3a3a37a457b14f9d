#include "storage/log_sync.hpp"

#include <filesystem>
#include <future>
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "storage/dialect.hpp"

namespace penstock::storage {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

bool disk_fails = false;
int syncs = 0;

/// SQLite's own VFS, but for what becomes of a sync.
class syncs_told {
public:
  syncs_told() {
    static_cast<void>(make_sqlite_dialect(":memory:", {})); // sets SQLite's threading before its first use
    plain_ = sqlite3_vfs_find(nullptr);
    layer_ = *plain_;
    layer_.zName = "syncs_told";
    layer_.xOpen = [](sqlite3_vfs*, const char* path, sqlite3_file* file, int flags, int* given) {
      const int code = plain_->xOpen(plain_, path, file, flags, given);
      if (file->pMethods && (flags & SQLITE_OPEN_WAL) != 0) {
        plain_methods_ = file->pMethods;
        methods_ = *file->pMethods;
        methods_.xSync = [](sqlite3_file* log, int how) {
          ++syncs;
          return disk_fails ? SQLITE_IOERR_FSYNC : plain_methods_->xSync(log, how);
        };
        file->pMethods = &methods_;
      }
      return code;
    };
    sqlite3_vfs_register(&layer_, 1);
    disk_fails = false;
  }
  ~syncs_told() {
    sqlite3_vfs_unregister(&layer_);
    sqlite3_vfs_register(plain_, 1);
  }
  syncs_told(const syncs_told&) = delete;
  syncs_told& operator=(const syncs_told&) = delete;

private:
  inline static sqlite3_vfs* plain_ = nullptr;
  inline static const sqlite3_io_methods* plain_methods_ = nullptr;
  inline static sqlite3_io_methods methods_{};
  sqlite3_vfs layer_{};
};

class log_syncs : public ::testing::Test {
protected:
  log_syncs() {
    std::string pattern = (std::filesystem::temp_directory_path() / "penstock-sync-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    dialect_ = make_sqlite_dialect(folder_ + "/a.db", {});
    db = dialect_->connect(connection_role::writer);
    *db << "CREATE TABLE things (n INTEGER)";
    aut = std::make_unique<log_sync>(*db);
    syncs = 0;
  }
  ~log_syncs() override {
    aut.reset();
    db.reset();
    std::filesystem::remove_all(folder_);
  }

  void commit() {
    *db << "BEGIN IMMEDIATE";
    *db << "INSERT INTO things VALUES (1)";
    log_sync::commit mark(aut.get());
    *db << "COMMIT";
    mark.stored();
  }

private:
  const syncs_told vfs_;
  std::string folder_;
  std::unique_ptr<dialect> dialect_;

protected:
  std::unique_ptr<soci::session> db;
  std::unique_ptr<log_sync> aut;
};

TEST_F(log_syncs, ACommitItselfWaitsForNoDiskAndOneSyncCoversMany) {
  for (int i = 0; i < 5; ++i)
    commit();
  EXPECT_EQ(syncs, 0);
  EXPECT_TRUE(aut->run());
  EXPECT_EQ(syncs, 1);
}

TEST_F(log_syncs, NothingNewNeedsNoSync) {
  EXPECT_TRUE(aut->run());
  commit();
  EXPECT_TRUE(aut->run());
  EXPECT_TRUE(aut->run());
  EXPECT_EQ(syncs, 1);
}

TEST_F(log_syncs, AReaderWaitsForTheSyncOfWhatItMayHaveSeen) {
  EXPECT_TRUE(aut->await(seconds(0))) << "there is nothing to wait for";
  commit();
  EXPECT_EQ(aut->await(milliseconds(1)).error().code, error_code::unavailable);
  auto waiting = std::async(std::launch::async, [&] { return aut->await(seconds(30)).has_value(); });
  EXPECT_TRUE(aut->run());
  EXPECT_TRUE(waiting.get());
}

TEST_F(log_syncs, ACommitUnderWayMayHaveBeenSeenAlready) {
  log_sync::commit mark(aut.get());
  EXPECT_TRUE(aut->run()) << "which does not cover it";
  EXPECT_FALSE(aut->await(milliseconds(1)));
  mark.stored();
}

TEST_F(log_syncs, NobodyWaitsForACommitThatFailed) {
  commit();
  EXPECT_TRUE(aut->run());
  std::future<bool> waiting;
  {
    const log_sync::commit fails(aut.get());
    waiting = std::async(std::launch::async, [&] { return aut->await(seconds(30)).has_value(); });
  }
  EXPECT_TRUE(waiting.get());
  EXPECT_TRUE(aut->await(seconds(0)));
}

TEST_F(log_syncs, AfterOneThatFailedNoneIsBelieved) {
  commit();
  disk_fails = true;
  EXPECT_EQ(aut->run().error().code, error_code::storage_failed);
  disk_fails = false;
  EXPECT_EQ(aut->run().error().code, error_code::storage_failed)
    << "the kernel may have dropped what it could not write";
  EXPECT_EQ(aut->await(seconds(30)).error().code, error_code::unavailable);
  EXPECT_EQ(syncs, 1);
}

} // namespace
} // namespace penstock::storage
