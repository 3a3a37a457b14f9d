#include "tests/storage/store_fixture.hpp"

#include <filesystem>

namespace penstock::storage {
namespace {

constexpr timestamp noon{std::chrono::sys_days{std::chrono::year{2024} / 1 / 15} + std::chrono::hours{12}};

std::string shown(const column_value& value) {
  if (const auto* text = std::get_if<std::string>(&value))
    return "'" + *text + "'";
  if (const auto* number = std::get_if<std::int64_t>(&value))
    return std::to_string(*number);
  if (const auto* real = std::get_if<double>(&value))
    return std::to_string(*real);
  return "NULL";
}

} // namespace

store_fixture::store_fixture() : clock(noon), ids(clock, 1) {
  for (const auto& [name, queue] : {std::pair{"probe.task", "default"}, std::pair{"probe.page", "process"},
                                    std::pair{"integration.process", "default"}}) {
    job_kind kind;
    kind.name = name;
    kind.queue = queue;
    kinds.add(std::move(kind));
  }
}

store_fixture::~store_fixture() {
  reader.reset();
  writer.reset();
  db.reset();
  if (!file.empty())
    std::filesystem::remove_all(std::filesystem::path{file}.parent_path());
}

void store_fixture::open(bool in_file) {
  if (in_file && file.empty()) {
    std::string pattern = (std::filesystem::temp_directory_path() / "penstock-writer-XXXXXX").string();
    file = std::string{::mkdtemp(pattern.data())} + "/store.db";
  }
  database_context context;
  context.clock = &clock;
  context.ids = &ids;
  context.kinds = &kinds;
  context.faults = &faults;
  context.tables = {{"things", {{"name", column_type::text}, {"amount", column_type::integer}}}};
  context.migrations = {{"probe",
                         1,
                         "create things",
                         {"CREATE TABLE things (integration_id BIGINT NOT NULL, source_id TEXT NOT NULL, "
                          "source_version BIGINT NOT NULL, first_seen_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, "
                          "deleted_at BIGINT, name TEXT, amount BIGINT CHECK (amount < 1000), "
                          "PRIMARY KEY (integration_id, source_id))"}}};
  const auto url = schema ? schema->url() : file.empty() ? "sqlite::memory:" : "sqlite://" + file;
  auto opened = database::open({.url = url, .synchronous = synchronous, .lease = lease}, context);
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

bool store_fixture::use_postgresql() {
  schema = std::make_unique<scratch_schema>();
  return !schema->url().empty();
}

void store_fixture::start_over() {
  reader.reset();
  writer.reset();
  db.reset();
  if (schema)
    schema->execute("DO $$ DECLARE t TEXT; BEGIN FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = "
                    "current_schema() AND tablename NOT IN ('schema_migrations', 'event_positions') LOOP EXECUTE "
                    "'DELETE FROM ' || t; END LOOP; UPDATE event_positions SET last = 0; END $$");
  open();
}

void store_fixture::reopen() {
  reader.reset();
  writer.reset();
  db.reset();
  open(!schema);
}

group_result store_fixture::commit(std::vector<unit_of_work> units, std::vector<slot_claim> claims) {
  std::vector<write_batch> batches(1);
  batches[0].units = std::move(units);
  batches[0].claims = std::move(claims);
  return writer->commit(batches);
}

unit_result store_fixture::commit_one(unit_of_work unit) {
  auto done = commit({std::move(unit)});
  EXPECT_FALSE(done.batches[0].failed) << done.batches[0].failed->message;
  return std::move(done.batches[0].units.at(0));
}

job_id store_fixture::enqueue(job_request wanted) {
  unit_of_work unit;
  unit.jobs.push_back(std::move(wanted));
  const auto done = commit_one(std::move(unit));
  EXPECT_TRUE(done.ok()) << done.refused->message;
  return done.jobs.empty() ? job_id{} : done.jobs[0].id;
}

job_request store_fixture::request(std::string kind) {
  job_request wanted;
  wanted.kind = std::move(kind);
  return wanted;
}

unit_of_work store_fixture::end_of(job_id id, attempt_outcome outcome, std::string queue) const {
  unit_of_work unit;
  unit.ends.emplace();
  unit.ends->job = id;
  unit.ends->queue = std::move(queue);
  unit.ends->outcome = outcome;
  unit.ends->started_at = unit.ends->finished_at = clock.now();
  if (outcome == attempt_outcome::failed || outcome == attempt_outcome::retry)
    unit.ends->failure = error{error_code::network, "no answer"};
  if (outcome == attempt_outcome::retry || outcome == attempt_outcome::postponed)
    unit.ends->run_again_at = clock.now() + std::chrono::minutes{1};
  // As its queue would tell it. Where the job is not there, the end says nothing of its place.
  const std::lock_guard alone(looking_up_);
  const auto row = reader->rows().select("SELECT priority, run_at, CASE WHEN ties = 0 THEN 0 ELSE 1 END, CASE WHEN "
                                         "group_key IS NULL THEN 0 ELSE 1 END FROM jobs WHERE id = " +
                                           std::to_string(id.value),
                                         {});
  if (row && row->rows.size() == 1) {
    const auto column = [&](std::size_t at) { return std::get<std::int64_t>(row->rows[0].at(at)); };
    unit.ends->priority = static_cast<std::uint8_t>(column(0));
    unit.ends->run_at = timestamp{duration{column(1)}};
    unit.ends->tied = column(2) != 0;
    unit.ends->grouped = column(3) != 0;
  }
  return unit;
}

job_record store_fixture::job(job_id id) {
  auto found = reader->jobs().find(id);
  if (found)
    return std::move(*found);
  ADD_FAILURE() << found.error().message;
  return {};
}

std::int64_t store_fixture::number(const std::string& sql) {
  const auto found = reader->rows().select(sql, {});
  if (!found || found->rows.size() != 1 || !std::holds_alternative<std::int64_t>(found->rows[0].at(0))) {
    ADD_FAILURE() << sql << ": " << (found ? "not one number" : found.error().message);
    return -1;
  }
  return std::get<std::int64_t>(found->rows[0][0]);
}

std::string store_fixture::dump() {
  std::string text;
  // What tells of nodes moves with each transaction, stored or not as far as it matters here.
  const auto tables = reader->rows().select(
    schema ? "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename NOT IN "
             "('schema_migrations', 'nodes', 'node_leases') ORDER BY 1"
           : "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'schema_migrations' ORDER BY name",
    {});
  for (const auto& table : tables->rows) {
    const auto& name = std::get<std::string>(table[0]);
    text += name + "\n";
    const auto rows = reader->rows().select("SELECT * FROM " + name + " ORDER BY 1, 2", {}, 100'000);
    if (!rows) {
      ADD_FAILURE() << name << ": " << rows.error().message;
      continue;
    }
    for (const auto& row : rows->rows) {
      for (const auto& value : row)
        text += " " + shown(value);
      text += "\n";
    }
  }
  return text;
}

void store_fixture::expect_counts_agree() {
  EXPECT_EQ(
    number("SELECT COUNT(*) FROM (SELECT queue_id, state, COUNT(*) AS n FROM job_states GROUP BY queue_id, state "
           "EXCEPT SELECT queue_id, state, n FROM queue_counts) AS missing"),
    0)
    << "a count that is not stored";
  EXPECT_EQ(number("SELECT COUNT(*) FROM (SELECT queue_id, state, n FROM queue_counts WHERE n <> 0 EXCEPT "
                   "SELECT queue_id, state, COUNT(*) FROM job_states GROUP BY queue_id, state) AS surplus"),
            0)
    << "a stored count without jobs";
  const std::string waits =
    "SELECT queue_id, priority, run_at, id, attempts, CASE WHEN ties = 0 THEN 0 ELSE 1 END FROM "
    "jobs WHERE state = 0 AND group_key IS NULL AND id NOT IN (SELECT job_id FROM plain_ends)";
  const std::string stands = "SELECT queue_id, priority, run_at, id, attempts, tied FROM waiting_jobs";
  EXPECT_EQ(number("SELECT COUNT(*) FROM (" + waits + " EXCEPT " + stands + ") AS missing"), 0) << "waits out of order";
  EXPECT_EQ(number("SELECT COUNT(*) FROM (" + stands + " EXCEPT " + waits + ") AS surplus"), 0) << "waits no more";
}

} // namespace penstock::storage
