#include "storage/log_sync.hpp"

#include <filesystem>
#include <future>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "storage/dialect.hpp"
#include "tests/storage/altered_log.hpp"

namespace penstock::storage {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

bool disk_fails = false;
int syncs = 0;

void tell_syncs(sqlite3_io_methods& methods) {
  methods.xSync = [](sqlite3_file* log, int how) {
    ++syncs;
    return disk_fails ? SQLITE_IOERR_FSYNC : altered_log::below().xSync(log, how);
  };
}

class log_syncs : public ::testing::Test {
protected:
  log_syncs() {
    disk_fails = false;
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
  const altered_log vfs_{tell_syncs};
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
  EXPECT_TRUE(aut->intact());
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
  EXPECT_EQ(aut->intact().error().code, error_code::storage_failed);
  EXPECT_EQ(aut->run().error().code, error_code::storage_failed)
    << "the kernel may have dropped what it could not write";
  EXPECT_EQ(aut->await(seconds(30)).error().code, error_code::unavailable);
  EXPECT_EQ(syncs, 1);
}

} // namespace
} // namespace penstock::storage
