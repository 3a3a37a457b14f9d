#include "tests/simulation/observer.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>
#include <utility>

#include <boost/json/parse.hpp>

#include "tests/simulation/sim_connector.hpp"

namespace penstock::simulation {
namespace {

constexpr std::int64_t most_rows = 1'000'000;

std::int64_t number(const column_value& value) {
  const auto* found = std::get_if<std::int64_t>(&value);
  return found ? *found : 0;
}
std::string text(const column_value& value) {
  const auto* found = std::get_if<std::string>(&value);
  return found ? *found : std::string{};
}

/// Whether a job may have come from one state to the other by any number of moves, a person's retry aside.
bool reachable(job_state from, job_state to) {
  if (from == to || from == job_state::waiting || from == job_state::active)
    return true;
  if (from == job_state::awaiting_children)
    return is_ended(to);
  return false;
}

std::string codes_of(const std::vector<attempt_error>& errors) {
  std::string codes;
  for (const auto& each : errors)
    codes += (codes.empty() ? "" : ", ") + std::string(to_string(each.code));
  return codes;
}

bool appends(const std::string& kind) { return kind == "sim.append" || kind == "sim.solo" || kind == "sim.wait"; }

} // namespace

void observer::complain(std::string what) {
  if (violations_.size() < 20)
    violations_.push_back(std::move(what));
}

std::vector<std::int64_t> observer::jobs_in(job_state state) const {
  std::vector<std::int64_t> found;
  for (const auto& [id, job] : jobs_)
    if (job.state == state)
      found.push_back(id);
  return found;
}

void observer::watch_schedule(const std::string& name, schedule_rule rule) {
  schedules_.emplace(name, seen_schedule{std::move(rule), 0, 0});
}

observer::rows observer::select(storage::read_session& db, const std::string& sql) {
  auto found = db.rows().select(sql, {}, most_rows);
  if (!found)
    throw std::runtime_error(sql + ": " + found.error().message);
  return std::move(found->rows);
}

void observer::look(storage::read_session& db) {
  look_at_jobs(db);
  look_at_effects(db);
  look_at_keys(db);
  look_at_told_keys();
  look_at_trees(db);
  look_at_slots(db);
  look_at_counts(db);
  look_at_events(db);
  look_at_streams(db);
  look_at_runs(db);
  look_at_schedules(db);
  feed_seen_ = feed_.last();
}

void observer::look_at_jobs(storage::read_session& db) {
  std::set<std::int64_t> there;
  for (const auto& row : select(db, "SELECT id, kind, queue, state, attempts FROM v_jobs")) {
    const auto id = number(row[0]);
    there.insert(id);
    const auto state = parse_job_state(text(row[3]));
    if (!state) {
      complain("job " + std::to_string(id) + " is in no state: " + text(row[3]));
      continue;
    }
    const auto before = jobs_.find(id);
    seen_job now{text(row[1]), text(row[2]), *state, number(row[4]), 0};
    look_at_job(id, now, before == jobs_.end() ? nullptr : &before->second);
    if (before != jobs_.end())
      now.failures_told = before->second.failures_told;
    if (before == jobs_.end() || before->second.state != now.state || before->second.attempts != now.attempts) {
      for (const auto part : {static_cast<std::uint64_t>(id), static_cast<std::uint64_t>(now.state),
                              static_cast<std::uint64_t>(now.attempts)})
        digest_ = (digest_ ^ part) * 1099511628211ULL;
      jobs_[id] = std::move(now);
    }
  }
  for (const auto& [id, told] : outside_.told)
    if (!there.contains(id))
      complain("job " + std::to_string(id) + " (" + told.kind + ") was answered and is not stored");
}

void observer::look_at_job(std::int64_t id, const seen_job& now, const seen_job* before) {
  const auto name = "job " + std::to_string(id) + " (" + now.kind + ")";
  const auto told = outside_.told.find(id);
  const bool retried = told != outside_.told.end() && told->second.may_retry;
  if (before && !reachable(before->state, now.state) && !(before->state == job_state::failed && retried))
    complain(name + " went from " + std::string(to_string(before->state)) + " to " + std::string(to_string(now.state)));
  if (told == outside_.told.end())
    return;
  if (told->second.cancelled && now.state != job_state::cancelled)
    complain(name + " is " + std::string(to_string(now.state)) + " after its cancellation was answered");
}

void observer::look_at_effects(storage::read_session& db) {
  std::map<std::int64_t, std::int64_t> effects;
  for (const auto& row : select(db, "SELECT job_id, count(*) FROM " + std::string(effects_table) + " GROUP BY job_id"))
    effects[number(row[0])] = number(row[1]);
  for (const auto& [id, count] : effects) {
    const auto job = jobs_.find(id);
    if (count != 1)
      complain("job " + std::to_string(id) + " took effect " + std::to_string(count) + " times");
    else if (job == jobs_.end() || job->second.state != job_state::completed)
      complain("job " + std::to_string(id) + " took effect and has not completed");
  }
  for (const auto& [id, job] : jobs_)
    if (appends(job.kind) && job.state == job_state::completed && !effects.contains(id))
      complain("job " + std::to_string(id) + " (" + job.kind + ") completed without its effect");
}

void observer::look_at_keys(storage::read_session& db) {
  for (const auto& row :
       select(db, "SELECT kind, unique_key, count(*) FROM v_jobs WHERE unique_key IS NOT NULL AND "
                  "state IN ('waiting', 'active', 'awaiting_children') GROUP BY kind, unique_key, organisation_id "
                  "HAVING count(*) > 1"))
    complain(std::to_string(number(row[2])) + " jobs of " + text(row[0]) + " hold the key " + text(row[1]));
}

void observer::look_at_told_keys() {
  std::map<std::pair<std::string, std::string>, std::int64_t> holders;
  for (const auto& [id, told] : outside_.told) {
    const auto job = jobs_.find(id);
    if (told.unique_key.empty() || job == jobs_.end() || is_ended(job->second.state))
      continue;
    const auto [first, alone] = holders.try_emplace({told.kind, told.unique_key}, id);
    if (!alone)
      complain("jobs " + std::to_string(first->second) + " and " + std::to_string(id) + " of " + told.kind +
               " both hold the key " + told.unique_key);
  }
}

void observer::look_at_trees(storage::read_session& db) {
  std::map<std::int64_t, std::int64_t> children, open;
  for (const auto& row : select(db, "SELECT parent_id, id FROM v_jobs WHERE parent_id IS NOT NULL")) {
    ++children[number(row[0])];
    const auto child = jobs_.find(number(row[1]));
    const auto told = outside_.told.find(number(row[1]));
    const bool retried = told != outside_.told.end() && told->second.may_retry; // perhaps after its parent's end
    if (child != jobs_.end() && !is_ended(child->second.state) && !retried)
      ++open[number(row[0])];
  }
  for (const auto& [id, job] : jobs_) {
    if (job.state != job_state::completed && job.state != job_state::failed)
      continue;
    if (open.contains(id) && open[id] > 0)
      complain("job " + std::to_string(id) + " (" + job.kind + ") ended before " + std::to_string(open[id]) +
               " of its children");
    const auto told = outside_.told.find(id);
    if (told != outside_.told.end() && job.state == job_state::completed && children[id] < told->second.children)
      complain("job " + std::to_string(id) + " completed with " + std::to_string(children[id]) + " of " +
               std::to_string(told->second.children) + " children");
  }
}

void observer::look_at_slots(storage::read_session& db) {
  std::set<std::string> held;
  for (const auto& row : select(db, "SELECT jobs FROM slots WHERE jobs <> ''")) {
    const auto list = text(row[0]);
    for (std::size_t from = 0; from < list.size();) {
      const auto comma = std::min(list.find(',', from), list.size());
      if (!held.insert(list.substr(from, comma - from)).second)
        complain("two slots hold job " + list.substr(from, comma - from));
      from = comma + 1;
    }
  }
}

void observer::look_at_counts(storage::read_session& db) {
  std::map<std::string, std::map<std::string, std::int64_t>> counted;
  for (const auto& [id, job] : jobs_)
    ++counted[job.queue][job.state == job_state::active ? "waiting" : std::string(to_string(job.state))];
  for (const auto& row : select(db, "SELECT name, waiting_or_active, awaiting_children, completed, failed, cancelled "
                                    "FROM v_queues")) {
    auto& queue = counted[text(row[0])];
    const std::pair<const char*, std::size_t> states[] = {
      {"waiting", 1}, {"awaiting_children", 2}, {"completed", 3}, {"failed", 4}, {"cancelled", 5}};
    for (const auto& [state, at] : states)
      if (number(row[at]) != queue[state])
        complain("queue " + text(row[0]) + " counts " + std::to_string(number(row[at])) + " " + state + ", there are " +
                 std::to_string(queue[state]));
  }
}

void observer::look_at_events(storage::read_session& db) {
  for (const auto& row : select(db, "SELECT position, id, type, subject FROM events WHERE position > " +
                                      std::to_string(event_position_) + " ORDER BY position")) {
    if (number(row[0]) != event_position_ + 1)
      complain("after event " + std::to_string(event_position_) + " comes " + std::to_string(number(row[0])));
    event_position_ = number(row[0]);
    if (text(row[2]) != "job.failed")
      continue;
    const auto subject = text(row[3]);
    const auto job = jobs_.find(std::stoll(subject.substr(subject.find('/') + 1)));
    const auto told = job == jobs_.end() ? outside_.told.end() : outside_.told.find(job->first);
    if (job == jobs_.end())
      complain("an event tells of the failure of " + subject + ", which is not there");
    else if (++job->second.failures_told > 1 && told != outside_.told.end() && !told->second.may_retry)
      complain("job " + std::to_string(job->first) + " failed twice");
  }
  for (const auto& [id, job] : jobs_)
    if (job.state == job_state::failed && job.failures_told == 0)
      complain("no event tells that job " + std::to_string(id) + " (" + job.kind + ") failed");
}

void observer::compare_items(storage::read_session& db, std::int64_t integration, std::int64_t upto) {
  std::map<std::string, std::pair<std::int64_t, std::int64_t>> stored;
  for (const auto& row : select(db, "SELECT source_id, source_version, value FROM " + std::string(items_table) +
                                      " WHERE integration_id = " + std::to_string(integration)))
    stored[text(row[0])] = {number(row[1]), number(row[2])};
  for (const auto& [item, version] : feed_.items_at(upto)) {
    const auto found = stored.find(item);
    if (found == stored.end() || found->second.first < version.change)
      complain("the cursor of integration " + std::to_string(integration) + " is past change " +
               std::to_string(version.change) + " of " + item + ", which is not stored");
    else if (found->second.first == version.change && found->second.second != version.value)
      complain(item + " has another value than change " + std::to_string(version.change) + " gave it");
  }
}

void observer::look_at_streams(storage::read_session& db) {
  for (const auto& row : select(db, "SELECT integration_id, cursor FROM stream_cursors WHERE cursor <> ''"))
    compare_items(db, number(row[0]), boost::json::parse(text(row[1])).at("change").as_int64());
}

void observer::look_at_runs(storage::read_session& db) {
  std::set<std::int64_t> running;
  for (const auto& row : select(db, "SELECT r.id, r.integration_id, r.state, c.cursor FROM v_runs r LEFT JOIN "
                                    "stream_cursors c ON c.integration_id = r.integration_id")) {
    const auto integration = number(row[1]);
    auto& run = runs_.try_emplace(number(row[0]), seen_run{feed_seen_, false}).first->second;
    const auto state = text(row[2]);
    if (state == "running" && !running.insert(integration).second)
      complain("two runs of integration " + std::to_string(integration) + " at once");
    if (state == "running" || std::exchange(run.checked, true) || state != "completed" || run.feed_before == 0)
      continue;
    const auto cursor = text(row[3]);
    const auto upto = cursor.empty() ? 0 : boost::json::parse(cursor).at("change").as_int64();
    if (upto < run.feed_before)
      complain("run " + std::to_string(number(row[0])) + " completed with its cursor at " + std::to_string(upto) +
               ", the feed held " + std::to_string(run.feed_before) + " before it");
  }
}

void observer::look_at_schedules(storage::read_session& db) {
  for (auto& [name, seen] : schedules_) {
    const auto fired = select(db, "SELECT last_fired_at FROM schedules WHERE name = '" + name + "'");
    const auto made = select(db, "SELECT count(*) FROM v_jobs WHERE triggered_by = 'schedule:" + name + "'");
    const auto last = fired.empty() ? 0 : number(fired[0][0]);
    const auto jobs = number(made[0][0]);
    if (last < seen.last_fired)
      complain("schedule " + name + " went back in time");
    // Before its first firing nobody knows from when its occurrences count.
    const bool first = seen.last_fired == 0;
    const auto most =
      first || last == seen.last_fired
        ? std::int64_t{0}
        : std::ssize(seen.rule.occurrences(timestamp{duration{seen.last_fired}}, timestamp{duration{last}}, 1000));
    if (!first && jobs - seen.jobs > most)
      complain("schedule " + name + " made " + std::to_string(jobs - seen.jobs) + " jobs of " + std::to_string(most) +
               " occurrences");
    seen.last_fired = last;
    seen.jobs = jobs;
  }
}

void observer::look_at_rest(storage::read_session& db) {
  look(db);
  for (const auto& [id, job] : jobs_) {
    const auto name = "job " + std::to_string(id) + " (" + job.kind + ")";
    if (!is_ended(job.state))
      complain(name + " is left " + std::string(to_string(job.state)));
    const auto told = outside_.told.find(id);
    if (told == outside_.told.end() || job.state != job_state::failed || told->second.failures >= sim_attempts ||
        job.kind == "sim.tree") // fails with its children
      continue;
    // Steps of the clock make handlers look late, deaths in a row make one look guilty, and a statement that the database
    // refuses is the attempt's own failure: all are told as what they are.
    const auto record = db.jobs().find({id});
    const auto excused = [](const attempt_error& each) {
      return each.code == error_code::timed_out || each.code == error_code::crashed ||
             each.code == error_code::storage_failed;
    };
    const auto by_itself =
      record ? std::ssize(record->errors) - std::count_if(record->errors.begin(), record->errors.end(), excused) : 0;
    if (record && by_itself == std::ssize(record->errors))
      complain(name + " failed although only " + std::to_string(told->second.failures) +
               " of its attempts do: " + codes_of(record->errors));
  }
  for (const auto& row : select(db, "SELECT id, status FROM v_integrations")) {
    compare_items(db, number(row[0]), feed_.last());
    if (text(row[1]) != "idle")
      complain("integration " + std::to_string(number(row[0])) + " is left " + text(row[1]));
  }
  for (const auto& row : select(db, "SELECT id FROM v_runs WHERE state = 'running'"))
    complain("run " + std::to_string(number(row[0])) + " is left running");
}

} // namespace penstock::simulation
