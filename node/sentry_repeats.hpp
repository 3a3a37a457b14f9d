#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/time.hpp"

namespace penstock::node {

/// A tag of reports of what went wrong in the run before in the same way.
inline constexpr std::string_view repeated_tag = "repeated";

/// Which failures are told now: the same one at most once in a while, and how many were left out until it is told again.
/// Remembers a bounded number of failures; when there are more, those that were told longest ago count as never told. Not
/// thread-safe.
class sentry_repeats {
public:
  /// `pause`: between two of the same; 0: none is left out.
  explicit sentry_repeats(duration pause, std::size_t most_known = 1000) : pause_(pause), most_known_(most_known) {}

  /// Nothing: this one is left out. Else how many were since it was last told. `key` tells failures apart. One that is
  /// `repeated` by each run is admitted once a day.
  [[nodiscard]] std::optional<std::int64_t> admit(const std::string& key, timestamp now, bool repeated = false);
  /// What was admitted last did not arrive: it and the `left_out` that it was to tell of count as left out, and the next one is
  /// admitted.
  void note_lost(const std::string& key, std::int64_t left_out);

private:
  struct told {
    timestamp at = no_time; ///< no_time: never
    std::int64_t left_out = 0;
  };
  void make_room();

  const duration pause_;
  const std::size_t most_known_;
  std::map<std::string, told, std::less<>> known_;
};

} // namespace penstock::node
