#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "connectors/http_json/paging.hpp"
#include "core/error.hpp"

namespace penstock::connectors::http_json {

/// Args of NAME.pull.
struct pull_args {
  bool begun = false;    ///< `at` says where to go on; else the run starts
  std::int64_t page = 1; ///< the number of the next page that is handed on, from 1 in each run
  position at;
  std::string of; ///< the list whose pages these are (list_identity)
};

/// Args of NAME.data.
struct data_args {
  std::int64_t page = 1;
  std::string cursor; ///< committed with the page
  /// Items of this list were read before, in this run or an earlier one: one that is refused by itself is a wrong item
  /// rather than a wrong description.
  bool known = false;
  bool skip_first = false; ///< the first item is the one that the page before ended with: it was handed on with that
};

[[nodiscard]] std::string to_text(const pull_args& args);
[[nodiscard]] std::string to_text(const data_args& args);
/// `owner` is the job's kind. Errors: invalid_argument, saying what is allowed.
[[nodiscard]] result<pull_args> parse_pull_args(const std::string& owner, std::string_view text);
[[nodiscard]] result<data_args> parse_data_args(const std::string& owner, std::string_view text);

} // namespace penstock::connectors::http_json
