#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/setting.hpp"

namespace penstock::config {

/// A section of the configuration, declared as data by who reads it.
struct section_declaration {
  /// "http", "connectors.monzo". "queues.*" stands for every name below queues that is not declared by itself.
  std::string path;
  std::string summary; ///< one line, shown above the section in config/penstock.toml
  std::vector<setting> settings;
  /// Set: the section also has a boolean `enabled` with this default. Connectors have it.
  std::optional<bool> enabled_default{};
  /// Of a pattern: its names become those of services and tables, so they are identifiers (is_identifier). It belongs to
  /// the declared section above it: "connectors.http_json.*".
  bool identifiers = false;
};

/// The declared settings, `enabled` first where the section has it.
[[nodiscard]] std::vector<setting> all_settings(const section_declaration& declaration);

} // namespace penstock::config
