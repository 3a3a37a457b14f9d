#include "storage/event_reads.hpp"

#include <algorithm>
#include <string>

#include "core/id_generator.hpp"
#include "storage/page_walk.hpp"
#include "storage/seam.hpp"
#include "storage/statement.hpp"
#include "storage/text_pattern.hpp"

namespace penstock::storage {
namespace {

/// Several clocks make ids and times: ids are looked for from a little before a moment on.
constexpr auto early = std::chrono::minutes(1);

struct last_event {
  nullable<std::int64_t> position;
  statement sql;
  explicit last_event(session& db) : sql(db, "last event", "SELECT MAX(position) FROM events") { sql.out(position); }
};

struct first_event {
  nullable<std::int64_t> position;
  statement sql;
  explicit first_event(session& db) : sql(db, "first event", "SELECT MIN(position) FROM events") { sql.out(position); }
};

/// Times have no index. Ids have, tell the moment of their making, and are given in the order of positions.
struct first_made_since {
  std::int64_t first = 0, position = 0;
  statement sql;
  explicit first_made_since(session& db)
      : sql(db, "first event since", "SELECT position FROM events WHERE id >= :first ORDER BY id LIMIT 1") {
    sql.in(first).out(position);
  }
};

struct event_of_id {
  std::int64_t id = 0, position = 0;
  statement sql;
  explicit event_of_id(session& db) : sql(db, "event of id", "SELECT position FROM events WHERE id = :id") {
    sql.in(id).out(position);
  }
};

/// What a filter says, with its times as positions.
class event_query {
public:
  event_query(session& db, const event_filter& filter)
      : db_(db), glob_(has_wildcard(filter.type_glob)),
        type_(glob_ ? pattern_of_glob(filter.type_glob) : filter.type_glob), subject_(filter.subject),
        source_(filter.source), after_(filter.after_position), before_(filter.before_position),
        since_(filter.since == no_time ? 0 : micros(filter.since)), organisation_(filter.organisation.value),
        newest_first_(filter.newest_first) {
    if (filter.since == no_time)
      return;
    auto& start = db.query<first_made_since>();
    start.first = id_generator::first_after(filter.since - early);
    nothing_ = !start.sql.one();
    after_ = std::max(after_, start.position - 1);
  }

  /// Whether there can be none.
  [[nodiscard]] bool nothing() const noexcept { return nothing_; }

  /// Keeps to as many rows, of those that an index finds, as one page may look at. The position of the last of them; 0: all
  /// are looked at.
  std::int64_t bound() {
    const bool of_index = type_.empty() && source_.empty() && since_ == 0 && (subject_.empty() || organisation_ == 0);
    if (of_index)
      return 0; // each row is one of the page
    std::int64_t passed = rows_examined_for_a_page - 1, last = 0;
    statement edge(db_, "end of a page of events",
                   "SELECT position FROM events WHERE " + range() + order() + " LIMIT 1 OFFSET :passed");
    bind_range(edge);
    edge.in(passed).out(last);
    if (!edge.one())
      return 0;
    if (newest_first_)
      after_ = last - 1;
    else
      before_ = last + 1;
    return last;
  }

  std::vector<event> read(std::int64_t limit) {
    std::int64_t time = 0;
    nullable<std::int64_t> integration, organisation;
    event found;
    std::string text = "SELECT position, id, type, source, subject, time, data, integration_id, organisation_id "
                       "FROM events WHERE " +
                       range();
    if (!type_.empty())
      text += glob_ ? " AND type LIKE :type ESCAPE '\\'" : " AND type = :type";
    if (!source_.empty())
      text += " AND source = :source";
    if (since_ != 0)
      text += " AND time >= :since";
    statement rows(db_, "list events", text + order() + " LIMIT :limit");
    bind_range(rows);
    if (!type_.empty())
      rows.in(type_);
    if (!source_.empty())
      rows.in(source_);
    if (since_ != 0)
      rows.in(since_);
    rows.in(limit);
    rows.out(found.position).out(found.id.value).out(found.type).out(found.source).out(found.subject).out(time);
    rows.out(found.data).out(integration).out(organisation);

    std::vector<event> all;
    for (bool row = rows.first(); row; row = rows.next()) {
      auto& one = all.emplace_back(found);
      one.time = moment(time);
      one.integration = {integration.value_or(0)};
      one.organisation = {organisation.value_or(0)};
    }
    return all;
  }

private:
  /// The part that an index finds.
  [[nodiscard]] std::string range() const {
    std::string text = "position > :after";
    if (before_ > 0)
      text += " AND position < :before";
    if (!subject_.empty())
      text += " AND subject = :subject";
    if (organisation_ != 0)
      text += " AND organisation_id = :organisation";
    return text;
  }
  void bind_range(statement& to) {
    to.in(after_);
    if (before_ > 0)
      to.in(before_);
    if (!subject_.empty())
      to.in(subject_);
    if (organisation_ != 0)
      to.in(organisation_);
  }
  [[nodiscard]] std::string order() const { return newest_first_ ? " ORDER BY position DESC" : " ORDER BY position"; }

