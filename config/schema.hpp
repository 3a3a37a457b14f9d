#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/section_declaration.hpp"

namespace penstock::config {

/// All declared sections, ready to be looked up. Constant after construction.
class schema {
public:
  explicit schema(std::vector<section_declaration> declarations);

  struct place {
    std::string section; ///< "queues.mine"
    const setting* declared = nullptr;
  };

  /// With `enabled` among the settings where the section has it.
  [[nodiscard]] const std::vector<section_declaration>& sections() const noexcept { return sections_; }
  /// The section of this path, or the pattern ("queues.*") that stands for it; nullptr: none.
  [[nodiscard]] const section_declaration* section_at(std::string_view path) const noexcept;
  [[nodiscard]] static const setting* find_setting(const section_declaration& of, std::string_view key) noexcept;
  /// Takes "http.listen" apart.
  [[nodiscard]] std::optional<place> find_key(std::string_view key_path) const;
  /// The pattern of the tables that people name below a declared section ("connectors.http_json"); nullptr: none.
  [[nodiscard]] const section_declaration* pattern_below(std::string_view path) const noexcept;
  /// Whether sections lie below ("connectors").
  [[nodiscard]] bool has_sections_below(std::string_view path) const noexcept;
  /// What could stand directly below a path that is no section itself; "" is the top.
  [[nodiscard]] std::vector<std::string> names_below(std::string_view path) const;

private:
  std::vector<section_declaration> sections_;
};

[[nodiscard]] bool is_pattern(const section_declaration& declaration) noexcept;

/// Whether a name may stand for '*': 1 to 64 of a-z, 0-9, '-' and '_'.
[[nodiscard]] bool is_plain_name(std::string_view name) noexcept;

/// Whether it may name a service: 1 to 40 of a-z, 0-9 and '_', a letter first, no two '_' together, which in the names of
/// the environment part a section from its key.
[[nodiscard]] bool is_identifier(std::string_view name) noexcept;

/// Whether the name may stand for the '*' of this pattern.
[[nodiscard]] bool fits_pattern(const section_declaration& pattern, std::string_view name) noexcept;
/// "a name has ...": what to write instead of a name that does not fit.
[[nodiscard]] std::string_view name_rule(const section_declaration& pattern) noexcept;

/// "PENSTOCK_QUEUES__BANK_IMPORT__CONCURRENCY" for "queues.bank-import" and "concurrency".
[[nodiscard]] std::string environment_name(std::string_view section_path, std::string_view key);

} // namespace penstock::config
