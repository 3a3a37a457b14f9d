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
/// Looking at each ended job after each operation is what a seed's time would go to.
constexpr int looks_between_thorough_ones = 25;

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

/// Of a text like "1,2,3".
std::vector<std::int64_t> ids_in(const std::string& list) {
  std::vector<std::int64_t> ids;
  for (std::size_t from = 0; from < list.size();) {
    const auto comma = std::min(list.find(',', from), list.size());
    ids.push_back(std::stoll(list.substr(from, comma - from)));
    from = comma + 1;
  }
  return ids;
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

void observer::look(storage::read_session& db) { look(db, looks_++ % looks_between_thorough_ones == 0); }

void observer::look(storage::read_session& db, bool thoroughly) {
  changed_.clear();
  read_jobs(db, thoroughly);
  if (!thoroughly && slipped_by(db))
    read_jobs(db, thoroughly = true);
  look_at_told_jobs();
  look_at_effects(db, thoroughly);
  look_at_keys(db);
  look_at_told_keys();
  look_at_trees(thoroughly);
  look_at_slots(db);
  look_at_counts(db);
  look_at_events(db);
  look_at_streams(db, thoroughly);
  look_at_runs(db);
  look_at_schedules(db);
  feed_seen_ = feed_.last();
}

/// All of them, or those that are new or not as they were.
void observer::read_jobs(storage::read_session& db, bool all) {
  std::string text = "SELECT id, kind, queue, state, attempts, parent_id, triggered_by FROM v_jobs";
  if (!all) {
    std::string wanted;
    for (const auto id : stirred_jobs(db))
      wanted += (wanted.empty() ? "" : ",") + std::to_string(id);
    if (wanted.empty())
      return;
    text += " WHERE id IN (" + wanted + ")";
  }
  std::set<std::int64_t> there;
  for (const auto& row : select(db, text)) {
    there.insert(number(row[0]));
    look_at_row(row);
  }
  if (all)
    for (const auto& [id, job] : jobs_)
      if (!there.contains(id))
        complain("job " + std::to_string(id) + " (" + job.kind + ") is not stored any more");
}

/// A job may begin and end between two looks, or be retried and end again: it is no open one, and nobody looked.
bool observer::slipped_by(storage::read_session& db) {
  return count_differs(db, [](const std::string&) {}) ||
         std::any_of(outside_.told.begin(), outside_.told.end(), [&](const auto& each) {
           const auto job = jobs_.find(each.first);
           return job == jobs_.end() || (each.second.cancelled && job->second.state != job_state::cancelled);
         });
}

void observer::look_at_told_jobs() {
  for (const auto& [id, told] : outside_.told) {
    const auto job = jobs_.find(id);
    if (job == jobs_.end())
      complain("job " + std::to_string(id) + " (" + told.kind + ") was answered and is not stored");
    else if (told.cancelled && job->second.state != job_state::cancelled)
      complain("job " + std::to_string(id) + " (" + told.kind + ") is " + std::string(to_string(job->second.state)) +
               " after its cancellation was answered");
  }
}

/// Jobs that are new or in another state than they were seen in, ended ones aside.
std::vector<std::int64_t> observer::stirred_jobs(storage::read_session& db) {
  std::set<std::int64_t> held;
  for (const auto& row : select(db, "SELECT jobs FROM slots WHERE jobs <> ''"))
    for (const auto id : ids_in(text(row[0])))
      held.insert(id);
  const auto newest = jobs_.empty() ? 0 : jobs_.rbegin()->first;
  std::vector<std::int64_t> stirred;
  auto missing = open_;
  for (const auto& row : select(
         db,
         "SELECT id, 0, attempts FROM waiting_jobs UNION ALL SELECT id, 0, attempts FROM jobs INDEXED BY sim_grouped "
         "WHERE state = 0 AND group_key IS NOT NULL UNION ALL SELECT id, 2, attempts FROM jobs INDEXED BY "
         "sim_awaiting WHERE state = 2 UNION ALL SELECT id, 3, attempts FROM jobs WHERE id > " +
           std::to_string(newest))) {
    const auto id = number(row[0]);
    missing.erase(id);
    const auto stored = number(row[1]);
    const auto state = stored == 0   ? (held.contains(id) ? job_state::active : job_state::waiting)
                       : stored == 2 ? job_state::awaiting_children
                                     : job_state::completed; // or another end: a new one in any case
    const auto job = jobs_.find(id);
    if (job == jobs_.end() || job->second.state != state || job->second.attempts != number(row[2]))
      stirred.push_back(id);
  }
  stirred.insert(stirred.end(), missing.begin(), missing.end());
  return stirred;
}

void observer::look_at_row(const std::vector<column_value>& row) {
  const auto id = number(row[0]);
  const auto state = parse_job_state(text(row[3]));
  if (!state)
    return complain("job " + std::to_string(id) + " is in no state: " + text(row[3]));
  const auto found = jobs_.find(id);
  const seen_job* before = found == jobs_.end() ? nullptr : &found->second;
  seen_job now{text(row[1]), text(row[2]), *state, number(row[4]), before ? before->failures_told : 0};
  look_at_job(id, now, before);
  if (before && before->state == now.state && before->attempts == now.attempts)
    return;
  for (const auto part : {static_cast<std::uint64_t>(id), static_cast<std::uint64_t>(now.state),
                          static_cast<std::uint64_t>(now.attempts)})
    digest_ = (digest_ ^ part) * 1099511628211ULL;
  if (before) {
    --counted_[before->queue][before->state];
  } else {
    if (const auto parent = number(row[5]))
      children_[parent].push_back(id);
    ++made_by_[text(row[6])];
  }
  ++counted_[now.queue][now.state];
  if (is_ended(now.state))
    open_.erase(id);
  else
    open_.insert(id);
  changed_.insert(id);
  jobs_[id] = std::move(now);
}

void observer::look_at_job(std::int64_t id, const seen_job& now, const seen_job* before) {
  const auto name = "job " + std::to_string(id) + " (" + now.kind + ")";
  const auto told = outside_.told.find(id);
  const bool retried = told != outside_.told.end() && told->second.may_retry;
  if (before && !reachable(before->state, now.state) && !(before->state == job_state::failed && retried))
    complain(name + " went from " + std::string(to_string(before->state)) + " to " + std::string(to_string(now.state)));
}

void observer::look_at_effects(storage::read_session& db, bool all) {
  const std::string table{effects_table};
  std::set<std::int64_t> touched = changed_;
  if (all) {
    effects_.clear();
    for (const auto& row : select(db, "SELECT job_id, count(*) FROM " + table + " GROUP BY job_id"))
      effects_[number(row[0])] = number(row[1]);
    for (const auto& [id, count] : effects_)
      touched.insert(id);
    for (const auto& [id, job] : jobs_)
      touched.insert(id);
  } else {
    for (const auto& row :
         select(db, "SELECT job_id FROM " + table + " WHERE rowid > " + std::to_string(effect_seen_))) {
      ++effects_[number(row[0])];
      touched.insert(number(row[0]));
    }
  }
  effect_seen_ = number(select(db, "SELECT COALESCE(MAX(rowid), 0) FROM " + table).at(0).at(0));
  for (const auto id : touched) {
    const auto found = effects_.find(id);
    const auto count = found == effects_.end() ? 0 : found->second;
    const auto job = jobs_.find(id);
    const bool completed = job != jobs_.end() && job->second.state == job_state::completed;
    if (count > 1)
      complain("job " + std::to_string(id) + " took effect " + std::to_string(count) + " times");
    else if (count == 1 && !completed)
      complain("job " + std::to_string(id) + " took effect and has not completed");
    else if (count == 0 && completed && appends(job->second.kind))
      complain("job " + std::to_string(id) + " (" + job->second.kind + ") completed without its effect");
  }
}

void observer::look_at_keys(storage::read_session& db) {
  for (const auto& row :
       select(db, "SELECT kind, unique_key, count(*) FROM v_jobs WHERE id IN (SELECT id FROM jobs INDEXED BY sim_keyed "
                  "WHERE state < 3 AND "
                  "unique_key IS NOT NULL) GROUP BY kind, unique_key, organisation_id HAVING count(*) > 1"))
    complain(std::to_string(number(row[2])) + " jobs of " + text(row[0]) + " hold the key " + text(row[1]));
}

void observer::look_at_told_keys() {
  std::map<std::pair<std::string, std::string>, std::int64_t> holders;
  for (const auto& [id, told] : outside_.told) {
    if (told.unique_key.empty() || !open_.contains(id))
      continue;
    const auto [first, alone] = holders.try_emplace({told.kind, told.unique_key}, id);
    if (!alone)
      complain("jobs " + std::to_string(first->second) + " and " + std::to_string(id) + " of " + told.kind +
               " both hold the key " + told.unique_key);
  }
}

void observer::look_at_trees(bool all) {
  if (!all) {
    for (const auto id : changed_)
      look_at_tree(id);
  } else {
    for (const auto& [id, job] : jobs_)
      look_at_tree(id);
  }
}

void observer::look_at_tree(std::int64_t id) {
  const auto& job = jobs_.at(id);
  if (job.state != job_state::completed && job.state != job_state::failed)
    return;
  const auto found = children_.find(id);
  const auto children = found == children_.end() ? std::vector<std::int64_t>{} : found->second;
  const auto open = std::count_if(children.begin(), children.end(), [&](std::int64_t child) {
    const auto told = outside_.told.find(child);
    const bool retried = told != outside_.told.end() && told->second.may_retry; // perhaps after its parent's end
    return open_.contains(child) && !retried;
  });
  if (open > 0)
    complain("job " + std::to_string(id) + " (" + job.kind + ") ended before " + std::to_string(open) +
             " of its children");
  const auto told = outside_.told.find(id);
  if (told != outside_.told.end() && job.state == job_state::completed && std::ssize(children) < told->second.children)
    complain("job " + std::to_string(id) + " completed with " + std::to_string(children.size()) + " of " +
             std::to_string(told->second.children) + " children");
}

void observer::look_at_slots(storage::read_session& db) {
  std::set<std::int64_t> held;
  for (const auto& row : select(db, "SELECT jobs FROM slots WHERE jobs <> ''"))
    for (const auto id : ids_in(text(row[0])))
      if (!held.insert(id).second)
        complain("two slots hold job " + std::to_string(id));
}

void observer::look_at_counts(storage::read_session& db) {
  count_differs(db, [this](std::string what) { complain(std::move(what)); });
}

bool observer::count_differs(storage::read_session& db, const std::function<void(std::string)>& tell) {
  bool differs = false;
  for (const auto& row : select(db, "SELECT name, waiting_or_active, awaiting_children, completed, failed, cancelled "
                                    "FROM v_queues")) {
    auto& queue = counted_[text(row[0])];
    const std::pair<job_state, std::int64_t> states[] = {
      {job_state::waiting, queue[job_state::waiting] + queue[job_state::active]},
      {job_state::awaiting_children, queue[job_state::awaiting_children]},
      {job_state::completed, queue[job_state::completed]},
      {job_state::failed, queue[job_state::failed]},
      {job_state::cancelled, queue[job_state::cancelled]}};
    std::size_t at = 1;
    for (const auto& [state, there] : states)
      if (const auto told = number(row[at++]); told != there) {
        differs = true;
        tell("queue " + text(row[0]) + " counts " + std::to_string(told) + " " + std::string(to_string(state)) +
             ", there are " + std::to_string(there));
      }
  }
  return differs;
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
  for (const auto id : changed_)
    if (const auto& job = jobs_.at(id); job.state == job_state::failed && job.failures_told == 0)
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

/// Items that the cursor stands behind are compared when it has moved, and all of them in a thorough look.
void observer::look_at_streams(storage::read_session& db, bool all) {
  for (const auto& row : select(db, "SELECT integration_id, cursor FROM stream_cursors WHERE cursor <> ''"))
    if (std::exchange(cursors_[number(row[0])], text(row[1])) != text(row[1]) || all)
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
    const auto last = fired.empty() ? 0 : number(fired[0][0]);
    const auto jobs = made_by_["schedule:" + name];
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
  look(db, true);
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
