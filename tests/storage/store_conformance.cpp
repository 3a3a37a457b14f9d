#include "tests/storage/store_conformance.hpp"

#include <algorithm>
#include <iterator>

#include "tests/storage/scratch_schema.hpp"

namespace penstock::storage {
namespace {

constexpr timestamp noon{std::chrono::sys_days{std::chrono::year{2024} / 1 / 15} + std::chrono::hours{12}};

table_schema probe_items() {
  return {"probe_items", {{"name", column_type::text}, {"amount", column_type::integer}, {"ratio", column_type::real}}};
}

table_schema probe_log() {
  return {"probe_log", {{"note", column_type::text}, {"amount", column_type::integer}}, true};
}

migration probe_migration() {
  return {"probe",
          1,
          "create probe tables",
          {"CREATE TABLE probe_items (integration_id BIGINT NOT NULL, source_id TEXT NOT NULL, "
           "source_version BIGINT NOT NULL, first_seen_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, "
           "deleted_at BIGINT, name TEXT, amount BIGINT, ratio DOUBLE PRECISION, "
           "PRIMARY KEY (integration_id, source_id))",
           "CREATE TABLE probe_log (note TEXT, amount BIGINT)"}};
}

job_kind kind_on(std::string name, std::string queue) {
  job_kind kind;
  kind.name = std::move(name);
  kind.queue = std::move(queue);
  kind.max_attempts = 3;
  return kind;
}

template <class T>
T value_or_fail(result<T> answer, const char* what) {
  if (answer)
    return std::move(*answer);
  ADD_FAILURE() << what << ": " << answer.error().message;
  return {};
}

} // namespace

store_conformance::store_conformance() : clock(noon), ids(clock, 1), secrets(secret_box::ephemeral()) {
  auto fetch = kind_on("probe.fetch", "fetch");
  fetch.style = handler_style::fetch;
  kinds.add(std::move(fetch));
  kinds.add(kind_on("probe.page", "process"));
  kinds.add(kind_on("probe.task", "default"));
  auto call = kind_on("probe.call", "default");
  call.credential_arg = "credential";
  kinds.add(std::move(call));
  kinds.add(kind_on("integration.process", "default"));
}

void store_conformance::SetUp() {
  place = GetParam().make();
  if (place->url().empty())
    GTEST_SKIP() << scratch_schema::why_skipped;
  open();
}

void store_conformance::open() {
  database_context context;
  context.clock = &clock;
  context.ids = &ids;
  context.kinds = &kinds;
  context.tables = {probe_items(), probe_log()};
  context.migrations = {probe_migration()};
  context.secrets = &secrets;
  context.node_name = "node-1";
  auto opened = database::open({.url = place->url()}, std::move(context));
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

void store_conformance::reopen() {
  reader.reset();
  writer.reset();
  db.reset();
  open();
}

group_result store_conformance::commit_group(std::vector<unit_of_work> units) {
  std::vector<write_batch> batches(1);
  batches.front().units = std::move(units);
  auto done = writer->commit(batches);
  EXPECT_EQ(done.batches.size(), 1u);
  if (done.batches.front().failed)
    ADD_FAILURE() << "the database failed: " << done.batches.front().failed->message;
  news = done.news;
  return done;
}

unit_result store_conformance::commit(unit_of_work unit) {
  auto done = commit_group({std::move(unit)});
  if (done.batches.front().units.size() != 1) {
    ADD_FAILURE() << "one unit has one answer";
    return {};
  }
  return std::move(done.batches.front().units.front());
}

unit_result store_conformance::answer(engine_change change) {
  unit_of_work unit;
  if (const auto* added = std::get_if<add_integration>(&change))
    if (const auto of = added->value.organisation; of && !reader->access().find_organisation(of)) {
      unit_of_work first; // tests of other things need not make it
      first.changes.push_back(add_organisation{{.id = of, .name = "organisation " + std::to_string(of.value)}});
      EXPECT_TRUE(commit(std::move(first)).ok());
    }
  unit.changes.push_back(std::move(change));
  return commit(std::move(unit));
}

std::int64_t store_conformance::apply(engine_change change) {
  const auto done = answer(std::move(change));
  EXPECT_TRUE(done.ok()) << done.refused->message;
  return done.created.empty() ? 0 : done.created.front();
}

job_request store_conformance::request(std::string kind, std::string queue) {
  job_request wanted;
  wanted.kind = std::move(kind);
  wanted.queue = std::move(queue);
  return wanted;
}

enqueued store_conformance::enqueue(job_request wanted) {
  unit_of_work unit;
  unit.jobs.push_back(std::move(wanted));
  const auto done = commit(std::move(unit));
  EXPECT_TRUE(done.ok()) << done.refused->message;
  if (done.jobs.size() != 1) {
    ADD_FAILURE() << "one request has one answer";
    return {};
  }
  return done.jobs.front();
}

job_id store_conformance::enqueue(const std::string& kind, std::string queue) {
  return enqueue(request(kind, std::move(queue))).id;
}

void store_conformance::claim(std::string queue, std::uint16_t slot, std::vector<job_id> held, bool alone) {
  std::vector<write_batch> batches(1);
  batches.front().claims.push_back({std::move(queue), slot, alone, std::move(held)});
  const auto done = writer->commit(batches);
  EXPECT_FALSE(done.batches.front().failed);
  news = done.news;
}

unit_result store_conformance::end(job_id id, attempt_outcome outcome, unit_of_work rest) {
  const auto waiting = jobs().find_waiting(id);
  EXPECT_TRUE(waiting && *waiting) << "the job does not wait";
  attempt_end over;
  over.job = id;
  over.attempts = waiting && *waiting ? (*waiting)->attempts : std::uint16_t{0};
  over.outcome = outcome;
  over.started_at = clock.now();
  over.finished_at = clock.now();
  if (outcome == attempt_outcome::retry || outcome == attempt_outcome::failed)
    over.failure = error{error_code::network, "no answer"};
  if (outcome == attempt_outcome::retry || outcome == attempt_outcome::postponed)
    over.run_again_at = clock.now() + std::chrono::minutes{1};
  rest.ends = std::move(over);
  return commit(std::move(rest));
}

job_record store_conformance::job(job_id id) { return value_or_fail(jobs().find(id), "find"); }

integration store_conformance::integration_of(integration_id id) {
  return value_or_fail(integrations().find(id), "find");
}

integration_id store_conformance::add_probe(std::string name, duration frequency, organisation_id organisation) {
  add_integration added;
  added.value.service = "probe";
  added.value.name = std::move(name);
  added.value.organisation = organisation;
  added.value.schedule.frequency = frequency;
  return {apply(std::move(added))};
}

run_id store_conformance::start_run_of(integration_id id) {
  const auto root = ids.make<run_id>();
  auto wanted = request("integration.process");
  wanted.integration = id;
  wanted.run = root;
  const auto root_job = enqueue(std::move(wanted)).id;
  apply(start_run{root, id, root_job, "test"});
  return root;
}

std::vector<job_id> store_conformance::ready_ids(std::string_view queue, std::int64_t limit) {
  auto window = value_or_fail(jobs().ready(queue, clock.now(), limit), "ready");
  lane_request all;
  all.search = true;
  all.now = clock.now();
  for (auto& lane : value_or_fail(jobs().lanes(queue, all), "lanes").lanes)
    std::move(lane.jobs.begin(), lane.jobs.end(), std::back_inserter(window.jobs));
  std::sort(window.jobs.begin(), window.jobs.end(),
            [](const ready_job& a, const ready_job& b) { return a.place() < b.place(); });
  std::vector<job_id> found;
  for (const auto& each : window.jobs)
    if (std::ssize(found) < limit)
      found.push_back(each.id);
  return found;
}

queue_summary store_conformance::summary(std::string_view queue) {
  for (auto& each : value_or_fail(jobs().queues(clock.now()), "queues"))
    if (each.name == queue)
      return each;
  ADD_FAILURE() << "no queue " << queue;
  return {};
}

std::vector<std::string> store_conformance::event_types(std::string type_glob) {
  std::vector<std::string> types;
  event_filter filter;
  filter.type_glob = std::move(type_glob);
  for (const auto& each : value_or_fail(reader->events().list(filter, 1000), "events"))
    types.push_back(each.type);
  return types;
}

} // namespace penstock::storage
