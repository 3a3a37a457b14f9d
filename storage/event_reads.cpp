#include "storage/event_reads.hpp"

#include <string>

#include "core/id_generator.hpp"
#include "storage/seam.hpp"
#include "storage/statement.hpp"
#include "storage/text_pattern.hpp"

namespace penstock::storage {
namespace {

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

class sql_event_reads final : public event_reads {
public:
  explicit sql_event_reads(session& db) : db_(db) {}

  result<std::vector<event>> list(const event_filter& filter, std::int64_t limit) override {
    if (limit < 1 || limit > 1000)
      return failure(error_code::invalid_argument, "events are read 1 to 1000 at a time: change the limit");
    return at_seam([&]() -> result<std::vector<event>> { return read(filter, limit); });
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

  result<std::vector<event_count>> count_by_type(timestamp since, organisation_id organisation) override {
    return at_seam([&]() -> result<std::vector<event_count>> {
      // By ids, which tell the moment of their making and have an index; a little before, since several clocks make them.
      constexpr auto early = std::chrono::minutes(1);
      std::int64_t first = id_generator::first_after(since - early), from = micros(since), of = organisation.value,
                   last = 0;
      event_count row;
      statement counts(
        db_, "count events",
        std::string{"SELECT type, COUNT(*), MAX(time) FROM events WHERE id >= :first AND time >= :since"} +
          (of != 0 ? " AND organisation_id = :organisation" : "") +
          " GROUP BY type ORDER BY COUNT(*) DESC, type LIMIT 500");
      counts.in(first).in(from);
      if (of != 0)
        counts.in(of);
      counts.out(row.type).out(row.count).out(last);
      std::vector<event_count> all;
      for (bool more = counts.first(); more; more = counts.next()) {
        row.last_at = moment(last);
        all.push_back(row);
      }
      return all;
    });
  }

private:
  std::vector<event> read(const event_filter& filter, std::int64_t limit) {
    const bool glob = has_wildcard(filter.type_glob);
    std::string type = glob ? pattern_of_glob(filter.type_glob) : filter.type_glob;
    std::string subject = filter.subject;
    std::int64_t after = filter.after_position, since = micros(filter.since), time = 0, before = filter.before_position,
                 wanted_organisation = filter.organisation.value;
    nullable<std::int64_t> integration, organisation;
    event found;

    std::string text = "SELECT position, id, type, source, subject, time, data, integration_id, organisation_id "
                       "FROM events WHERE position > :after";
    if (!type.empty())
      text += glob ? " AND type LIKE :type ESCAPE '\\'" : " AND type = :type";
    if (!subject.empty())
      text += " AND subject = :subject";
    if (filter.since != no_time)
      text += " AND time >= :since";
    if (filter.before_position > 0)
      text += " AND position < :before";
    if (filter.organisation)
      text += " AND organisation_id = :organisation";
    text += filter.newest_first ? " ORDER BY position DESC LIMIT :limit" : " ORDER BY position LIMIT :limit";

    statement rows(db_, "list events", text);
    rows.in(after);
    if (!type.empty())
      rows.in(type);
    if (!subject.empty())
      rows.in(subject);
    if (filter.since != no_time)
      rows.in(since);
    if (filter.before_position > 0)
      rows.in(before);
    if (filter.organisation)
      rows.in(wanted_organisation);
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

  session& db_;
};

} // namespace

std::unique_ptr<event_reads> make_event_reads(session& db) { return std::make_unique<sql_event_reads>(db); }

} // namespace penstock::storage
