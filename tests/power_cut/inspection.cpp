#include "tests/power_cut/inspection.hpp"

#include <algorithm>
#include <set>

#include "core/id_text.hpp"
#include "tests/power_cut/opened_store.hpp"

namespace penstock::power_cut {
namespace {

/// Reads and complains.
class inspector {
public:
  inspector(storage::read_session& reader, promises& made, finding& found)
      : rows_(reader.rows()), made_(made), found_(found) {}

  void look(const storage::recovery_report& recovered) {
    expect_sound_file();
    count_traces();
    judge_units();
    judge_events();
    judge_payloads();
    judge_counts();
    judge_suspects(recovered);
  }

private:
  struct trace {
    std::int64_t jobs = 0, effects = 0, rows = 0, events = 0;
  };

  std::vector<std::vector<column_value>> select(const std::string& sql) {
    constexpr std::int64_t plenty = 1'000'000;
    auto found = rows_.select(sql, {}, plenty);
    if (found)
      return std::move(found->rows);
    complain(sql + ": " + found.error().message);
    return {};
  }
  std::map<std::int64_t, std::int64_t> by_number(const std::string& sql) {
    std::map<std::int64_t, std::int64_t> all;
    for (const auto& row : select(sql))
      all[number(row.at(0))] = number(row.at(1));
    return all;
  }
  void complain(std::string what) { found_.complaints.push_back(std::move(what)); }

  /// Damaged pages may hold other rows than those that were stored in them.
  std::int64_t number(const column_value& value) {
    if (const auto* held = std::get_if<std::int64_t>(&value))
      return *held;
    complain("a row holds no number where one was stored");
    return -1;
  }

  void expect_sound_file() {
    for (const auto& row : select("SELECT * FROM pragma_integrity_check")) {
      const auto* said = std::get_if<std::string>(&row.at(0));
      if (!said || *said != "ok")
        complain("integrity_check: " + (said ? *said : "nothing"));
    }
  }

  void count_traces() {
    const auto gather = [this](std::int64_t trace::*what, const std::string& sql) {
      for (const auto& [unit, count] : by_number(sql))
        traces_[unit].*what = count;
    };
    gather(&trace::jobs, "SELECT CAST(triggered_by AS INTEGER), COUNT(*) FROM jobs GROUP BY 1");
    gather(&trace::effects, "SELECT unit, COUNT(*) FROM effects GROUP BY 1");
    gather(&trace::rows, "SELECT CAST(source_id AS INTEGER), COUNT(*) FROM items GROUP BY 1");
    gather(&trace::events,
           "SELECT CAST(subject AS INTEGER), COUNT(*) FROM events WHERE type = 'probe.happened' GROUP BY 1");
    states_ = by_number("SELECT id, state FROM job_states");
  }

  void judge_units() {
    for (auto at = made_.units.begin(); at != made_.units.end();) {
      auto& [number, wanted] = *at;
      const auto& there = traces_[number];
      const auto completed = std::count_if(wanted.completes.begin(), wanted.completes.end(), [this](job_id id) {
        return states_[id.value] == static_cast<std::int64_t>(job_state::completed);
      });
      const bool all = there.jobs == wanted.jobs && there.effects == wanted.effects && there.rows == wanted.rows &&
                       there.events == wanted.events && completed == std::ssize(wanted.completes);
      const bool none = there.jobs + there.effects + there.rows + there.events + completed == 0;
      if (!all && !none) {
        ++found_.half;
        complain("half of unit " + std::to_string(number) + ": " + std::to_string(there.jobs) + " of " +
                 std::to_string(wanted.jobs) + " jobs, " + std::to_string(there.effects) + " of " +
                 std::to_string(wanted.effects) + " effects, " + std::to_string(there.events) + " of " +
                 std::to_string(wanted.events) + " events");
      } else if (none && wanted.acknowledged) {
        ++found_.missing;
        complain("missing: unit " + std::to_string(number) + " was acknowledged");
      }
      if (none) {
        at = made_.units.erase(at);
        continue;
      }
      wanted.acknowledged = true; // or it came through unanswered: from now on it must stay
      ++at;
    }
    for (const auto& [number, there] : traces_)
      if (!made_.units.contains(number) && there.jobs + there.effects + there.rows + there.events > 0)
        complain("unit " + std::to_string(number) + " is there, and was not asked for");
  }

