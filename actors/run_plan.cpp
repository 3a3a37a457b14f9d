#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "actors/integration.hpp"
#include "connectors/fetched.hpp"
#include "connectors/follow_up.hpp"
#include "core/id_text.hpp"

namespace penstock::actors {
namespace {

namespace json = boost::json;

struct root_args {
  std::string triggered_by;
  bool dry = false;
};

root_args args_of(const ready_job& root) {
  boost::system::error_code bad;
  const auto args = json::parse(root.args, bad);
  if (bad || !args.is_object())
    return {};
  const auto* by = args.get_object().if_contains("triggered_by");
  const auto* dry = args.get_object().if_contains("dry_run");
  return {by && by->is_string() ? std::string(by->get_string()) : std::string{},
          dry && dry->is_bool() && dry->get_bool()};
}

/// Ends the root job without a run: what it was asked for is not wanted any more.
unit_of_work skipped(std::string_view why) {
  unit_of_work unit;
  unit.ends = attempt_end{};
  unit.ends->result = json::serialize(json::object{{"skipped", why}});
  return unit;
}

} // namespace

result<unit_of_work> plan_run(const integration& account, const ready_job& root,
                              const connectors::catalogue& connectors, id_generator& ids) {
  switch (account.schedule.status) {
    case integration_status::paused:
    case integration_status::disconnected:
    case integration_status::requires_reauth: return skipped(to_string(account.schedule.status));
    default: break;
  }
  if (account.live_run)
    return skipped("a run is open already");
  const auto* service = connectors.find_service(account.service);
  if (!service)
    return failure(error_code::bad_configuration,
                   "no connector for service '" + account.service + "' on this node: enable it in the configuration");
  if (auto fetched = connectors::check_is_fetched(connectors, account.service, account.id); !fetched)
    return failure(std::move(fetched.error()));
  auto first = service->first_jobs(account);
  if (!first)
    return failure(std::move(first.error()));

  unit_of_work unit;
  const auto run = ids.make<run_id>();
  auto args = args_of(root);
  unit.changes.push_back(start_run{run, account.id, root.id, std::move(args.triggered_by), args.dry});
  unit.jobs = std::move(*first);
  for (auto& job : unit.jobs) {
    job.integration = account.id;
    job.organisation = account.organisation;
    job.run = run;
    job.parent = root.id;
    job.trace_id = root.trace_id;
    if (job.group_key.empty())
      job.group_key = connectors::credential_group(account.organisation, account.id);
    if (job.triggered_by.empty())
      job.triggered_by = "job:" + to_string(root.id);
  }
  unit.ends = attempt_end{};
  unit.ends->result = json::serialize(json::object{{"run_id", to_string(run)}});
  return unit;
}

} // namespace penstock::actors
