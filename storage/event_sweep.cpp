#include "storage/event_sweep.hpp"

#include <limits>

#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

struct delete_events {
  std::int64_t limit = 0, before = 0;
  statement sql;
  explicit delete_events(session& db)
      : sql(db, "sweep events",
            "DELETE FROM events WHERE position IN (SELECT position FROM events ORDER BY position LIMIT :count) "
            "AND time < :before AND position < (SELECT MAX(position) FROM events)") {
    sql.in(limit).in(before);
  }
};

struct delete_events_up_to {
  std::int64_t limit = 0, last = 0;
  statement sql;
  explicit delete_events_up_to(session& db)
      : sql(db, "sweep surplus events",
            "DELETE FROM events WHERE position IN (SELECT position FROM events WHERE position <= :last ORDER BY position "
            "LIMIT :count)") {
    sql.in(last).in(limit);
  }
};

/// The last event up to a position; none: 0.
struct event_up_to {
  std::int64_t bound = 0;
  nullable<std::int64_t> position;
  statement sql;
  explicit event_up_to(session& db)
      : sql(db, "last event up to", "SELECT MAX(position) FROM events WHERE position <= :bound") {
    sql.in(bound).out(position);
  }
  std::int64_t find(std::int64_t at) {
    bound = at;
    return sql.one() ? position.value_or(0) : 0;
  }
};

struct event_behind {
  std::int64_t bound = 0;
  nullable<std::int64_t> position;
  statement sql;
  explicit event_behind(session& db)
      : sql(db, "first event behind", "SELECT MIN(position) FROM events WHERE position > :bound") {
    sql.in(bound).out(position);
  }
  std::int64_t find(std::int64_t at) {
    bound = at;
    return sql.one() ? position.value_or(0) : 0;
  }
};

/// The last position that goes, so that about `most` rows stay; 0: none goes. A hole that is wider than what may stay and
/// lies among it is met where the cut would be: what stands above it is counted, and the rest is looked for below. That
/// costs two look-ups a hole, however many events there are.
std::int64_t last_surplus(session& db, std::int64_t most) {
  constexpr int most_holes = 1000; // of as many nothing is known: better too much stays
  auto& up_to = db.query<event_up_to>();
  auto top = up_to.find(std::numeric_limits<std::int64_t>::max());
  auto left = most;
  for (int i = 0; i < most_holes; ++i) {
    const auto cut = top - left;
    const auto below = cut > 0 ? up_to.find(cut) : 0;
    if (below == 0 || below == cut)
      return below;
    left -= top - db.query<event_behind>().find(cut) + 1;
    top = below;
  }
  return 0;
}

} // namespace

std::int64_t sweep_old_events(session& db, timestamp before, std::int64_t limit) {
  auto& drop = db.query<delete_events>();
  drop.limit = limit;
  drop.before = micros(before);
  return drop.sql.run();
}

std::int64_t sweep_surplus_events(session& db, std::int64_t most, std::int64_t limit) {
  const auto last = last_surplus(db, most);
  if (last == 0)
    return 0;
  auto& drop = db.query<delete_events_up_to>();
  drop.last = last;
  drop.limit = limit;
  return drop.sql.run();
}

} // namespace penstock::storage
