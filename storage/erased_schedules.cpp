#include "storage/erased_schedules.hpp"

#include <string>
#include <utility>

#include "storage/schedule_rows.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

constexpr std::int64_t occurrences_a_transaction = 100;

std::vector<schedule> all_schedules(session& db) {
  std::vector<schedule> all;
  schedule_columns columns;
  statement read(db, "schedules to erase",
                 std::string{"SELECT "} + schedule_columns::names + " FROM schedules ORDER BY name");
  columns.bind(read);
  for (bool row = read.first(); row; row = read.next())
    all.push_back(columns.value());
  return all;
}

std::int64_t drop_of(session& db, const std::string& table, std::string name) {
  statement drop(db, "erase schedule",
                 "DELETE FROM " + table + " WHERE " + (table == "schedules" ? "name" : "schedule") + " = :name");
  drop.in(name);
  return drop.run();
}

struct fired {
  std::int64_t occurrence = 0;
  std::vector<std::int64_t> jobs;
};

std::vector<fired> some_occurrences(session& db, std::string name) {
  std::vector<fired> found;
  std::int64_t occurrence = 0, limit = occurrences_a_transaction;
  nullable<std::string> jobs;
  statement read(db, "occurrences to erase",
                 "SELECT occurrence, jobs FROM schedule_occurrences WHERE schedule = :name ORDER BY occurrence LIMIT "
                 ":limit");
  read.in(name).in(limit).out(occurrence).out(jobs);
  for (bool row = read.first(); row; row = read.next()) {
    auto& one = found.emplace_back(fired{occurrence, {}});
    for (const auto id : ids_of_text(jobs.value_or("")))
      one.jobs.push_back(id.value);
  }
  return found;
}

} // namespace

std::int64_t erase_schedules(session& db, const erased_owner& owner,
                             const std::function<std::int64_t(const std::vector<std::int64_t>&)>& erase_jobs) {
  const auto quoted = '"' + std::to_string(owner.organisation ? owner.organisation : owner.integration) + '"';
  const auto names = [&](const schedule_job& job) { return job.args.find(quoted) != std::string::npos; };
  for (auto& each : all_schedules(db)) {
    std::vector<schedule_job> jobs{{each.kind, each.args, each.queue}};
    jobs.insert(jobs.end(), each.more_jobs.begin(), each.more_jobs.end());
    if (std::erase_if(jobs, names) == 0)
      continue;
    if (!jobs.empty()) {
      // What it does for others goes on.
      each.kind = jobs.front().kind;
      each.args = jobs.front().args;
      each.queue = jobs.front().queue;
      each.more_jobs.assign(jobs.begin() + 1, jobs.end());
      ++each.version;
      update_schedule_row(db, each);
      return 1;
    }
    const auto occurrences = some_occurrences(db, each.name);
    std::int64_t gone = 0, occurrence = 0;
    statement drop(db, "erase occurrence",
                   "DELETE FROM schedule_occurrences WHERE schedule = :name AND occurrence = :occurrence");
    drop.in(each.name).in(occurrence);
    for (const auto& one : occurrences) {
      gone += erase_jobs(one.jobs);
      occurrence = one.occurrence;
      gone += drop.run();
    }
    if (std::ssize(occurrences) < occurrences_a_transaction)
      gone += drop_of(db, "schedule_jobs", each.name) + drop_of(db, "schedules", each.name);
    return gone;
  }
  return 0;
}

} // namespace penstock::storage
