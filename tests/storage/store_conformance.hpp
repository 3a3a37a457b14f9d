#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/id_generator.hpp"
#include "core/manual_clock.hpp"
#include "storage/database.hpp"
#include "storage/read_session.hpp"
#include "storage/write_session.hpp"

/// The exam of every store: behaviours written once against the interfaces and run on every kind of database.
/// A new kind joins by one entry in store_kinds().
namespace penstock::storage {

/// A database of one test's own; it goes away with this.
class scratch_database {
public:
  virtual ~scratch_database() = default;
  [[nodiscard]] virtual std::string url() const = 0;
};

struct store_kind {
  std::string name;
  std::function<std::unique_ptr<scratch_database>()> make;
};

[[nodiscard]] std::vector<store_kind> store_kinds();
void PrintTo(const store_kind& kind, std::ostream* out);

/// An open, migrated, empty database at noon of a winter day, with the table `probe_items`, the append-only table
/// `probe_log`, the job kinds "probe.fetch" (queue fetch), "probe.page" (queue process), "probe.task" and "integration.process" (queue default).
class store_conformance : public ::testing::TestWithParam<store_kind> {
protected:
  store_conformance();
  void SetUp() override;

  /// Commits one unit by itself. A failure of the database fails the test; `news` is what the commit told.
  unit_result commit(unit_of_work unit);
  group_result commit_group(std::vector<unit_of_work> units);
  /// One change that must be accepted; what it created first (0: nothing).
  std::int64_t apply(engine_change change);
  /// The same, by its whole answer.
  unit_result answer(engine_change change);
  enqueued enqueue(job_request request);
  job_id enqueue(const std::string& kind, std::string queue = "default");
  void claim(std::string queue, std::uint16_t slot, std::vector<job_id> jobs, bool alone = false);
  /// Ends the attempt that the job waits under.
  unit_result end(job_id job, attempt_outcome outcome, unit_of_work rest = {});

  job_record job(job_id id);
  integration integration_of(integration_id id);
  integration_id add_probe(std::string name = "probe", duration frequency = std::chrono::hours{1},
                           organisation_id organisation = {});
  /// A run whose root job waits, as trigger and start leave it.
  run_id start_run_of(integration_id id);
  std::vector<job_id> ready_ids(std::string_view queue, std::int64_t limit = 100);
  queue_summary summary(std::string_view queue);
  std::vector<std::string> event_types(std::string type_glob = {});
  /// Closes and opens again, as after a crash. Not for databases in memory.
  void reopen();

  [[nodiscard]] static job_request request(std::string kind, std::string queue = {});
  [[nodiscard]] job_reads& jobs() { return reader->jobs(); }
  [[nodiscard]] integration_reads& integrations() { return reader->integrations(); }

  std::unique_ptr<scratch_database> place;
  manual_clock clock;
  id_generator ids;
  job_kind_catalogue kinds;
  secret_box secrets;
  std::unique_ptr<database> db;
  std::unique_ptr<write_session> writer;
  std::unique_ptr<read_session> reader;
  commit_news news;

private:
  void open();
};

} // namespace penstock::storage

/// Runs the TEST_P of `suite` on every kind of database.
#define PENSTOCK_ON_EVERY_STORE(suite)                                                                                 \
  INSTANTIATE_TEST_SUITE_P(stores, suite, ::testing::ValuesIn(::penstock::storage::store_kinds()),                     \
                           [](const auto& info) { return info.param.name; })
