#include "node/commands/job_show.hpp"

#include <ostream>

#include "core/id_text.hpp"
#include "node/commands/api_client.hpp"
#include "node/commands/follow_job.hpp"
#include "node/commands/row_errors.hpp"
#include "node/commands/session.hpp"
#include "node/commands/show.hpp"
#include "node/commands/table.hpp"

namespace penstock::node {
namespace {

constexpr std::size_t most_children_shown = 100;
constexpr int not_found = 404;

void print_attempts(const boost::json::value& job, std::ostream& out) {
  table errors({{"ATTEMPT", table::align::right}, {"AT"}, {"CODE"}, {"CLASS"}, {"NODE"}, {"ERROR"}});
  if (const auto* all = member_of(job, "errors").if_array())
    for (const auto& each : *all)
      errors.add({shown(each, "attempt"), shown_time(each, "at"), shown(each, "code"), shown(each, "class"),
                  shown(each, "node"), shown(each, "message")});
  if (errors.empty())
    return;
  out << '\n';
  errors.print(out);
}

void print_exchanges(const boost::json::value& list, std::ostream& out) {
  using align = table::align;
  table exchanges({{"ATTEMPT", align::right},
                   {"REQUEST", align::right},
                   {"TRY", align::right},
                   {"METHOD"},
                   {"URL"},
                   {"STATUS", align::right},
                   {"TOOK", align::right},
                   {"BYTES", align::right},
                   {"ERROR"}});
  for (const auto& each : items_of(list))
    exchanges.add({shown(each, "attempt"), shown(each, "request"), shown(each, "try"), shown(each, "method"),
                   shown(each, "url"), shown(each, "status"), shown_duration(each, "duration_ms"),
                   shown(each, "response_bytes"), shown(each, "error")});
  if (exchanges.empty())
    return;
  out << '\n';
  exchanges.print(out);
}

void print_log(const boost::json::value& list, std::ostream& out) {
  table lines({{"ATTEMPT", table::align::right}, {"AT"}, {"LEVEL"}, {"LOG"}});
  for (const auto& each : items_of(list))
    lines.add({shown(each, "attempt"), shown_time(each, "at"), shown(each, "level"), shown(each, "message")});
  if (lines.empty())
    return;
  out << '\n';
  lines.print(out);
}

bool has_children(const boost::json::value& job) {
  const auto& children = member_of(job, "children");
  return shown(children, "open") != "0" || shown(children, "completed") != "0" || shown(children, "failed") != "0" ||
         shown(children, "cancelled") != "0";
}

/// Of those that belong to an integration: they are found among its jobs, which go down to their parent by their ids.
api_client::reply children_of(api_client& node, const boost::json::value& job) {
  constexpr int most_pages = 20;
  const auto parent = shown(job, "id");
  const auto id = parse_id_value(parent).value_or(0);
  api_reply found{{}, boost::json::array{}};
  auto& children = found.json.as_array();
  std::string cursor;
  for (int page = 0; page < most_pages && children.size() < most_children_shown; ++page) {
    net::query_parameters query{{"integration", shown(job, "integration_id")}, {"limit", "200"}};
    if (!cursor.empty())
      query.emplace_back("cursor", cursor);
    const auto answer = node.get("/api/v1/executions", query);
    if (!answer)
      return tl::unexpected(answer.error());
    for (const auto& each : items_of(answer->json)) {
      if (parse_id_value(shown(each, "id")).value_or(0) <= id)
        return found;
      if (shown(each, "parent_id") == parent && children.size() < most_children_shown)
        children.push_back(each);
    }
    cursor = shown(answer->json, "next_cursor");
    if (cursor.empty())
      break;
  }
  return found;
}

void print_children(const boost::json::value& list, std::ostream& out) {
  table children({{"CHILD"}, {"KIND"}, {"STATE"}, {"FINISHED"}, {"RESULT"}, {"ERROR"}});
  for (const auto& each : list.as_array()) {
    const auto* errors = member_of(each, "errors").if_array();
    children.add({shown(each, "id"), shown(each, "kind"), shown(each, "state"), shown_time(each, "finished_at"),
                  shown(each, "result"),
                  errors && !errors->empty() ? shown(errors->back(), "message") : std::string{}});
  }
  if (children.empty())
    return;
  out << '\n';
  children.print(out);
}

/// "3: penstock integrations errors 12 --job 40"; empty for none.
tl::expected<std::string, command_failure> shown_row_errors(api_client& node, const boost::json::value& job) {
  const auto integration = shown(job, "integration_id"), id = shown(job, "id");
  if (integration.empty())
    return std::string{};
  constexpr std::int64_t most_counted = 200;
  const auto answer = get_row_errors(node, "/api/v1/integrations/" + integration, {{"job", id}}, most_counted);
  if (!answer && answer.error().http_status != not_found)
    return tl::unexpected(answer.error());
  const auto count = answer ? items_of(answer->json).size() : 0; // an integration that was removed has none
  const bool more = answer && !shown(answer->json, "next_cursor").empty();
  if (count == 0)
    return more ? "none among the latest of the integration, older ones were not looked at" : std::string{};
  return std::to_string(count) + (more ? " or more" : "") + ": penstock integrations errors " + integration +
         " --job " + id;
}

void print_job(const boost::json::value& job, const std::string& row_errors, std::ostream& out) {
  const auto& children = member_of(job, "children");
  const auto& progress = member_of(job, "progress");
  print_fields(out,
               {{"id", shown(job, "id")},
                {"kind", shown(job, "kind")},
                {"queue", shown(job, "queue")},
                {"state", shown(job, "state")},
                {"attempt", shown(job, "attempt") + " of " + shown(job, "max_attempts")},
                {"priority", shown(job, "priority")},
                {"created", shown_time(job, "created_at")},
                {"runs at", shown_time(job, "run_at")},
                {"started", shown_time(job, "started_at")},
                {"finished", shown_time(job, "finished_at")},
                {"triggered by", shown(job, "triggered_by")},
                {"integration", shown(job, "integration_id")},
                {"parent", shown(job, "parent_id")},
                {"run", shown(job, "run_id")},
                {"unique key", shown(job, "unique_key")},
                {"group", shown(job, "group_key")},
                {"args", shown(job, "args")},
                {"progress", progress.is_object() ? progress_line(progress) : std::string{}},
                {"children", has_children(job)
                               ? shown(children, "open") + " open, " + shown(children, "completed") + " completed, " +
                                   shown(children, "failed") + " failed, " + shown(children, "cancelled") + " cancelled"
                               : std::string{}},
                {"rows in error", row_errors},
                {"result", shown(job, "result")}});
}

outcome show(const arguments& given, session& with) {
  const auto path = job_path(given);
  if (!path)
    return tl::unexpected(path.error());
  auto node = api_client::connect(with);
  if (!node)
    return tl::unexpected(std::move(node.error()));
  if (given.has("--follow"))
    return follow_job(**node, given.text("ID"), with);
  const auto answer = (*node)->get(*path);
  if (!answer)
    return tl::unexpected(answer.error());
  if (with.json) {
    print_body(with, answer->body);
    return {};
  }
  const auto exchanges = (*node)->get_all(*path + "/exchanges");
  if (!exchanges)
    return tl::unexpected(exchanges.error());
  const auto row_errors = shown_row_errors(**node, answer->json);
  if (!row_errors)
    return tl::unexpected(row_errors.error());
  print_job(answer->json, *row_errors, with.out);
  const auto log = (*node)->get_all(*path + "/logs");
  if (!log)
    return tl::unexpected(log.error());
  if (has_children(answer->json) && !shown(answer->json, "integration_id").empty()) {
    const auto children = children_of(**node, answer->json);
    if (!children)
      return tl::unexpected(children.error());
    print_children(children->json, with.out);
  }
  print_attempts(answer->json, with.out);
  print_log(log->json, with.out);
  print_exchanges(exchanges->json, with.out);
  return {};
}

} // namespace

command job_show_command() {
  return {"jobs",
          "show",
          "Show a job, its children, its errors, its log and its HTTP exchanges.",
          {job_id_parameter(), job_follow_parameter()},
          show};
}

tl::expected<std::string, command_failure> job_path(const arguments& given) {
  const auto id = parse_id_value(given.text("ID"));
  if (!id)
    return give_up(exit_status::wrong_usage, id.error().message);
  return "/api/v1/executions/" + given.text("ID");
}

parameter job_id_parameter() {
  return {.name = "ID", .doc = "the job's id", .what = parameter_kind::place, .required = true};
}
parameter job_follow_parameter() {
  return {.name = "--follow", .doc = "wait for the end, with progress", .what = parameter_kind::flag};
}

} // namespace penstock::node
