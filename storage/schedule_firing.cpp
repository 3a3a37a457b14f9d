#include "storage/schedule_firing.hpp"

#include <algorithm>
#include <set>
#include <string>

#include <boost/json.hpp>

#include "core/rfc3339.hpp"
#include "storage/schedule_rows.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

/// One statement compares and sets: of two leaders one changes a row.
struct compare_and_set {
  std::string name;
  std::int64_t occurrence = 0, expected = 0, effective = 0;
  statement sql;
  explicit compare_and_set(session& db)
      : sql(db, "fire schedule",
            "UPDATE schedules SET last_fired_at = :occurrence WHERE name = :name AND enabled = 1 "
            "AND COALESCE(last_fired_at, 0) = :expected AND effective_from = :effective") {
    sql.in(occurrence).in(name).in(expected).in(effective);
  }
};

/// The same for what was missed and stays so: the rule's beginning moves instead.
struct move_beginning {
  std::string name;
  std::int64_t until = 0, expected = 0, effective = 0;
  statement sql;
  explicit move_beginning(session& db)
      : sql(db, "miss schedule",
            "UPDATE schedules SET effective_from = :until WHERE name = :name AND enabled = 1 "
            "AND COALESCE(last_fired_at, 0) = :expected AND effective_from = :effective") {
    sql.in(until).in(name).in(expected).in(effective);
  }
};

/// Changes nothing: whoever else fires the schedule waits for this transaction.
struct hold_schedule {
  std::string name;
  statement sql;
  explicit hold_schedule(session& db)
      : sql(db, "hold schedule", "UPDATE schedules SET enabled = enabled WHERE name = :name") {
    sql.in(name);
  }
};

struct note_outcome {
  std::int64_t outcome = 0;
  std::string name;
  statement sql;
  explicit note_outcome(session& db)
      : sql(db, "note outcome of schedule", "UPDATE schedules SET last_outcome = :outcome WHERE name = :name") {
    sql.in(outcome).in(name);
  }
};

struct forget_ended_jobs {
  std::string name;
  statement sql;
  explicit forget_ended_jobs(session& db)
      : sql(db, "forget ended jobs of schedule",
            "DELETE FROM schedule_jobs WHERE schedule = :name AND NOT EXISTS "
            "(SELECT 1 FROM jobs j WHERE j.id = schedule_jobs.job_id AND j.state < 3 AND NOT EXISTS "
            "(SELECT 1 FROM plain_ends e WHERE e.job_id = j.id))") {
    sql.in(name);
  }
};

struct open_jobs {
  std::string name;
  std::int64_t job = 0, occurrence = 0;
  statement sql;
  explicit open_jobs(session& db)
      : sql(db, "open jobs of schedule",
            "SELECT job_id, occurrence FROM schedule_jobs WHERE schedule = :name ORDER BY job_id") {
    sql.in(name).out(job).out(occurrence);
  }
};

struct add_open_job {
  std::string name;
  std::int64_t job = 0, occurrence = 0;
  statement sql;
  explicit add_open_job(session& db)
      : sql(db, "note job of schedule",
            "INSERT INTO schedule_jobs (schedule, job_id, occurrence) VALUES (:name, :job, :occurrence) "
            "ON CONFLICT (schedule, job_id) DO NOTHING") {
    sql.in(name).in(job).in(occurrence);
  }
};

struct find_occurrence {
  std::string name;
  std::int64_t occurrence = 0, outcome = 0;
  statement sql;
  explicit find_occurrence(session& db)
      : sql(db, "find occurrence",
            "SELECT outcome FROM schedule_occurrences WHERE schedule = :name AND occurrence = :occurrence") {
    sql.in(name).in(occurrence).out(outcome);
  }
  std::optional<firing_outcome> look_up(const std::string& of, timestamp at) {
    name = of;
    occurrence = micros(at);
    return sql.one() ? std::optional{static_cast<firing_outcome>(outcome)} : std::nullopt;
  }
};

struct write_occurrence {
  std::string name;
  std::int64_t occurrence = 0, decided = 0, reason = 0, outcome = 0;
  nullable<std::string> jobs, note;
  statement sql;
  explicit write_occurrence(session& db)
      : sql(db, "write occurrence",
            "INSERT INTO schedule_occurrences (schedule, occurrence, decided_at, reason, outcome, jobs, note) VALUES "
            "(:name, :occurrence, :decided, :reason, :outcome, :jobs, :note) ON CONFLICT (schedule, occurrence) "
            "DO UPDATE SET decided_at = excluded.decided_at, reason = excluded.reason, outcome = excluded.outcome, "
            "jobs = excluded.jobs, note = excluded.note") {
    sql.in(name).in(occurrence).in(decided).in(reason).in(outcome).in(jobs).in(note);
  }
};

