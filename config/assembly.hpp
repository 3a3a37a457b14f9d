#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/problem.hpp"
#include "config/schema.hpp"
#include "config/section.hpp"
#include "config/setting_value.hpp"

namespace penstock::config {

/// What the layers (file, environment, flags) have set so far, and what is wrong with it. A later layer overwrites.
class assembly {
public:
  /// Starts with every declared section at its defaults. `names` outlives this.
  explicit assembly(const schema& names);

  [[nodiscard]] const schema& names() const noexcept { return names_; }
  /// Makes the section of a pattern exist, at its defaults.
  void open(const std::string& section_path);
  /// Takes the value, or notes under `shown_key` why not. The section must exist or come from a pattern.
  void take(const std::string& section_path, const setting& declared, const checked_value& value, origin from,
            std::string shown_key);
  void complain(origin where, std::string key, std::string message);
  void hint(std::string line) { hints_.push_back(std::move(line)); }

  [[nodiscard]] const std::map<std::string, section, std::less<>>& sections() const noexcept { return sections_; }
  [[nodiscard]] const section& at(std::string_view section_path) const { return sections_.find(section_path)->second; }
  /// Notes where a table that people name stands.
  void found(const std::string& section_path, origin at) { origins_[section_path] = std::move(at); }
  /// Who set the key last; where it could be set in a table that people named, the table's place. Empty: nobody.
  [[nodiscard]] origin origin_of(std::string_view key_path) const;
  /// In the order of their files and lines.
  [[nodiscard]] std::vector<problem> problems() const;
  [[nodiscard]] const std::vector<std::string>& hints() const noexcept { return hints_; }

private:
  const schema& names_;
  std::map<std::string, section, std::less<>> sections_;
  std::map<std::string, origin, std::less<>> origins_;
  std::vector<problem> problems_;
  std::vector<std::string> hints_;
};

} // namespace penstock::config
