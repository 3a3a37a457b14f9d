#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/apple_health/export_index.hpp"
#include "core/error.hpp"

namespace penstock::connectors::apple_health {

/// What a data job is to store, and how far those before it came: its args. The body is that of its parent.
struct turn_args {
  std::vector<export_list> lists;     ///< the first one from its place on
  std::int64_t behind = 0;            ///< elements of the first list that were read; its place is behind them
  std::int64_t stored = 0, wrong = 0; ///< by the turns before

  [[nodiscard]] bool done() const noexcept { return lists.empty(); }
};

[[nodiscard]] std::string to_text(const turn_args& args);
/// invalid_argument: something else; `kind` begins the message.
[[nodiscard]] result<turn_args> parse_turn_args(std::string_view kind, std::string_view text);

/// The lists in turns whose args are small enough for a job, in their order.
[[nodiscard]] std::vector<turn_args> first_turns(std::vector<export_list> lists);

} // namespace penstock::connectors::apple_health
