#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <boost/json/object.hpp>

#include "connectors/apple_health/sandbox/export_body.hpp"

namespace penstock::sandbox::apple_health {

/// The exports of one phone: when, of what period, in which parts, and what a receiver that took them all must hold.
/// The first one has everything, later ones all of yesterday and today, so that periods overlap and the last points
/// change.
class exports {
public:
  /// Slots of a part: an export that is larger is sent in several.
  static constexpr std::int64_t slots_of_a_part = 1000;
  /// So many are under way at once.
  static constexpr int most_under_way = 2;

  exports(const phone& from, duration every) : phone_(from), every_(every) {}

  /// The next part to be sent by now, if one is due. `until`: the data stand still from then on.
  [[nodiscard]] std::optional<std::string> take(timestamp now, timestamp until);
  /// What became of one. An export of which a part was given up begins anew at its next time.
  void note(bool taken, timestamp now);
  /// One is due at once.
  void ask() noexcept { asked_ = true; }
  /// The receiver changed: it has nothing yet, and what is under way to the former one is not to be noted any more.
  void begin_anew() noexcept;

  /// {"health_metrics": {"rows", "sums": {"qty": {units: …}}}, "health_workouts": …}, as of the last whole export.
  [[nodiscard]] boost::json::object tables() const;
  [[nodiscard]] boost::json::object stats() const;

private:
  struct session {
    timestamp at = no_time;
    std::int64_t next_slot = 0, last_slot = 0;
    std::int64_t next_workout = 0, last_workout = 0;
    bool more = true, failed = false;
  };
  void begin(timestamp now, timestamp until);

  const phone& phone_;
  duration every_;
  std::optional<session> open_;
  int under_way_ = 0;
  timestamp sent_until_ = no_time; ///< of the last whole export
  timestamp next_at_ = no_time;
  bool asked_ = false;
  std::uint64_t whole_ = 0, parts_ = 0, given_up_ = 0;
};

} // namespace penstock::sandbox::apple_health
