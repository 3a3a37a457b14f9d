#include "storage/cursor_writer.hpp"

#include <string>
#include <string_view>

#include "core/id_text.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

struct find_cursor {
  std::int64_t integration = 0, page = 0;
  std::string stream;
  nullable<std::int64_t> run;
  statement sql;
  explicit find_cursor(session& db)
      : sql(db, "find cursor",
            "SELECT run_id, page FROM stream_cursors WHERE integration_id = :integration AND stream = :stream" +
              db.sql_dialect().for_update()) {
    sql.in(integration).in(stream).out(run).out(page);
  }
};

struct find_gap {
  std::int64_t integration = 0;
  std::string stream;
  nullable<std::string> gap;
  statement sql;
  explicit find_gap(session& db)
      : sql(db, "find gap of stream",
            "SELECT gap FROM stream_cursors WHERE integration_id = :integration AND stream = :stream") {
    sql.in(integration).in(stream).out(gap);
  }
};

/// What is missing is missing until the stream is reset: a second gap comes beside the first. Of more than anybody reads the
/// oldest go.
std::string joined_gaps(std::string stored, const std::string& fresh) {
  constexpr std::size_t longest = 4000;
  constexpr std::string_view between = "; ";
  if (stored.empty())
    return fresh;
  const std::string around(between);
  if ((around + stored + around).find(around + fresh + around) != std::string::npos)
    return stored;
  stored.append(between).append(fresh);
  for (auto end = stored.find(between); stored.size() > longest && end != std::string::npos; end = stored.find(between))
    stored.erase(0, end + between.size());
  return stored;
}

struct write_cursor {
  std::int64_t integration = 0, page = 0, now = 0;
  std::string stream, cursor;
  nullable<std::int64_t> run;
  nullable<std::string> gap;
  statement sql;
  explicit write_cursor(session& db)
      : sql(db, "write cursor",
            "INSERT INTO stream_cursors (integration_id, stream, cursor, run_id, page, gap, updated_at) "
            "VALUES (:integration, :stream, :cursor, :run, :page, :gap, :now) ON CONFLICT (integration_id, stream) "
            "DO UPDATE SET cursor = excluded.cursor, run_id = excluded.run_id, page = excluded.page, "
            "gap = COALESCE(excluded.gap, stream_cursors.gap), updated_at = excluded.updated_at") {
    sql.in(integration).in(stream).in(cursor).in(run).in(page).in(gap).in(now);
  }
};

} // namespace

result<bool> cursor_writer::check(const cursor_advance& advance) {
  if (!advance.run)
    return true; // rows that came outside any run (a webhook) have no order of pages
  const auto run = runs_.find(advance.run);
  if (!run)
    return failure(error_code::not_found, "there is no run " + to_string(advance.run));
  if (run->state != run_state::running)
    return false;
  auto& find = state_.db.query<find_cursor>();
  find.integration = advance.integration.value;
  find.stream = advance.stream;
  const bool known = find.sql.one();
  const auto stored = known && find.run.value_or(0) == advance.run.value ? find.page : 0;
  if (advance.page != stored + 1)
    return failure(error_code::conflict, "page " + std::to_string(advance.page) + " of " + advance.stream +
                                           " cannot be stored after page " + std::to_string(stored));
  return true;
}

void cursor_writer::move(const cursor_advance& advance) {
  auto gap = advance.gap;
  if (!gap.empty()) {
    auto& find = state_.db.query<find_gap>();
    find.integration = advance.integration.value;
    find.stream = advance.stream;
    if (find.sql.one())
      gap = joined_gaps(find.gap.value_or(""), gap);
  }
  auto& write = state_.db.query<write_cursor>();
  write.integration = advance.integration.value;
  write.stream = advance.stream;
  write.cursor = advance.cursor;
  write.run.set_or_null(advance.run.value);
  write.page = advance.page;
  write.gap.set_or_null(gap);
  write.now = micros(state_.now);
  write.sql.post();
}

} // namespace penstock::storage
