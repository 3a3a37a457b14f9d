#include <filesystem>

#include "tests/storage/altered_log.hpp"
#include "tests/storage/store_fixture.hpp"

namespace penstock::storage {
namespace {

bool disk_fails = false;

void fail_syncs(sqlite3_io_methods& methods) {
  methods.xSync = [](sqlite3_file* log, int how) {
    return disk_fails ? SQLITE_IOERR_FSYNC : altered_log::below().xSync(log, how);
  };
}

/// A store whose disk once does not take the log: nobody knows what is there.
class lost_log : public store_fixture {
protected:
  void SetUp() override {
    disk_fails = false;
    synchronous = synchronous_mode::full;
    open(true);
    std::vector<write_batch> batches(1);
    batches[0].units.emplace_back().jobs.push_back(request());
    ASSERT_FALSE(writer->commit_ahead(batches).batches[0].failed);
    disk_fails = true;
    ASSERT_FALSE(writer->make_durable());
    disk_fails = false; // the kernel has told of it once
  }
  void TearDown() override { reader.reset(), writer.reset(), db.reset(); }

private:
  altered_log vfs_{fail_syncs};
};

TEST_F(lost_log, NothingMoreIsStored) {
  std::vector<write_batch> batches(1);
  batches[0].units.emplace_back().jobs.push_back(request());
  const auto more = writer->commit_ahead(batches);
  ASSERT_TRUE(more.batches[0].failed);
  EXPECT_EQ(more.batches[0].failed->code, error_code::storage_failed);
  const auto before = db->log().commits;
  EXPECT_FALSE(writer->try_write());
  EXPECT_EQ(db->log().commits, before);
}

TEST_F(lost_log, TheLogIsNotMovedIntoTheDatabase) {
  const auto changed = std::filesystem::last_write_time(file);
  const auto moved = db->checkpoint();
  ASSERT_FALSE(moved);
  EXPECT_EQ(moved.error().code, error_code::storage_failed);
  reader.reset(), writer.reset(), db.reset();
  EXPECT_EQ(std::filesystem::last_write_time(file), changed) << "nor when the last connection closes";
}

} // namespace
} // namespace penstock::storage
