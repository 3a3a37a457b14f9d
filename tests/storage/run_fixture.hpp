#pragma once

#include <gmock/gmock.h>

#include <optional>

#include "core/id_text.hpp"
#include "tests/storage/store_conformance.hpp"

namespace penstock::storage {

/// One integration, and runs of one stream of it.
class run_store : public store_conformance {
protected:
  /// A run whose root job has started it and awaits the fetch job of one stream.
  void begin_run() {
    if (!integration)
      integration = add_probe("probe", std::chrono::hours{1}, {7});
    apply(trigger_due_integrations{});
    root = news.ready.at(0).id;
    run = ids.make<run_id>();
    unit_of_work rest;
    rest.changes.push_back(start_run{run, integration, root, "due_check"});
    rest.jobs.push_back(fetch());
    const auto done = end(root, attempt_outcome::succeeded, std::move(rest));
    ASSERT_TRUE(done.ok()) << done.refused->message;
    first_fetch = done.jobs.at(0).id;
  }
  job_request fetch() {
    auto wanted = request("probe.fetch");
    wanted.integration = integration;
    wanted.run = run;
    wanted.parent = root;
    wanted.stream = "items";
    return wanted;
  }
  /// Ends the fetch job and hands its page on.
  job_id page_of_fetch() {
    unit_of_work rest;
    rest.jobs.push_back(fetch());
    rest.jobs.back().kind = "probe.page";
    return end(first_fetch, attempt_outcome::succeeded, std::move(rest)).jobs.at(0).id;
  }
  unit_of_work page(std::int64_t number, const std::string& cursor) {
    unit_of_work unit;
    const auto name = "row " + std::to_string(number);
    unit.rows.push_back({"probe_items", integration, {{name, {name, number, 0.5}, 1}}});
    unit.cursors.push_back({integration, "items", run, number, cursor, ""});
    return unit;
  }
  /// The job fails since a person must authorise again.
  void lose_consent(job_id id) {
    unit_of_work unit;
    unit.ends.emplace();
    unit.ends->job = id;
    unit.ends->outcome = attempt_outcome::failed;
    unit.ends->failure = error{error_code::requires_reauth, "the consent ended"};
    ASSERT_TRUE(commit(std::move(unit)).ok());
  }
  std::optional<stream_cursor> cursor() { return *integrations().cursor(integration, "items"); }
  struct run stored() {
    return *integrations().find_run(run);
  }

  integration_id integration;
  job_id root, first_fetch;
  run_id run;
};

} // namespace penstock::storage