void note(change_context& context, firing_reason reason, const schedule_firing& firing) {
  auto& query = context.db.query<write_occurrence>();
  query.name = firing.name;
  query.occurrence = micros(firing.at);
  query.decided = micros(context.now);
  query.reason = static_cast<std::int64_t>(reason);
  query.outcome = static_cast<std::int64_t>(firing.outcome);
  query.jobs.set_or_null(ids_text(firing.jobs));
  query.note.set_or_null(firing.note);
  query.sql.post();
}

/// What earlier firings left: their jobs, and how many firings those belong to.
struct left_open {
  std::vector<job_id> jobs;
  std::size_t firings = 0;
};

left_open find_open(change_context& context, const std::string& name) {
  auto& forget = context.db.query<forget_ended_jobs>();
  forget.name = name;
  forget.sql.post();
  left_open open;
  std::set<std::int64_t> firings;
  auto& query = context.db.query<open_jobs>();
  query.name = name;
  for (bool row = query.sql.first(); row; row = query.sql.next()) {
    open.jobs.push_back({query.job});
    firings.insert(query.occurrence);
  }
  open.firings = firings.size();
  return open;
}

std::string filled_in(std::string args, timestamp occurrence) {
  constexpr std::string_view place = "{occurrence}";
  const auto moment = format_rfc3339(occurrence);
  for (auto at = args.find(place); at != std::string::npos; at = args.find(place, at + moment.size()))
    args.replace(at, place.size(), moment);
  return args;
}

/// `in_turn`: each waits for the one in its place of an earlier firing.
result<void> make_jobs(change_context& context, const schedule& value, schedule_firing& firing, duration delay,
                       bool in_turn) {
  std::vector<schedule_job> all{{value.kind, value.args, value.queue}};
  all.insert(all.end(), value.more_jobs.begin(), value.more_jobs.end());
  for (std::size_t i = 0; i < all.size(); ++i) {
    job_request job;
    job.kind = all[i].kind;
    job.args = filled_in(std::move(all[i].args), firing.at);
    job.queue = all[i].queue;
    job.triggered_by = "schedule:" + value.name;
    const auto later = delay + value.stagger * static_cast<std::int64_t>(i);
    if (later > duration{0})
      job.run_at = context.now + later;
    if (in_turn)
      job.group_key = "schedule/" + value.name + "/" + std::to_string(i); // three segments: one at a time, in order
    auto made = context.effects.enqueue(job);
    if (!made)
      return failure(std::move(made).error());
    firing.jobs.push_back(made->id);
    auto& open = context.db.query<add_open_job>();
    open.name = value.name;
    open.job = made->id.value;
    open.occurrence = micros(firing.at);
    open.sql.post();
  }
  return {};
}

void tell_missed(change_context& context, const std::string& name, const missed_occurrences& missed, bool made_good) {
  if (missed.count <= 0)
    return;
  boost::json::object data{{"schedule", name},
                           {"missed", missed.count},
                           {"counted_all", missed.count < missed_occurrences::most_counted},
                           {"first", format_rfc3339(missed.first)},
                           {"last", format_rfc3339(missed.last)},
                           {"fired_after_all", made_good}};
  context.effects.raise(
    {.type = "schedule.missed", .subject = "schedules/" + name, .data = boost::json::serialize(data)});
}

error why_not(change_context& context, const std::string& name) {
  const auto found = find_schedule_row(context.db, name);
  if (!found)
    return {error_code::not_found, "there is no schedule '" + name + "'"};
  return {error_code::conflict, found->enabled ? "schedule '" + name + "' fired or was changed meanwhile"
                                               : "schedule '" + name + "' is disabled"};
}

/// What the caller expects the rule's beginning to be; whatever it is where that does not matter to it.
timestamp effective_of(change_context& context, const std::string& name, timestamp expected) {
  if (expected != no_time)
    return expected;
  const auto found = find_schedule_row(context.db, name);
  return found ? found->effective_from : no_time;
}

/// A manual one is of this moment, or of the first one after it that no other has.
timestamp free_moment(change_context& context, const std::string& name) {
  auto moment = context.now;
  auto& query = context.db.query<find_occurrence>();
  while (query.look_up(name, moment))
    moment += duration{1};
  return moment;
}

} // namespace

