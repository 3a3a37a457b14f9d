#include "storage/job_enqueuer.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "core/group_path.hpp"
#include "core/unique_key.hpp"
#include "storage/body_writer.hpp"
#include "storage/job_ties.hpp"
#include "storage/portable_text.hpp"
#include "storage/staged_bodies.hpp"
#include "storage/statement.hpp"
#include "storage/stream_stop.hpp"
#include "storage/waiting_rows.hpp"

namespace penstock::storage {
namespace {

struct insert_tied {
  std::int64_t id = 0, queue = 0, kind = 0, priority = 0, ties = 0, run_at = 0;
  nullable<std::string> args, payload, backoff, unique_key, group, stream, triggered_by, trace_id;
  nullable<std::int64_t> max_attempts, timeout, integration, organisation, run, parent;
  statement sql;
  explicit insert_tied(session& db)
      : sql(
          db, "insert tied job",
          "INSERT INTO jobs (id, queue_id, kind_id, state, priority, attempts, ties, run_at, started_at, finished_at, "
          "args, payload, max_attempts, backoff, timeout_us, unique_key, group_key, stream, integration_id, organisation_id, "
          "run_id, parent_id, triggered_by, trace_id) VALUES (:id, :queue, :kind, 0, :priority, 0, :ties, :run_at, "
          ":started_at, :finished_at, :args, :payload, :max_attempts, :backoff, :timeout, :unique_key, :group_key, :stream, "
          ":integration, :organisation, :run, :parent, :triggered_by, :trace_id)") {
    sql.in(id).in(queue).in(kind).in(priority).in(ties).in(run_at).in(run_at).in(run_at);
    sql.in(args).in(payload).in(max_attempts).in(backoff).in(timeout);
    sql.in(unique_key).in(group).in(stream).in(integration).in(organisation).in(run).in(parent).in(triggered_by);
    sql.in(trace_id);
  }
};

struct find_group_member {
  std::int64_t queue = 0, id = 0;
  std::string group;
  statement sql;
  explicit find_group_member(session& db)
      : sql(db, "find group member",
            "SELECT id FROM jobs WHERE queue_id = :queue AND group_key = :group_key AND state = 0 "
            "AND group_key IS NOT NULL LIMIT 1") {
    sql.in(queue).in(group).out(id);
  }
};

struct add_child {
  std::int64_t parent = 0;
  statement count, tie, first;
  explicit add_child(session& db)
      : count(db, "count child", "UPDATE job_children SET open = open + 1 WHERE parent_id = :parent"),
        tie(db, "tie parent",
            "UPDATE jobs SET ties = ties | " + std::to_string(job_ties::children) + " WHERE id = :id"),
        first(db, "count first child",
              "INSERT INTO job_children (parent_id, open, completed, failed, cancelled) VALUES (:parent, 1, 0, 0, 0) "
              // Of two nodes that add the first child at once, the second finds the other's row here.
              "ON CONFLICT (parent_id) DO UPDATE SET open = job_children.open + 1") {
    count.in(parent);
    tie.in(parent);
    first.in(parent);
  }
};

/// The credential that the args name, below the organisation; else the organisation alone.
std::string natural_group(const job_request& request, const job_kind& kind) {
  const std::string tenant = std::to_string(request.organisation.value);
  if (!kind.credential_arg.empty()) {
    boost::system::error_code broken;
    const auto args = boost::json::parse(request.args, broken);
    const auto* object = broken ? nullptr : args.if_object();
    const auto* named = object ? object->if_contains(kind.credential_arg) : nullptr;
    const auto* text = named ? named->if_string() : nullptr;
    if (text && !text->empty() && text->find('/') == boost::json::string::npos)
      if (auto path = tenant + "/" + std::string(*text); group_path::check(path))
        return path;
  }
  return request.organisation ? tenant : std::string{};
}

} // namespace

struct job_enqueuer::statements {
  explicit statements(session& db) : tied(db), stop(db), group(db), child(db) {}
  insert_tied tied;
  stream_stop stop;
  find_group_member group;
  add_child child;
};

job_enqueuer::job_enqueuer(write_state& state)
    : state_(state), plain_(state.db), keys_(state.db), sql_(std::make_unique<statements>(state.db)) {}

job_enqueuer::~job_enqueuer() = default;

enqueued job_enqueuer::add(job_request& request, const job_kind& kind) {
  const std::string& queue_name = request.queue.empty() ? kind.queue : request.queue;
  const auto queue = state_.queues.id_of(queue_name);
  const auto kind_number = state_.kinds.id_of(request.kind);
  const std::string& kept_name = state_.queues.name_of(queue);
  if (request.group_key.empty() && (request.organisation || !kind.credential_arg.empty())) [[unlikely]]
    request.group_key = natural_group(request, kind);
  const bool plain = request.unique_key.empty() && request.group_key.empty() && request.stream.empty() &&
                     !request.integration && !request.organisation && !request.run && !request.parent &&
                     request.payload.empty() && !request.staged && !request.max_attempts && !request.backoff &&
                     !request.timeout && !request.keep_bodies && request.args.size() <= inline_args_bytes;
  if (!plain)
    return add_tied(request, queue, kind, kind_number, kept_name);

  auto& row = plain_.next();
  const auto id = state_.house.ids->make<job_id>();
  const auto run_at = request.run_at == no_time ? state_.now : request.run_at;
  row.id = id.value;
  row.queue = queue;
  row.kind = kind_number;
  row.priority = request.priority;
  row.run_at = micros(run_at);
  row.args.assign(request.args);
  row.triggered_by.set_or_null(request.triggered_by);
  row.trace_id.set_or_null(request.trace_id);
  state_.counts.add(queue, job_state::waiting);
  state_.news.add_new(request, id, kept_name, run_at, false);
  return {id};
}

enqueued job_enqueuer::add_tied(job_request& request, std::int64_t queue, const job_kind& kind,
                                std::int64_t kind_number, const std::string& queue_name) {
  if (dropped(request))
    return {.id = {}, .dropped = true};
  const auto id = request.staged ? request.staged : state_.house.ids->make<job_id>();
  if (!request.unique_key.empty()) {
    const auto holder = keys_.take(unique_key_text(request.organisation, request.kind, request.unique_key), id,
                                   request.unique_for, state_.now);
    if (holder != id) {
      const bool again = request.once_more.value_or(kind.once_more) && keys_.note_once_more(holder);
      return {.id = holder, .deduplicated = true, .once_more = again};
    }
  }
  const bool in_order = group_path::in_order(request.group_key);
  const bool runs_next = !in_order || is_first_of_group(queue, request.group_key);
  const bool large = request.args.size() > inline_args_bytes;
  const bool small_payload =
    !request.payload.empty() && !request.staged && request.payload.size() <= inline_payload_bytes;

  auto& row = sql_->tied;
  const auto run_at = request.run_at == no_time ? state_.now : request.run_at;
  row.id = id.value;
  row.queue = queue;
  row.kind = kind_number;
  row.priority = request.priority;
  row.run_at = micros(run_at);
  row.ties = (small_payload                                 ? job_ties::small_payload
              : request.payload.empty() && !request.staged ? 0
                                                            : job_ties::payload) |
             (large ? job_ties::large_args : 0) |
             (request.unique_key.empty() ? 0 : job_ties::unique_key) | (in_order ? job_ties::group : 0) |
             (request.keep_bodies ? job_ties::bodies : 0) | (request.parent ? job_ties::parent : 0) |
             (request.run ? job_ties::run : 0);
  if (large)
    row.args.clear();
  else
    row.args.set(request.args);
  if (small_payload)
    row.payload.set(to_portable(request.payload));
  else
    row.payload.clear();
  row.unique_key.set_or_null(request.unique_key);
  row.group.set_or_null(request.group_key);
  row.stream.set_or_null(request.stream);
  row.triggered_by.set_or_null(request.triggered_by);
  row.trace_id.set_or_null(request.trace_id);
  row.integration.set_or_null(request.integration.value);
  row.organisation.set_or_null(request.organisation.value);
  row.run.set_or_null(request.run.value);
  row.parent.set_or_null(request.parent.value);
  row.max_attempts.clear();
  if (request.max_attempts)
    row.max_attempts.set(*request.max_attempts);
  row.backoff.clear();
  if (request.backoff)
    row.backoff.set(to_string(*request.backoff));
  row.timeout.clear();
  if (request.timeout)
    row.timeout.set(request.timeout->count());
  row.sql.post();
  if (request.group_key.empty())
    insert_waiting(state_.db, {row.queue, row.priority, row.run_at, row.id, 0, row.ties != 0});

  if (large)
    write_body(state_.db, id.value, payload_part::args, request.args);
  if (!request.payload.empty() && !small_payload)
    write_body(state_.db, id.value, payload_part::payload, request.payload,
               request.staged ? next_chunk_of(state_.db, id) : 0);
  if (request.parent)
    count_child(request.parent);
  state_.counts.add(queue, job_state::waiting);
  if (runs_next)
    state_.news.add_new(request, id, queue_name, run_at, row.ties != 0);
  return {id};
}

bool job_enqueuer::dropped(const job_request& request) {
  if (!request.run)
    return false;
  auto& stop = sql_->stop;
  stop.look_up(request.run, request.stream);
  return stop.stream_stopped() || stop.run_cancelled();
}

bool job_enqueuer::is_first_of_group(std::int64_t queue, const std::string& group) {
  auto& find = sql_->group;
  find.queue = queue;
  find.group = group;
  return !find.sql.one();
}

void job_enqueuer::count_child(job_id parent) {
  auto& child = sql_->child;
  child.parent = parent.value;
  if (child.count.run() == 1)
    return;
  // The first child tells the parent's row, so that its end looks for children. Without such a row nobody awaits it.
  if (child.tie.run() == 1) {
    tie_waiting(state_.db, parent);
    child.first.post();
  }
}

} // namespace penstock::storage
