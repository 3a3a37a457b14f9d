#include "messages/job_kind.hpp"

#include <stdexcept>
#include <utility>

namespace penstock {

using namespace std::chrono_literals;

job_kind job_kind::fetch(std::string name) {
  return {.name = std::move(name), .queue = "fetch", .style = handler_style::fetch, .max_attempts = 4,
          .backoff = backoff_policy::list({60s, 300s, 600s}), .timeout = 120s};
}

job_kind job_kind::process(std::string name) {
  return {.name = std::move(name), .queue = "process", .style = handler_style::process, .max_attempts = 3,
          .backoff = backoff_policy::list({120s, 300s}), .timeout = 300s};
}

job_kind job_kind::init(std::string name) {
  return {.name = std::move(name), .queue = "init", .style = handler_style::fetch, .max_attempts = 4,
          .backoff = backoff_policy::list({60s, 300s, 600s}), .timeout = 600s};
}

job_kind job_kind::webhook(std::string name) {
  return {.name = std::move(name), .queue = "webhook", .style = handler_style::process, .max_attempts = 4,
          .backoff = backoff_policy::list({30s, 120s, 300s}), .timeout = 60s};
}

void job_kind_catalogue::add(job_kind kind) {
  auto name = kind.name;
  if (!kinds_.emplace(name, std::move(kind)).second)
    throw std::invalid_argument("job kind declared twice: " + name);
}

const job_kind* job_kind_catalogue::find(std::string_view name) const noexcept {
  const auto found = kinds_.find(name);
  return found == kinds_.end() ? nullptr : &found->second;
}

std::vector<std::string> job_kind_catalogue::names() const {
  std::vector<std::string> all;
  all.reserve(kinds_.size());
  for (const auto& [name, kind] : kinds_)
    all.push_back(name);
  return all;
}

} // namespace penstock
