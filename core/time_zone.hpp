#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/time.hpp"

namespace date {
class time_zone;
}

namespace penstock {

/// What the clocks of a zone show.
using local_timestamp = std::chrono::local_time<duration>;

/// A stretch of time with one offset from UTC: [begin, end).
struct zone_period {
  timestamp begin;
  timestamp end;
  std::chrono::seconds offset;
};

/// A change of a zone's offset.
struct zone_transition {
  timestamp at; ///< the first moment of the new offset
  std::chrono::seconds before;
  std::chrono::seconds after;
};

/// The moments at which a zone's clocks show a local time.
struct local_lookup {
  enum class kind : std::uint8_t {
    unique, ///< once: `first`, and `second` is the same
    gap,    ///< never: both are the first moment after the gap
    fold    ///< twice: `first` and then `second`
  };
  kind what = kind::unique;
  timestamp first;
  timestamp second;
};

/// A zone of the system's time zone database (the tz database of IANA). A small value; the data lives as long as the
/// program. Thread-safe. The database is read once: a changed one counts after a restart.
class time_zone {
public:
  /// UTC, which needs no database.
  time_zone() noexcept = default;

  /// By name, such as "Europe/Berlin"; "" and "UTC" are UTC. An unknown one is `invalid_argument` with the nearest
  /// names, an unreadable database `bad_configuration`.
  [[nodiscard]] static result<time_zone> find(std::string_view name);

  /// All names that `find` knows, sorted.
  [[nodiscard]] static result<std::vector<std::string>> all_names();

  [[nodiscard]] const std::string& name() const noexcept;

  /// The period around a moment. The first and the last known ones reach far beyond any schedule.
  [[nodiscard]] zone_period period_at(timestamp moment) const;
  [[nodiscard]] std::chrono::seconds offset_at(timestamp moment) const { return period_at(moment).offset; }
  [[nodiscard]] local_timestamp to_local(timestamp moment) const;
  [[nodiscard]] local_lookup to_utc(local_timestamp local) const;

  /// Changes of offset at moments in [from, to), in order.
  [[nodiscard]] std::vector<zone_transition> transitions(timestamp from, timestamp to) const;

  friend bool operator==(const time_zone& a, const time_zone& b) noexcept { return a.zone_ == b.zone_; }

private:
  explicit time_zone(const date::time_zone* zone) noexcept : zone_(zone) {}

  const date::time_zone* zone_ = nullptr; ///< null is UTC
};

/// Whether the database can be read and knows the transitions to 2037: packages with "slim" files leave them to a rule
/// that the reading library ignores, and every summer would be an hour off. For the start of a node.
[[nodiscard]] result<void> check_time_zone_database();

} // namespace penstock
