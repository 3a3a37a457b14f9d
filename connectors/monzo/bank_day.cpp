#include "connectors/monzo/bank_day.hpp"

#include "core/rfc3339.hpp"
#include "core/time_zone.hpp"

namespace penstock::connectors::monzo {

result<std::string> bank_day(timestamp moment) {
  const auto zone = time_zone::find("Europe/London");
  if (!zone)
    return failure(zone.error());
  constexpr std::size_t date_length = 10; // of "2026-03-29T00:30:00+01:00"
  return format_rfc3339(moment, zone->offset_at(moment)).substr(0, date_length);
}

} // namespace penstock::connectors::monzo
