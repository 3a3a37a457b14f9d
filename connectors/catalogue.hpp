#pragma once

#include <string_view>
#include <unordered_map>
#include <vector>

#include "connectors/connector.hpp"
#include "messages/job_kind.hpp"

namespace penstock::connectors {

/// Everything that the enabled connectors contribute, ready to be looked up. Constant after `build`, so that all
/// threads may read it.
class catalogue {
public:
  /// Refuses two connectors that claim one kind, table or service (bad_configuration, naming both), and webhooks that
  /// would become jobs without a process handler.
  [[nodiscard]] static result<catalogue> build(std::vector<connector> enabled);

  [[nodiscard]] const job_handler* handler(std::string_view kind) const noexcept;
  [[nodiscard]] const service* find_service(std::string_view name) const noexcept;
  [[nodiscard]] const std::vector<connector>& connectors() const noexcept { return connectors_; }

  [[nodiscard]] std::vector<table_schema> tables() const;
  [[nodiscard]] std::vector<storage::migration> migrations() const;
  /// The connectors' kinds; the engine adds its own.
  [[nodiscard]] std::vector<job_kind> kinds() const;

private:
  std::vector<connector> connectors_;
  std::unordered_map<std::string_view, const job_handler*> handlers_;
  std::unordered_map<std::string_view, const service*> services_;
};

} // namespace penstock::connectors