result<void> apply(write_state& state, change_context& context, const fire_schedule& change) {
  const bool by_rule = change.reason == firing_reason::on_time || change.reason == firing_reason::catch_up;
  if (by_rule) {
    if (change.occurrence == no_time || (change.expected_last != no_time && change.occurrence <= change.expected_last))
      return failure(error_code::conflict, "schedule '" + change.name + "' fired later than that already");
    auto& query = context.db.query<compare_and_set>();
    query.name = change.name;
    query.occurrence = micros(change.occurrence);
    query.expected = micros(change.expected_last);
    query.effective = micros(effective_of(context, change.name, change.expected_effective));
    if (query.sql.run() != 1)
      return failure(why_not(context, change.name));
  } else {
    auto& query = context.db.query<hold_schedule>();
    query.name = change.name;
    if (query.sql.run() != 1)
      return failure(why_not(context, change.name));
  }
  const auto value = find_schedule_row(context.db, change.name);
  schedule_firing firing;
  firing.name = change.name;
  firing.at = by_rule ? change.occurrence : free_moment(context, change.name);
  const auto open = find_open(context, change.name);
  const auto decision = decide_overlap(value->overlap, open.firings);
  if (decision == overlap_decision::skip) {
    firing.outcome = firing_outcome::skipped;
    firing.note = open.firings > 1 ? "jobs of " + std::to_string(open.firings) + " earlier firings have not ended"
                                   : "job " + std::to_string(open.jobs.front().value) + " has not ended";
  } else {
    bool waits = decision == overlap_decision::queue;
    if (decision == overlap_decision::cancel_and_fire)
      for (const auto id : open.jobs) {
        const bool runs = state.slots.holds_until_commit(id);
        (runs ? firing.to_stop : firing.cancelled).push_back(id);
        if (runs)
          waits = true; // its queue ends it
        else
          context.effects.cancel(id, "schedule '" + change.name + "' fired again", true);
      }
    firing.outcome = waits ? firing_outcome::queued : firing_outcome::fired;
    const bool in_turn = value->overlap != overlap_policy::allow && value->overlap != overlap_policy::skip;
    if (auto made = make_jobs(context, *value, firing, change.delay, in_turn); !made)
      return made;
  }
  note(context, change.reason, firing);
  if (by_rule) {
    auto& outcome = context.db.query<note_outcome>();
    outcome.name = change.name;
    outcome.outcome = static_cast<std::int64_t>(firing.outcome);
    outcome.sql.post();
    tell_missed(context, change.name, change.missed, true);
  }
  context.result.firings.push_back(std::move(firing));
  return {};
}

result<void> apply(write_state&, change_context& context, const miss_schedule& change) {
  auto& query = context.db.query<move_beginning>();
  query.name = change.name;
  query.until = micros(change.missed.last);
  query.expected = micros(change.expected_last);
  query.effective = micros(effective_of(context, change.name, change.expected_effective));
  if (query.sql.run() != 1)
    return failure(why_not(context, change.name));
  schedule_firing firing;
  firing.name = change.name;
  firing.at = change.missed.last;
  firing.outcome = firing_outcome::missed;
  firing.note = "too old to be made good when the node was back";
  note(context, firing_reason::on_time, firing);
  tell_missed(context, change.name, change.missed, false);
  context.result.firings.push_back(std::move(firing));
  return {};
}

result<void> apply(write_state&, change_context& context, const backfill_schedule& change) {
  if (change.occurrences.size() > backfill_schedule::most)
    return failure(error_code::invalid_argument, "a back-fill makes at most " +
                                                   std::to_string(backfill_schedule::most) +
                                                   " occurrences at once: take a shorter range");
  auto& hold = context.db.query<hold_schedule>();
  hold.name = change.name;
  if (hold.sql.run() != 1)
    return failure(why_not(context, change.name));
  const auto value = find_schedule_row(context.db, change.name);
  auto& known = context.db.query<find_occurrence>();
  for (const auto occurrence : change.occurrences) {
    const auto before = known.look_up(change.name, occurrence);
    if (before == firing_outcome::fired || before == firing_outcome::queued)
      continue;
    schedule_firing firing;
    firing.name = change.name;
    firing.at = occurrence;
    if (auto made = make_jobs(context, *value, firing, {}, value->overlap != overlap_policy::allow); !made)
      return made;
    note(context, firing_reason::backfill, firing);
    context.result.firings.push_back(std::move(firing));
  }
  return {};
}

} // namespace penstock::storage