  session& db_;
  const bool glob_;
  std::string type_, subject_, source_;
  std::int64_t after_, before_, since_, organisation_;
  const bool newest_first_;
  bool nothing_ = false;
};

class sql_event_reads final : public event_reads {
public:
  explicit sql_event_reads(session& db) : db_(db) {}

  result<std::vector<event>> list(const event_filter& filter, std::int64_t limit) override {
    if (auto fits = check(limit); !fits)
      return failure(std::move(fits).error());
    return at_seam([&]() -> result<std::vector<event>> {
      event_query query(db_, filter);
      return query.nothing() ? std::vector<event>{} : query.read(limit);
    });
  }

  result<event_stretch> look_through(const event_filter& filter, std::int64_t limit) override {
    if (auto fits = check(limit); !fits)
      return failure(std::move(fits).error());
    return at_seam([&]() -> result<event_stretch> {
      event_query query(db_, filter);
      event_stretch found;
      if (query.nothing())
        return found;
      found.ended_at = query.bound();
      found.events = query.read(limit + 1);
      if (std::ssize(found.events) > limit) {
        found.events.pop_back();
        found.ended_at = found.events.back().position;
      }
      return found;
    });
  }

  result<std::int64_t> last_position() override {
    return at_seam([&]() -> result<std::int64_t> {
      auto& query = db_.query<last_event>();
      return query.sql.one() ? query.position.value_or(0) : 0;
    });
  }

  result<std::int64_t> first_position() override {
    return at_seam([&]() -> result<std::int64_t> {
      auto& query = db_.query<first_event>();
      return query.sql.one() ? query.position.value_or(0) : 0;
    });
  }

  result<std::int64_t> position_of(event_id id) override {
    return at_seam([&]() -> result<std::int64_t> {
      auto& query = db_.query<event_of_id>();
      query.id = id.value;
      return query.sql.one() ? query.position : 0;
    });
  }

  result<event_counts> count_by_type(timestamp since, organisation_id organisation) override {
    return at_seam([&]() -> result<event_counts> { return count(since, organisation); });
  }

private:
  static result<void> check(std::int64_t limit) {
    if (limit < 1 || limit > 1000)
      return failure(error_code::invalid_argument, "events are read 1 to 1000 at a time: change the limit");
    return {};
  }

  event_counts count(timestamp since, organisation_id organisation) {
    event_counts found{.since = since};
    auto& start = db_.query<first_made_since>();
    start.first = id_generator::first_after(since - early);
    if (!start.sql.one())
      return found;
    const std::string whose = organisation ? " AND organisation_id = :organisation" : "";
    std::int64_t first = start.position, passed = most_events_counted - 1, of = organisation.value, edge = 0, at = 0;
    statement oldest(db_, "oldest event counted",
                     "SELECT position, time FROM events WHERE position >= :first" + whose +
                       " ORDER BY position DESC LIMIT 1 OFFSET :passed");
    oldest.in(first);
    if (organisation)
      oldest.in(of);
    oldest.in(passed).out(edge).out(at);
    if (oldest.one()) {
      first = edge;
      found.since = std::max(since, moment(at));
    }
    count_from(first, micros(since), of, found.items);
    return found;
  }

  void count_from(std::int64_t first, std::int64_t since, std::int64_t organisation, std::vector<event_count>& into) {
    event_count row;
    std::int64_t last = 0;
    statement counts(db_, "count events",
                     std::string{"SELECT type, COUNT(*), MAX(time) FROM events WHERE position >= :first AND time >= "
                                 ":since"} +
                       (organisation != 0 ? " AND organisation_id = :organisation" : "") +
                       " GROUP BY type ORDER BY COUNT(*) DESC, type LIMIT 500");
    counts.in(first).in(since);
    if (organisation != 0)
      counts.in(organisation);
    counts.out(row.type).out(row.count).out(last);
    for (bool more = counts.first(); more; more = counts.next()) {
      row.last_at = moment(last);
      into.push_back(row);
    }
  }

  session& db_;
};

} // namespace

std::unique_ptr<event_reads> make_event_reads(session& db) { return std::make_unique<sql_event_reads>(db); }

} // namespace penstock::storage
