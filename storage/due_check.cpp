#include "storage/due_check.hpp"

#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "core/id_text.hpp"
#include "core/unique_key.hpp"
#include "storage/array_text.hpp"
#include "storage/due_rows.hpp"
#include "storage/integration_rows.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

constexpr const char* root_kind = "integration.process";

/// The root job of a run: its unique key keeps a second one of the same integration away.
job_request root_job(integration_id id, organisation_id organisation) {
  job_request request;
  request.kind = root_kind;
  request.unique_key = to_string(id);
  request.integration = id;
  request.organisation = organisation;
  request.triggered_by = "due_check";
  request.args = R"({"triggered_by":"due_check"})"; // the run's
  return request;
}

struct processing_integrations {
  std::int64_t from = 0, same = 0, limit = repairs_looked_at, id = 0, triggered_at = 0;
  nullable<std::int64_t> live_run, run_state, organisation;
  std::int64_t next_from = 0; ///< where the next check goes on
  statement sql;
  explicit processing_integrations(session& db)
      : sql(db, "processing integrations",
            "SELECT i.id, i.last_triggered_at AS moment, i.live_run_id, r.state, i.organisation_id FROM integrations i "
            "LEFT JOIN runs r ON r.id = i.live_run_id WHERE i.status = 1 AND i.last_triggered_at >= :from "
            "UNION ALL SELECT t.integration_id, t.triggered_at, NULL, NULL, t.organisation_id "
            "FROM triggered_integrations t WHERE t.triggered_at >= :same ORDER BY 2, 1 LIMIT :limit") {
    sql.in(from).in(same).in(limit).out(id).out(triggered_at).out(live_run).out(run_state).out(organisation);
  }
};

struct holder_of_key {
  std::string key;
  std::int64_t job = 0;
  statement sql;
  explicit holder_of_key(session& db)
      : sql(db, "holder of unique key", "SELECT job_id FROM unique_keys WHERE key = :key") {
    sql.in(key).out(job);
  }
};

/// Of many keys, which are held: where a statement is a round trip.
struct held_of_keys {
  array_text keys;
  std::string held;
  statement sql;
  explicit held_of_keys(session& db)
      : sql(db, "holders of unique keys",
            "SELECT u.key FROM unnest(CAST(:keys AS TEXT[])) AS w(key) "
            "JOIN unique_keys u ON u.key = w.key") {
    sql.in(keys.text()).out(held);
  }
};

struct suspect {
  integration_id id{};
  organisation_id organisation{};
  [[nodiscard]] std::string key() const { return unique_key_text(organisation, root_kind, to_string(id)); }
};

/// Those whose root job waits or runs, and will start the run, are none.
void leave_out_held(session& db, std::vector<suspect>& suspects) {
  if (!db.sql_dialect().shared()) {
    auto& holder = db.query<holder_of_key>();
    std::erase_if(suspects, [&](const suspect& each) {
      holder.key = each.key();
      return holder.sql.one();
    });
    return;
  }
  if (suspects.empty())
    return;
  auto& query = db.query<held_of_keys>();
  query.keys.clear();
  for (const auto& each : suspects)
    query.keys.add(std::string_view{each.key()});
  query.keys.close();
  std::unordered_set<std::string> held;
  for (bool row = query.sql.first(); row; row = query.sql.next())
    held.insert(query.held);
  std::erase_if(suspects, [&](const suspect& each) { return held.contains(each.key()); });
}

struct state_of_run {
  std::int64_t run = 0, state = 0;
  statement sql;
  explicit state_of_run(session& db) : sql(db, "state of run", "SELECT state FROM runs WHERE id = :run") {
    sql.in(run).out(state);
  }
  bool is_live(run_id id) {
    run = id.value;
    return id && sql.one() && static_cast<run_state>(state) == run_state::running;
  }
};

/// The root job of a trigger that failed for good, or was cancelled, before it started a run.
struct ended_root {
  std::int64_t integration = 0, triggered_at = 0, job = 0, state = 0;
  std::string kind = root_kind;
  nullable<std::string> code, message;
  statement sql;
  explicit ended_root(session& db)
      : sql(db, "ended root job",
            "SELECT j.id, j.state, (SELECT e.code FROM job_errors e WHERE e.job_id = j.id ORDER BY e.id DESC LIMIT 1), "
            "(SELECT e.message FROM job_errors e WHERE e.job_id = j.id ORDER BY e.id DESC LIMIT 1) FROM jobs j "
            "WHERE j.integration_id = :integration AND j.kind_id = (SELECT id FROM kinds WHERE name = :kind) "
            "AND j.state IN (4, 5) AND j.finished_at >= :triggered_at ORDER BY j.id DESC LIMIT 1") {
    sql.in(integration).in(kind).in(triggered_at).out(job).out(state).out(code).out(message);
  }
};

