#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/setting.hpp"
#include "core/time.hpp"

namespace penstock::config {

struct named_section;

/// Checked values of one section. Every declared key has a value of its type: what was set, or its default.
/// Asking for a key that was not declared, or with another type, is a bug of the caller and throws std::logic_error.
class section {
public:
  using value = std::variant<std::string, std::int64_t, bool, duration, std::vector<std::string>>;

  [[nodiscard]] const std::string& text(std::string_view key) const;
  [[nodiscard]] std::int64_t integer(std::string_view key) const; ///< also sizes, in bytes
  [[nodiscard]] bool boolean(std::string_view key) const;
  [[nodiscard]] duration time(std::string_view key) const;
  [[nodiscard]] const std::vector<std::string>& list(std::string_view key) const;
  /// Whether somebody set it: file, environment or flag.
  [[nodiscard]] bool is_set(std::string_view key) const;

  /// The tables below the section that people name as they like ([connectors.http_json.shop]), in the order of their names.
  [[nodiscard]] const std::vector<named_section>& tables() const noexcept { return tables_; }

  void put(std::string key, value v, bool set);
  void put_table(named_section table);

private:
  struct entry {
    value v;
    bool set = false;
  };
  std::map<std::string, entry, std::less<>> entries_;
  std::vector<named_section> tables_;
};

struct named_section {
  std::string name;
  section settings;
};

} // namespace penstock::config