  void judge_events() {
    const auto stored = by_number("SELECT position, id FROM events");
    if (!stored.empty() && (stored.begin()->first != 1 || stored.rbegin()->first != std::ssize(stored)))
      complain("positions have gaps: " + std::to_string(stored.size()) + " events up to " +
               std::to_string(stored.rbegin()->first));
    std::set<std::int64_t> ids;
    for (const auto& [position, id] : stored)
      if (!ids.insert(id).second)
        complain("event id twice: " + std::to_string(id));
    for (const auto& [position, id] : made_.told) {
      const auto at = stored.find(position);
      if (at == stored.end() || at->second != id.value)
        complain("the event at position " + std::to_string(position) + " is not the one that was told");
    }
  }

  void judge_payloads() {
    for (const auto& row : select(
           "SELECT id FROM jobs j WHERE state = 0 AND NOT EXISTS (SELECT 1 FROM plain_ends e WHERE e.job_id = j.id) "
           "AND args LIKE '{\"payload%' AND "
           "json_extract(args, '$.payload') <> COALESCE(LENGTH(j.payload), 0) + (SELECT COALESCE(SUM(LENGTH(body)), 0) "
           "FROM job_payloads p WHERE p.job_id = j.id)"))
      complain("the payload of job " + std::to_string(number(row.at(0))) + " is not whole");
  }

  void judge_counts() {
    for (const auto& row :
         select("SELECT id FROM (SELECT id, run_at, attempts FROM jobs WHERE state = 0 AND group_key IS "
                "NULL AND id NOT IN (SELECT job_id FROM plain_ends) EXCEPT SELECT id, run_at, attempts "
                "FROM waiting_jobs) UNION ALL SELECT id FROM waiting_jobs WHERE id IN (SELECT job_id "
                "FROM plain_ends) OR id NOT IN (SELECT id FROM jobs WHERE state = 0)"))
      complain("job " + std::to_string(number(row.at(0))) + " waits where it should not, or not at all");
    for (const auto& row : select("SELECT queue_id, state, COUNT(*) FROM job_states GROUP BY 1, 2 EXCEPT "
                                  "SELECT queue_id, state, n FROM queue_counts"))
      complain("the count of state " + std::to_string(number(row.at(1))) + " is wrong");
  }

  void judge_suspects(const storage::recovery_report& recovered) {
    std::set<job_id> suspects;
    for (const auto& each : recovered.suspects)
      suspects.insert(each.id);
    for (const auto job : made_.held)
      if (!made_.uncertain.contains(job) && !suspects.contains(job))
        complain("job " + to_string(job) + " ran at the cut, and recovery does not know");
    for (const auto job : suspects)
      if (!made_.held.contains(job) && !made_.uncertain.contains(job))
        complain("job " + to_string(job) + " is held to have run, and had no slot");
    made_.held.clear();
    made_.uncertain.clear();
    for (const auto job : suspects)
      made_.uncertain.insert(job); // told again at each start until they are cleared
  }

  storage::row_reads& rows_;
  promises& made_;
  finding& found_;
  std::map<std::int64_t, trace> traces_;
  std::map<std::int64_t, std::int64_t> states_;
};

} // namespace

finding inspect(const std::filesystem::path& folder, promises& made, const manual_clock& clock) {
  finding found;
  const std::filesystem::path copy{folder.string() + "-inspected"};
  std::filesystem::copy(folder, copy, std::filesystem::copy_options::recursive);
  {
    auto store = opened_store::open(copy, {}, clock);
    auto reader = store ? (*store)->database().open_reader() : failure(store.error());
    if (reader) {
      found.opens = true;
      inspector{**reader, made, found}.look((*store)->recovered());
    } else {
      found.complaints.push_back("it does not open: " + reader.error().message);
    }
  }
  std::filesystem::remove_all(copy);
  return found;
}

} // namespace penstock::power_cut
