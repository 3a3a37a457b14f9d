#include "storage/schedule_changes.hpp"

#include <algorithm>
#include <string>

#include "storage/schedule_rows.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

constexpr std::size_t longest_name = 128;
constexpr std::size_t most_jobs = 100;
constexpr duration longest_delay = std::chrono::days{7};
constexpr duration longest_catch_up = std::chrono::days{366};

/// Fields that a person may edit, as bits of schedules.edited. The numbers are stored: never change them.
struct schedule_field {
  static constexpr std::uint32_t rule = 1, time_zone = 2, kind = 4, args = 8, overlap = 16, weekdays = 32,
                                 catch_up = 64, jitter = 128, stagger = 256, more_jobs = 512;
};

auto no_schedule(const std::string& name) {
  return failure(error_code::not_found, "there is no schedule '" + name + "'");
}

template <int N>
struct delete_from {
  std::string name;
  statement sql;
  static constexpr const char* conditions[] = {"schedule_jobs WHERE schedule", "schedule_occurrences WHERE schedule",
                                               "schedules WHERE name"};
  explicit delete_from(session& db)
      : sql(db, "remove schedule", std::string{"DELETE FROM "} + conditions[N] + " = :name") {
    sql.in(name);
  }
  static void run(session& db, const std::string& name) {
    auto& query = db.query<delete_from>();
    query.name = name;
    query.sql.run();
  }
};

result<void> check(const change_context& context, const schedule& value) {
  const auto refuse = [&](const std::string& why) {
    return failure(error_code::invalid_argument, "schedule '" + value.name.substr(0, 80) + "': " + why);
  };
  if (value.name.empty())
    return failure(error_code::invalid_argument, "a schedule needs a name");
  if (value.name.size() > longest_name)
    return refuse("its name is longer than 128 bytes");
  if (auto rule = rule_of(value); !rule)
    return refuse(rule.error().message);
  const auto known = [&](const std::string& kind) { return context.kinds.find(kind) != nullptr; };
  if (!known(value.kind))
    return refuse("it makes jobs of the unknown kind '" + value.kind + "'");
  for (const auto& job : value.more_jobs)
    if (!known(job.kind))
      return refuse("it makes jobs of the unknown kind '" + job.kind + "'");
  if (value.more_jobs.size() >= most_jobs)
    return refuse("a firing makes at most 100 jobs");
  std::size_t args = value.args.size();
  for (const auto& job : value.more_jobs)
    args = std::max(args, job.args.size());
  if (args > max_args_bytes)
    return refuse("the args of a job are at most 256 KB");
  if (value.catch_up < duration{0} || value.catch_up > longest_catch_up)
    return refuse("a catch-up window is 0 to 366 days");
  if (value.jitter < duration{0} || value.jitter > longest_delay)
    return refuse("a jitter is 0 to 7 days");
  if (value.stagger < duration{0} || value.stagger > longest_delay)
    return refuse("a stagger is 0 to 7 days");
  return {};
}

/// Of what people see and edit.
bool same_definition(const schedule& a, const schedule& b) {
  return a.rule == b.rule && a.time_zone == b.time_zone && a.kind == b.kind && a.args == b.args && a.queue == b.queue &&
         a.weekdays == b.weekdays && a.overlap == b.overlap && a.catch_up == b.catch_up && a.jitter == b.jitter &&
         a.stagger == b.stagger && a.more_jobs == b.more_jobs;
}

bool same_times(const schedule& a, const schedule& b) {
  return a.rule == b.rule && a.time_zone == b.time_zone && a.weekdays == b.weekdays && a.enabled == b.enabled;
}

/// False: there is one of that name already.
result<bool> add(change_context& context, schedule value) {
  if (value.time_zone.empty())
    value.time_zone = "UTC";
  if (auto fine = check(context, value); !fine)
    return failure(std::move(fine).error());
  value.created_at = context.now;
  value.effective_from = context.now;
  return insert_schedule_row(context.db, value);
}

/// `before`: its row, held.
result<void> write(change_context& context, schedule value, const schedule& before) {
  if (value.time_zone.empty())
    value.time_zone = "UTC";
  if (auto fine = check(context, value); !fine)
    return fine;
  if (!same_times(value, before))
    value.effective_from = context.now;
  update_schedule_row(context.db, value);
  return {};
}

} // namespace

