#include "connectors/catalogue.hpp"

#include <string>
#include <utility>

namespace penstock::connectors {

result<catalogue> catalogue::build(std::vector<connector> enabled) {
  catalogue built;
  built.connectors_ = std::move(enabled);
  std::unordered_map<std::string_view, std::string_view> owner_of_table;
  const auto claimed_twice = [](std::string_view what, std::string_view name, std::string_view by) {
    return failure(error_code::bad_configuration, std::string(what) + " '" + std::string(name) +
                                                    "' is claimed by two connectors, one of them '" + std::string(by) +
                                                    "': disable one");
  };
  // The maps point into connectors_, whose buffer does not move any more (moving the vector keeps it).
  for (const auto& each : built.connectors_) {
    for (const auto& handler : each.handlers)
      if (!built.handlers_.emplace(handler.kind.name, &handler).second)
        return claimed_twice("job kind", handler.kind.name, each.name);
    for (const auto& offered : each.services)
      if (!built.services_.emplace(offered.name, &offered).second)
        return claimed_twice("service", offered.name, each.name);
    for (const auto& table : each.tables)
      if (!owner_of_table.emplace(table.name, each.name).second)
        return claimed_twice("table", table.name, each.name);
  }
  for (const auto& each : built.connectors_)
    for (const auto& offered : each.services)
      if (offered.webhook) {
        const auto* handler = built.handler(offered.webhook->kind);
        if (!handler || !std::holds_alternative<process_handler>(handler->handler))
          return failure(error_code::bad_configuration, "service '" + offered.name + "' takes webhooks as '" +
                                                          offered.webhook->kind +
                                                          "', which is no kind with a process handler");
      }
  return built;
}

const job_handler* catalogue::handler(std::string_view kind) const noexcept {
  const auto found = handlers_.find(kind);
  return found == handlers_.end() ? nullptr : found->second;
}

const service* catalogue::find_service(std::string_view name) const noexcept {
  const auto found = services_.find(name);
  return found == services_.end() ? nullptr : found->second;
}

std::vector<table_schema> catalogue::tables() const {
  std::vector<table_schema> all;
  for (const auto& each : connectors_)
    all.insert(all.end(), each.tables.begin(), each.tables.end());
  return all;
}

std::vector<storage::migration> catalogue::migrations() const {
  std::vector<storage::migration> all;
  for (const auto& each : connectors_)
    all.insert(all.end(), each.migrations.begin(), each.migrations.end());
  return all;
}

std::vector<job_kind> catalogue::kinds() const {
  std::vector<job_kind> all;
  for (const auto& each : connectors_)
    for (const auto& handler : each.handlers)
      all.push_back(handler.kind);
  return all;
}

} // namespace penstock::connectors