/// Without a run nobody has noted how the trigger ended: a failure counts as one here, so that a root job that always
/// fails waits longer each time. What was cancelled waits one frequency; what was lost is as if it had never been triggered.
void repair(change_context& context, integration value) {
  auto& root = context.db.query<ended_root>();
  root.integration = value.id.value;
  root.triggered_at = micros(value.schedule.last_triggered_at);
  const bool ended = root.sql.one();
  if (ended && root.state == static_cast<std::int64_t>(job_state::cancelled)) {
    value.schedule = run_cancelled(value.schedule, context.now);
  } else if (ended) {
    const bool reauth = parse_error_code(root.code.value_or("")) == error_code::requires_reauth;
    const bool is_news = reauth || value.schedule.consecutive_failures == 0;
    value.schedule = run_failed(value.schedule, context.now, reauth);
    value.last_error = root.message.value_or("the run could not be started");
    if (is_news)
      context.effects.raise(
        integration_event(reauth ? "integration.requires_reauth" : "integration.failed", value, value.last_error));
  } else {
    value.schedule = run_lost(value.schedule, context.now);
  }
  value.live_run = {};
  value.updated_at = context.now;
  update_integration_row(context.db, value);
}

/// How many were.
std::int64_t repair_lost(change_context& context) {
  auto& query = context.db.query<processing_integrations>();
  query.from = query.same = query.next_from;
  std::vector<suspect> suspects;
  std::int64_t looked_at = 0;
  for (bool row = query.sql.first(); row; row = query.sql.next()) {
    ++looked_at;
    const bool live = query.live_run.has_value() && query.run_state.has_value() &&
                      static_cast<run_state>(query.run_state.value) == run_state::running;
    if (!live)
      suspects.push_back({{query.id}, {query.organisation.value_or(0)}});
    query.next_from = query.triggered_at;
  }
  // Thousands that were triggered in one moment would keep it at that moment: step past it, begin anew at the end.
  if (looked_at < query.limit)
    query.next_from = 0;
  else if (query.next_from == query.from)
    ++query.next_from;

  std::int64_t repaired = 0;
  leave_out_held(context.db, suspects);
  auto& holder = context.db.query<holder_of_key>();
  for (const auto& each : suspects) {
    holder.key = each.key();
    // Held from here on: meanwhile its run may have started, or another node have repaired it and triggered it again.
    auto value = find_integration_row(context.db, each.id);
    if (!value || value->schedule.status != integration_status::processing ||
        context.db.query<state_of_run>().is_live(value->live_run) || holder.sql.one())
      continue;
    repair(context, std::move(*value));
    ++repaired;
  }
  return repaired;
}

} // namespace

result<void> apply(change_context& context, const trigger_due_integrations& change) {
  const auto repaired = repair_lost(context);
  // Only idle and failed ones have a next_due_at, so this is the move `triggered` for each of them.
  const auto due = find_due(context.db, context.now, change.limit);
  context.result.created.push_back(std::ssize(due));
  mark_due_triggered(context.db, due, context.now);
  for (const auto& each : due)
    if (auto added = context.effects.enqueue(root_job(each.id, each.organisation)); !added)
      return failure(std::move(added).error());
  context.job_result =
    R"({"triggered":)" + std::to_string(due.size()) + R"(,"repaired":)" + std::to_string(repaired) + '}';
  return {};
}

result<void> apply(change_context& context, const mark_triggered& change) {
  auto value = find_integration_row(context.db, change.id);
  if (!value)
    return failure(error_code::not_found, "there is no integration " + to_string(change.id));
  if (value->live_run)
    return failure(error_code::conflict, "a run of integration " + to_string(change.id) + " is live already");
  const auto after = triggered(value->schedule, context.now, true);
  if (!after)
    return failure(after.error());
  // A root job that waits without having been triggered is that of a dry run: it would take this one's place.
  auto& holder = context.db.query<holder_of_key>();
  holder.key = unique_key_text(value->organisation, root_kind, to_string(change.id));
  if (holder.sql.one())
    return failure(error_code::conflict, "job " + to_string(job_id{holder.job}) + " of integration " +
                                           to_string(change.id) + " has not ended");
  value->schedule = *after;
  value->updated_at = context.now;
  update_integration_row(context.db, *value);
  return {};
}

} // namespace penstock::storage