result<void> apply(change_context& context, const put_schedule& change) {
  auto value = change.value;
  value.declared = true;
  auto before = hold_schedule_row(context.db, value.name);
  if (!before) {
    const auto added = add(context, value);
    if (!added)
      return failure(added.error());
    if (*added)
      return {};
    // Another node declares the same, and was quicker: what people made of it since then stays.
    before = hold_schedule_row(context.db, value.name);
    if (!before)
      return failure(error_code::conflict, "schedule '" + value.name + "' was removed meanwhile");
  }
  const auto keep = [&](std::uint32_t field, auto schedule::*member) {
    if ((before->edited & field) != 0)
      value.*member = (*before).*member;
  };
  keep(schedule_field::rule, &schedule::rule);
  keep(schedule_field::time_zone, &schedule::time_zone);
  keep(schedule_field::kind, &schedule::kind);
  keep(schedule_field::args, &schedule::args);
  keep(schedule_field::overlap, &schedule::overlap);
  keep(schedule_field::weekdays, &schedule::weekdays);
  keep(schedule_field::catch_up, &schedule::catch_up);
  keep(schedule_field::jitter, &schedule::jitter);
  keep(schedule_field::stagger, &schedule::stagger);
  keep(schedule_field::more_jobs, &schedule::more_jobs);
  value.enabled = before->enabled;
  value.version = before->version + (same_definition(value, *before) ? 0 : 1);
  value.edited = before->edited;
  value.effective_from = before->effective_from;
  return write(context, std::move(value), *before);
}

result<void> apply(change_context& context, const add_schedule& change) {
  auto value = change.value;
  value.declared = false;
  value.edited = 0;
  const auto taken = [&] {
    return failure(error_code::conflict, "there is a schedule '" + change.value.name + "' already: change it instead");
  };
  if (find_schedule_row(context.db, value.name))
    return taken(); // said before what is wrong with it
  const auto added = add(context, std::move(value));
  if (!added)
    return failure(added.error());
  if (!*added)
    return taken();
  return {};
}

result<void> apply(change_context& context, const edit_schedule& change) {
  const auto before = hold_schedule_row(context.db, change.name);
  if (!before)
    return no_schedule(change.name);
  if (change.expected_version && *change.expected_version != before->version)
    return failure(error_code::precondition_failed,
                   "schedule '" + change.name + "' was edited meanwhile: read it again");
  auto value = *before;
  ++value.version;
  const auto take = [&](std::uint32_t field, auto schedule::*member, const auto& wanted) {
    if (!wanted)
      return;
    value.*member = *wanted;
    value.edited |= field;
  };
  take(schedule_field::rule, &schedule::rule, change.rule);
  take(schedule_field::time_zone, &schedule::time_zone, change.time_zone);
  take(schedule_field::kind, &schedule::kind, change.kind);
  take(schedule_field::args, &schedule::args, change.args);
  take(schedule_field::overlap, &schedule::overlap, change.overlap);
  take(schedule_field::weekdays, &schedule::weekdays, change.weekdays);
  take(schedule_field::catch_up, &schedule::catch_up, change.catch_up);
  take(schedule_field::jitter, &schedule::jitter, change.jitter);
  take(schedule_field::stagger, &schedule::stagger, change.stagger);
  take(schedule_field::more_jobs, &schedule::more_jobs, change.more_jobs);
  if (change.enabled)
    value.enabled = *change.enabled; // always a person's: no declaration changes it
  return write(context, std::move(value), *before);
}

result<void> apply(change_context& context, const remove_schedule& change) {
  const auto before = hold_schedule_row(context.db, change.name);
  if (!before)
    return no_schedule(change.name);
  if (before->declared)
    return failure(error_code::conflict, "schedule '" + change.name +
                                           "' is one of the node's own and would be back after its next start: disable "
                                           "it instead");
  delete_from<0>::run(context.db, change.name);
  delete_from<1>::run(context.db, change.name);
  delete_from<2>::run(context.db, change.name);
  return {};
}

result<void> apply(change_context& context, const enable_schedule& change) {
  edit_schedule edit{.name = change.name};
  edit.enabled = change.enabled;
  return apply(context, edit);
}

} // namespace penstock::storage
