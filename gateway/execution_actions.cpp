#include "core/job_state.hpp"
#include "gateway/api_tables.hpp"
#include "gateway/body_reader.hpp"
#include "gateway/call_commit.hpp"
#include "gateway/reach.hpp"
#include "gateway/replies.hpp"
#include "gateway/service_desk.hpp"

namespace penstock::gateway {
namespace {

net::asio::awaitable<result<job_state>> state_of(node_port& port, job_id id) {
  auto read = [id](storage::read_session& db) -> result<job_state> {
    return db.jobs().find(id).map([](const job_record& job) { return job.state; });
  };
  auto found = co_await port.read(std::move(read));
  co_return found;
}

net::asio::awaitable<result<unit_result>> commit_cancel(node_port& port, job_id id, std::string reason) {
  unit_of_work unit;
  unit.changes.emplace_back(cancel_job{id, std::move(reason)});
  auto stored = co_await port.commit(std::move(unit));
  co_return stored;
}

net::http_reply cancel_reply(job_id id, job_state state) {
  const bool still_runs = state == job_state::active;
  json_writer out;
  out.begin_object().key("id").id(id).key("state").text(to_string(state));
  out.key("cancelling").boolean(still_runs).end_object();
  return json_reply(out, still_runs ? 202 : 200);
}

/// One that waits is cancelled in the store; one that runs is asked to stop. A job may move between the two while we
/// look: then we look again.
answer cancel(service_desk& desk, call& one) {
  const auto id = parse_id<job_id>(one.id());
  if (!id)
    co_return failure(id.error());
  body_reader body(one.request.body);
  const auto reason = body.text("reason").value_or("cancelled by a person");
  if (auto problem = body.problem())
    co_return failure(std::move(*problem));
  if (auto reached = co_await check_reach(desk, one, *id); !reached)
    co_return failure(std::move(reached.error()));
  if (auto noted = co_await note_for(desk, one); !noted)
    co_return failure(std::move(noted.error()));
  constexpr int most_looks = 4;
  bool asked_to_stop = false;
  for (int look = 0; look < most_looks; ++look) {
    auto state = co_await state_of(desk.port, *id);
    if (!state)
      co_return failure(std::move(state.error()));
    if (*state == job_state::active) {
      if (asked_to_stop)
        co_return cancel_reply(*id, *state);
      desk.port.cancel_job(*id, reason, false);
      asked_to_stop = true;
      continue;
    }
    if (*state == job_state::cancelled)
      co_return cancel_reply(*id, *state);
    if (is_ended(*state))
      co_return failure(error_code::conflict, "job " + one.id() + " is " + std::string(to_string(*state)) + " already");
    auto stored = co_await commit_cancel(desk.port, *id, reason);
    if (stored) {
      desk.port.cancel_job(*id, reason, true);
      co_return cancel_reply(*id, job_state::cancelled);
    }
    if (stored.error().code != error_code::conflict)
      co_return failure(std::move(stored.error()));
  }
  co_return failure(error_code::conflict, "job " + one.id() + " changes its state all the time: try again");
}

/// Waits again with fresh attempts; where a successor holds its unique key, the answer names that one.
answer retry(service_desk& desk, call& one) {
  const auto id = parse_id<job_id>(one.id());
  if (!id)
    co_return failure(id.error());
  body_reader body(one.request.body);
  if (auto problem = body.problem())
    co_return failure(std::move(*problem));
  if (auto reached = co_await check_reach(desk, one, *id); !reached)
    co_return failure(std::move(reached.error()));
  unit_of_work unit;
  unit.changes.emplace_back(retry_job{*id});
  auto stored = co_await commit_for(desk, one, std::move(unit));
  if (!stored)
    co_return failure(std::move(stored.error()));
  const job_id waits = stored->created.empty() ? *id : job_id{stored->created.front()};
  json_writer out;
  out.begin_object().key("id").id(waits).key("deduplicated").boolean(waits != *id).end_object();
  co_return json_reply(out, 202);
}

} // namespace

std::span<const route> execution_action_routes() {
  static constexpr route table[] = {
    {"POST", "/api/v1/executions/{id}/cancel", scoped(access_level::operating), cancel},
    {"POST", "/api/v1/executions/{id}/retry", scoped(access_level::operating), retry},
  };
  return table;
}

} // namespace penstock::gateway
