#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/id_generator.hpp"
#include "core/manual_clock.hpp"
#include "storage/database.hpp"
#include "storage/read_session.hpp"
#include "storage/write_session.hpp"
#include "tests/storage/counting_faults.hpp"
#include "tests/storage/scratch_schema.hpp"

namespace penstock::storage {

/// A migrated database with faults at will, for tests of how the writer does what the exam of every store asks: SQLite,
/// or PostgreSQL.
class store_fixture : public ::testing::Test {
protected:
  store_fixture();
  ~store_fixture() override;

  /// In memory unless told otherwise.
  void open(bool in_file = false);
  /// Opens a schema of PostgreSQL instead. False: there is no such server, skip the test.
  [[nodiscard]] bool use_postgresql();
  /// Closes, empties and opens again.
  void start_over();
  /// Closes and opens again, as after the death of the process.
  void reopen();

  group_result commit(std::vector<unit_of_work> units, std::vector<slot_claim> claims = {});
  unit_result commit_one(unit_of_work unit);
  job_id enqueue(job_request request);
  [[nodiscard]] static job_request request(std::string kind = "probe.task");
  /// The end of the job's first attempt. Thread-safe.
  [[nodiscard]] unit_of_work end_of(job_id job, attempt_outcome outcome = attempt_outcome::succeeded,
                                    std::string queue = "default") const;
  job_record job(job_id id);
  /// One number that a SELECT answers with.
  std::int64_t number(const std::string& sql);
  /// Everything that is stored, as text: tables in order, rows in order.
  std::string dump();
  /// Queue counts are what a count of the rows gives.
  void expect_counts_agree();

  manual_clock clock;
  id_generator ids;
  job_kind_catalogue kinds;
  counting_faults faults;
  std::string file;
  std::unique_ptr<scratch_schema> schema; ///< of PostgreSQL, where the test uses that
  duration lease = std::chrono::seconds(15);
  synchronous_mode synchronous = synchronous_mode::normal;
  std::unique_ptr<database> db;
  std::unique_ptr<write_session> writer;
  std::unique_ptr<read_session> reader;

private:
  mutable std::mutex looking_up_;
};

} // namespace penstock::storage
