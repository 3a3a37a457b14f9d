#include "connectors/follow_up.hpp"

#include <utility>

#include "core/id_text.hpp"

namespace penstock::connectors {

job_request follow_up(const ready_job& job, std::string kind) {
  job_request next;
  next.kind = std::move(kind);
  next.priority = job.priority;
  next.integration = job.integration;
  next.organisation = job.organisation;
  next.run = job.run;
  next.parent = job.parent;
  next.triggered_by = "job:" + to_string(job.id);
  next.trace_id = job.trace_id;
  return next;
}

std::string credential_group(organisation_id organisation, integration_id integration) {
  return std::to_string(organisation.value) + "/" + std::to_string(integration.value);
}

std::string stream_group(const ready_job& job, std::string_view stream) {
  return credential_group(job.organisation, job.integration) + "/" + std::string(stream);
}

} // namespace penstock::connectors
