#include "core/job_state.hpp"
#include "gateway/api_tables.hpp"
#include "gateway/body_reader.hpp"
#include "gateway/call_commit.hpp"
#include "gateway/job_batches.hpp"
#include "gateway/replies.hpp"
#include "gateway/service_desk.hpp"

namespace penstock::gateway {
namespace {

struct wanted_filter {
  storage::job_filter filter;
  std::optional<error> problem;
};

wanted_filter read_filter(const std::string& json, timestamp now) {
  wanted_filter wanted;
  body_reader body(json);
  auto& filter = wanted.filter;
  if (const auto state = body.text("state"); state && !set_shown_state(filter, *state, now))
    body.refuse("filter.state is waiting, delayed, active, awaiting_children or failed");
  filter.queue = body.text("queue").value_or("");
  filter.kind = body.text("kind").value_or("");
  filter.text = body.text("q").value_or("");
  filter.integration = {body.id("integration").value_or(0)};
  filter.run = {body.id("run").value_or(0)};
  wanted.problem = body.problem();
  return wanted;
}

answer bulk(service_desk& desk, call& one) {
  body_reader body(one.request.body);
  const auto action = body.text("action").value_or("");
  const auto filter_json = body.object("filter");
  const auto preview = body.boolean("preview").value_or(false);
  const auto reason = body.text("reason").value_or("cancelled by a person");
  if (action != "retry" && action != "cancel")
    body.refuse("action is retry or cancel");
  if (!filter_json)
    body.refuse("filter is missing: an object with state, queue, kind, q, integration or run; {} for all");
  if (auto problem = body.problem())
    co_return failure(std::move(*problem));
  auto wanted = read_filter(*filter_json, desk.clock.now());
  if (wanted.problem)
    co_return failure(std::move(*wanted.problem));
  wanted.filter.organisation = one.who.organisation;
  if (!preview)
    if (auto noted = co_await note_for(desk, one); !noted)
      co_return failure(std::move(noted.error()));
  auto counts = co_await act_on_jobs(desk.port, action == "retry" ? bulk_action::retry : bulk_action::cancel,
                                     std::move(wanted.filter), reason, preview);
  if (!counts)
    co_return failure(std::move(counts.error()));
  json_writer out;
  out.begin_object().key("action").text(action).key("preview").boolean(preview);
  out.key("matched").number(counts->matched).key("done").number(counts->done);
  out.key("refused").number(counts->refused).key("refusal").text_or_null(counts->refusal);
  out.key("more").boolean(counts->more).end_object();
  co_return json_reply(out);
}

} // namespace

std::span<const route> bulk_action_routes() {
  static constexpr route table[] = {
    {"POST", "/api/v1/executions/bulk", scoped(access_level::operating), bulk},
  };
  return table;
}

} // namespace penstock::gateway
