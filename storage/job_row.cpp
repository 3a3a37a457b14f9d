#include "storage/job_row.hpp"

#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

struct find_row {
  std::int64_t id = 0, state = 0, queue = 0, kind = 0, attempts = 0, ties = 0, priority = 0, run_at = 0;
  nullable<std::int64_t> plain_end;
  nullable<std::string> unique_key, group, stream;
  nullable<std::int64_t> integration, organisation, run, parent;
  statement sql;
  explicit find_row(session& db)
      : sql(db, "find job",
            "SELECT state, queue_id, kind_id, attempts, ties, unique_key, group_key, stream, integration_id, "
            "organisation_id, run_id, parent_id, priority, run_at, (SELECT e.finished_at FROM plain_ends e "
            "WHERE e.job_id = jobs.id) FROM jobs WHERE id = :id" +
              db.sql_dialect().for_update()) {
    sql.in(id).out(state).out(queue).out(kind).out(attempts).out(ties).out(unique_key).out(group).out(stream);
    sql.out(integration).out(organisation).out(run).out(parent).out(priority).out(run_at).out(plain_end);
  }
};

} // namespace

std::optional<job_row> find_job_row(session& db, job_id id) {
  auto& find = db.query<find_row>();
  find.id = id.value;
  if (!find.sql.one())
    return std::nullopt;
  return job_row{.id = id,
                 .state = find.plain_end.has_value() ? job_state::completed : static_cast<job_state>(find.state),
                 .queue = find.queue,
                 .kind = find.kind,
                 .attempts = find.attempts + (find.plain_end.has_value() ? 1 : 0),
                 .ties = find.ties,
                 .priority = find.priority,
                 .run_at = find.run_at,
                 .unique_key = find.unique_key.value_or(""),
                 .group = find.group.value_or(""),
                 .stream = find.stream.value_or(""),
                 .integration = {find.integration.value_or(0)},
                 .organisation = {find.organisation.value_or(0)},
                 .run = {find.run.value_or(0)},
                 .parent = {find.parent.value_or(0)}};
}

} // namespace penstock::storage
