#include "actors/engine.hpp"

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <semaphore>
#include <string>
#include <thread>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include "actors/caf_settings.hpp"
#include "actors/engine_kinds.hpp"
#include "core/id_generator.hpp"
#include "core/random.hpp"
#include "core/system_clock.hpp"
#include "net/io_runtime.hpp"
#include "net/manual_sleeper.hpp"
#include "net/scripted_http_client.hpp"
#include "tests/storage/altered_log.hpp"

namespace penstock::actors {
namespace {

using namespace std::chrono_literals;

std::counting_semaphore<> sync_began{0}, sync_may_end{0};
std::atomic<bool> disk_fails{false}, disk_waits{false};

void make_slow(sqlite3_io_methods& methods) {
  methods.xSync = [](sqlite3_file* log, int how) {
    if (disk_waits) {
      sync_began.release();
      sync_may_end.acquire();
    }
    return disk_fails ? SQLITE_IOERR_FSYNC : storage::altered_log::below().xSync(log, how);
  };
}

/// An engine as a node runs it: threads, and a database on a disk.
class engine_stop : public ::testing::Test {
protected:
  engine_stop() {
    spdlog::set_level(spdlog::level::off);
    disk_fails = disk_waits = false;
    while (sync_began.try_acquire() || sync_may_end.try_acquire()) {} // of the test before
    std::string pattern = (std::filesystem::temp_directory_path() / "penstock-stop-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    add_engine_kinds(kinds_);
    storage::database_settings settings;
    settings.url = "sqlite://" + folder_ + "/a.db";
    storage::database_context context;
    context.clock = &clock_;
    context.ids = &ids_;
    context.kinds = &kinds_;
    database_ = storage::database::open(std::move(settings), std::move(context)).value();
    EXPECT_TRUE(database_->migrate());
    network_.start();
    apply_engine_settings(config_);
    system_ = std::make_unique<caf::actor_system>(config_);
    engine_parts parts;
    parts.database = database_.get();
    parts.connectors = &catalogue_;
    parts.kinds = &kinds_;
    parts.http = &http_;
    parts.sleeper = &sleeper_;
    parts.clock = &clock_;
    parts.random = &random_;
    parts.ids = &ids_;
    parts.executor = network_.executor();
    engine_config made;
    made.fatal = [this](const std::string& reason) { told_ += reason; };
    aut = engine::start(*system_, parts, std::move(made)).value();
  }
  ~engine_stop() override {
    disk_waits = false;
    sync_may_end.release(100); // where the test ended early
    aut.reset();
    system_.reset();
    network_.stop();
    database_.reset();
    std::filesystem::remove_all(folder_);
  }

  /// Stops the engine while the disk is at work on what was stored last, which it takes or does not.
  void stop_with_a_disk_that(bool fails) {
    disk_waits = true;
    unit_of_work unit;
    unit.events.push_back({"test.happened", "tests/1"});
    aut->handles().commits->submit(std::move(unit),
                                   [this](const result<unit_result>& outcome) { stored = outcome.has_value(); });
    ASSERT_TRUE(sync_began.try_acquire_for(20s)) << "nothing was stored";
    const auto supervisor = aut->handles().supervisor;
    caf::scoped_actor self{*system_};
    std::thread stops([this] { aut->stop(duration{0}); });
    self->wait_for(supervisor); // who else would tell that the keeper died
    disk_fails = fails;
    disk_waits = false;
    sync_may_end.release();
    stops.join();
  }

  std::unique_ptr<engine> aut;
  bool stored = false; ///< the unit, as its sender was told
  [[nodiscard]] const std::string& told() const { return told_; }

private:
  storage::altered_log vfs_{make_slow};
  std::string folder_;
  system_wall_clock clock_;
  system_random random_;
  id_generator ids_{clock_, 1};
  job_kind_catalogue kinds_;
  connectors::catalogue catalogue_;
  net::io_runtime network_{1};
  net::manual_sleeper sleeper_;
  net::scripted_http_client http_;
  std::unique_ptr<storage::database> database_;
  caf::actor_system_config config_;
  std::unique_ptr<caf::actor_system> system_;
  std::string told_;
};

TEST_F(engine_stop, WhatWasStoredLastIsToldAfterItsSync) {
  stop_with_a_disk_that(false);
  EXPECT_TRUE(stored);
  EXPECT_EQ(told(), "");
}

TEST_F(engine_stop, ADiskThatDoesNotTakeWhatWasStoredLastIsTold) {
  stop_with_a_disk_that(true);
  EXPECT_FALSE(stored);
  EXPECT_NE(told().find("may be lost"), std::string::npos) << told();
}

} // namespace
} // namespace penstock::actors
