// Kinds that do nothing but what a unit of work says.
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "connectors/args_reader.hpp"
#include "connectors/follow_up.hpp"
#include "connectors/probe/kinds.hpp"

namespace penstock::connectors::probe {
namespace {

/// As many jobs as one transaction may enqueue.
constexpr std::int64_t most_children = 10'000;
constexpr std::int64_t longest_chain = 100'000'000;

job_kind brief_kind(std::string name) {
  job_kind kind;
  kind.self_contained = true;
  kind.name = std::move(name);
  kind.style = handler_style::process;
  kind.brief = true;
  return kind;
}

std::string args_of(std::initializer_list<std::pair<boost::json::string_view, boost::json::value_ref>> members) {
  boost::json::object args;
  for (const auto& [key, value] : members)
    args.emplace(key, boost::json::value(value));
  return boost::json::serialize(args);
}

result<unit_of_work> run_noop(process_context& context) {
  const args_reader args(context.job.kind, context.job.args, {});
  if (args.problem())
    return failure(*args.problem());
  return unit_of_work{};
}

result<unit_of_work> run_append(process_context& context) {
  args_reader args(context.job.kind, context.job.args, {"key"});
  auto key = args.text("key");
  if (args.problem())
    return failure(*args.problem());
  unit_of_work unit;
  unit.appends.push_back(
    {std::string(effects_table), {{std::move(key), context.job.id.value, context.now.time_since_epoch().count()}}});
  return unit;
}

result<unit_of_work> run_chain(process_context& context) {
  args_reader args(context.job.kind, context.job.args, {"n"});
  const auto n = args.integer("n", 0, longest_chain);
  if (args.problem())
    return failure(*args.problem());
  unit_of_work unit;
  if (n == 0)
    return unit;
  auto next = follow_up(context.job, context.job.kind);
  next.queue = context.job.queue;
  next.args = args_of({{"n", n - 1}});
  unit.jobs.push_back(std::move(next));
  return unit;
}

result<unit_of_work> run_tree(process_context& context) {
  args_reader args(context.job.kind, context.job.args, {"children", "failures"});
  const auto children = args.integer("children", 0, most_children);
  const auto failures = args.integer("failures", 0, most_children, 0);
  if (failures > children)
    args.refuse("'failures' must not be more than 'children'");
  if (args.problem())
    return failure(*args.problem());
  unit_of_work unit;
  unit.jobs.reserve(static_cast<std::size_t>(children));
  for (std::int64_t i = 0; i < children; ++i) {
    auto child = follow_up(context.job, i < failures ? "probe.fail" : "probe.noop");
    child.queue = context.job.queue;
    child.parent = context.job.id;
    if (i < failures)
      child.args = args_of({{"class", "final"}});
    unit.jobs.push_back(std::move(child));
  }
  return unit;
}

} // namespace

job_handler noop() { return {brief_kind("probe.noop"), process_handler(run_noop)}; }
job_handler append() { return {brief_kind("probe.append"), process_handler(run_append)}; }
job_handler chain() { return {brief_kind("probe.chain"), process_handler(run_chain)}; }

job_handler tree() {
  auto kind = brief_kind("probe.tree");
  kind.brief = false; // thousands of children take milliseconds
  return {std::move(kind), process_handler(run_tree)};
}

} // namespace penstock::connectors::probe
