#include "storage/change_reads.hpp"

#include <string>

#include <boost/json.hpp>

#include "storage/seam.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

/// The rows of one event, from an index on.
void add_rows(changed_rows& into, const changed_row& shared, const std::string& marked, std::int64_t from,
              std::int64_t limit) {
  const auto all = boost::json::parse(marked).as_array();
  for (auto index = from; index < std::ssize(all); ++index) {
    if (std::ssize(into.rows) == limit) {
      into.more = true;
      return;
    }
    const auto& text = all[static_cast<std::size_t>(index)].as_string();
    auto& row = into.rows.emplace_back(shared);
    row.index = index;
    row.last = index + 1 == std::ssize(all);
    row.what = text.front() == '+'   ? changed_row::action::added
               : text.front() == '-' ? changed_row::action::deleted
                                     : changed_row::action::updated;
    row.source_id.assign(text.data() + 1, text.size() - 1);
  }
}

class sql_change_reads final : public change_reads {
public:
  explicit sql_change_reads(session& db) : db_(db) {}

  result<changed_rows> list(const change_filter& filter, std::int64_t limit) override {
    if (limit < 1 || limit > 1000)
      return failure(error_code::invalid_argument, "changes are read 1 to 1000 at a time: change the limit");
    return at_seam([&]() -> result<changed_rows> { return read(filter, limit); });
  }

private:
  changed_rows read(const change_filter& filter, std::int64_t limit) {
    std::string table = filter.table, marked;
    std::int64_t from = filter.after_position, organisation = filter.organisation.value, at = 0;
    changed_row shared;
    statement rows(db_, "list changes",
                   std::string{"SELECT e.position, e.time, c.table_name, c.integration_id, c.rows FROM events e JOIN "
                               "changed_rows c ON c.event_id = e.id WHERE e.type = 'records.changed' AND e.position >= "
                               ":from_position"} +
                     (table.empty() ? "" : " AND c.table_name = :table_name") +
                     (organisation == 0 ? "" : " AND e.organisation_id = :organisation") +
                     " ORDER BY e.position LIMIT :most");
    rows.in(from);
    if (!table.empty())
      rows.in(table);
    if (organisation != 0)
      rows.in(organisation);
    std::int64_t most = limit + 2; // each has a row at least, but for the one that was told before
    rows.in(most);
    rows.out(shared.position).out(at).out(shared.table).out(shared.integration.value).out(marked);
    changed_rows found;
    bool row = rows.first();
    for (; row && !found.more; row = rows.next()) {
      shared.at = moment(at);
      const bool began = shared.position == filter.after_position;
      if (began && filter.after_index == change_filter::most_index)
        continue;
      add_rows(found, shared, marked, began ? filter.after_index + 1 : 0, limit);
    }
    if (row)
      rows.finish();
    return found;
  }

  session& db_;
};

} // namespace

std::unique_ptr<change_reads> make_change_reads(session& db) { return std::make_unique<sql_change_reads>(db); }

} // namespace penstock::storage
