#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "config/problem.hpp"

namespace penstock::config {

/// A TOML value with the line it stands in, free of the parser's types: its header costs seconds to compile.
struct toml_value {
  enum class kind : std::uint8_t { text, integer, real, boolean, moment, list, table };

  kind what = kind::table;
  int line = 0; ///< of the key, from 1
  std::string text{};
  std::int64_t integer = 0;
  bool boolean = false;
  std::vector<toml_value> items{};                           ///< of a list
  std::vector<std::pair<std::string, toml_value>> members{}; ///< of a table, in the parser's order
};

/// "a whole number": what a value is, for people.
[[nodiscard]] std::string_view describe(toml_value::kind what) noexcept;

/// Reads TOML 1.0 into a table. `name` is what the problem calls the file. A parser stops at its first syntax error,
/// so there is one at most.
[[nodiscard]] tl::expected<toml_value, problem> parse_toml(std::string_view text, std::string name);

} // namespace penstock::config
