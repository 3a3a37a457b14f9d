#include "storage/integration_reads.hpp"
#include "storage/run_differences.hpp"

#include <string>

#include "core/id_text.hpp"
#include "storage/integration_columns.hpp"
#include "storage/page_walk.hpp"
#include "storage/sealed_credential.hpp"
#include "storage/seam.hpp"
#include "storage/webhook_changes.hpp"

namespace penstock::storage {
namespace {

struct find_integration {
  std::int64_t id = 0;
  integration_columns row;
  statement sql;
  explicit find_integration(session& db)
      : sql(db, "find integration",
            std::string{"SELECT "} + integration_columns::names + " FROM " + integration_columns::source +
              " WHERE i.id = :id") {
    sql.in(id);
    row.bind(sql);
  }
};

struct read_cursors {
  std::int64_t integration = 0, updated_at = 0;
  std::string stream;
  stream_cursor found;
  nullable<std::int64_t> run;
  nullable<std::string> gap;
  statement sql;
  read_cursors(session& db, bool one)
      : sql(db, "read cursors",
            std::string{"SELECT stream, cursor, run_id, page, gap, updated_at FROM stream_cursors "
                        "WHERE integration_id = :integration"} +
              (one ? " AND stream = :stream" : " ORDER BY stream")) {
    sql.in(integration);
    if (one)
      sql.in(stream);
    sql.out(found.stream).out(found.cursor).out(run).out(found.page).out(gap).out(updated_at);
  }
  [[nodiscard]] stream_cursor value() const {
    auto cursor = found;
    cursor.integration = {integration};
    cursor.run = {run.value_or(0)};
    cursor.gap = gap.value_or("");
    cursor.updated_at = moment(updated_at);
    return cursor;
  }
};
struct read_one_cursor : read_cursors {
  explicit read_one_cursor(session& db) : read_cursors(db, true) {}
};
struct read_all_cursors : read_cursors {
  explicit read_all_cursors(session& db) : read_cursors(db, false) {}
};

struct find_run_row {
  std::int64_t id = 0;
  run_columns row;
  statement sql;
  explicit find_run_row(session& db)
      : sql(db, "find run", std::string{"SELECT "} + run_columns::names + " FROM runs WHERE id = :id") {
    sql.in(id);
    row.bind(sql);
  }
};

struct list_runs {
  std::int64_t integration = 0, before = 0, limit = 0;
  run_columns row;
  statement sql;
  explicit list_runs(session& db)
      : sql(db, "list runs",
            std::string{"SELECT "} + run_columns::names +
              " FROM runs WHERE integration_id = :integration AND id < :before ORDER BY id DESC LIMIT :limit") {
    sql.in(integration).in(before).in(limit);
    row.bind(sql);
  }
};

struct find_credential {
  std::int64_t integration = 0, id = 0, version = 0, updated_at = 0;
  std::string body;
  statement sql;
  explicit find_credential(session& db)
      : sql(db, "find credential",
            "SELECT id, version, body, updated_at FROM credentials WHERE integration_id = :integration") {
    sql.in(integration).out(id).out(version).out(body).out(updated_at);
  }
};

class sql_integration_reads final : public integration_reads {
public:
  sql_integration_reads(session& db, const secret_box* secrets) : db_(db), secrets_(secrets) {}

  result<integration> find(integration_id id) override {
    return at_seam([&]() -> result<integration> {
      auto& query = db_.query<find_integration>();
      query.id = id.value;
      if (!query.sql.one())
        return failure(error_code::not_found, "there is no integration " + to_string(id));
      return query.row.value();
    });
  }

  result<page_of<integration>> list(const integration_filter& filter, const page_request& page) override {
    auto walk = start_walk(page);
    if (!walk)
      return failure(std::move(walk).error());
    return at_seam([&]() -> result<page_of<integration>> { return read_list(filter, *walk); });
  }

  result<std::optional<stream_cursor>> cursor(integration_id id, std::string_view stream) override {
    return at_seam([&]() -> result<std::optional<stream_cursor>> {
      auto& query = db_.query<read_one_cursor>();
      query.integration = id.value;
      query.stream = stream;
      if (!query.sql.one())
        return std::nullopt;
      return query.value();
    });
  }

  result<std::vector<stream_cursor>> cursors(integration_id id) override {
    return at_seam([&]() -> result<std::vector<stream_cursor>> {
      std::vector<stream_cursor> all;
      auto& query = db_.query<read_all_cursors>();
      query.integration = id.value;
      for (bool row = query.sql.first(); row; row = query.sql.next())
        all.push_back(query.value());
      return all;
    });
  }

  result<std::optional<webhook_address>> find_webhook(const std::string& hash) override {
    return at_seam([&] { return storage::find_webhook(db_, secrets_, hash); });
  }

  result<std::optional<webhook_address>> webhook_of(integration_id id) override {
    return at_seam([&] { return storage::find_webhook(db_, secrets_, id); });
  }

  result<page_of<run>> runs(integration_id id, const page_request& page) override {
    const auto walk = start_walk(page);
    if (!walk)
      return failure(walk.error());
    return at_seam([&]() -> result<page_of<run>> {
      page_of<run> answer;
      auto& query = db_.query<list_runs>();
      query.integration = id.value;
      query.before = walk->before;
      query.limit = walk->limit + 1;
      for (bool row = query.sql.first(); row; row = query.sql.next())
        answer.items.push_back(query.row.value());
      if (std::ssize(answer.items) > walk->limit) {
        answer.items.pop_back();
        answer.next_cursor = to_string(answer.items.back().id);
      }
      return answer;
    });
  }

  result<run> find_run(run_id id) override {
    return at_seam([&]() -> result<run> {
      auto& query = db_.query<find_run_row>();
      query.id = id.value;
      if (!query.sql.one())
        return failure(error_code::not_found, "there is no run " + to_string(id));
      return query.row.value();
    });
  }

  result<run_difference> difference_of(run_id id) override {
    return at_seam([&]() -> result<run_difference> { return read_difference(db_, id); });
  }

  result<std::optional<credential>> credential_of(integration_id id) override {
    return at_seam([&]() -> result<std::optional<credential>> {
      auto& query = db_.query<find_credential>();
      query.integration = id.value;
      if (!query.sql.one())
        return std::nullopt;
      if (!secrets_)
        return failure(error_code::bad_configuration,
                       "credentials cannot be read without a key file: set secrets.key_file");
      credential found;
      found.id = {query.id};
      found.integration = id;
      found.version = query.version;
      found.updated_at = moment(query.updated_at);
      if (auto opened = open_credential(*secrets_, query.body, found); !opened)
        return failure(std::move(opened).error());
      return found;
    });
  }

private:
  page_of<integration> read_list(const integration_filter& filter, page_walk walk) {
    std::string kept = "1 = 1", walked = "id < :before";
    if (!filter.service.empty())
      kept += " AND service = :service";
    if (filter.status)
      kept += " AND CASE WHEN EXISTS (SELECT 1 FROM triggered_integrations t WHERE t.integration_id = integrations.id) "
              "THEN 1 ELSE status END = :status";
    if (filter.organisation)
      walked += " AND organisation_id = :organisation"; // has an index
    std::string service = filter.service;
    std::int64_t status = filter.status ? static_cast<std::int64_t>(*filter.status) : 0;
    std::int64_t organisation = filter.organisation.value, id = 0, wanted = 0;
    statement rows(db_, "list integrations",
                   "SELECT id, CASE WHEN " + kept + " THEN 1 ELSE 0 END FROM integrations WHERE " + walked +
                     " ORDER BY id DESC LIMIT " + std::to_string(rows_examined_for_a_page + 1));
    if (!filter.service.empty())
      rows.in(service);
    if (filter.status)
      rows.in(status);
    rows.in(walk.before);
    if (filter.organisation)
      rows.in(organisation);
    rows.out(id).out(wanted);

    page_of<integration> page;
    std::int64_t examined = 0, last_seen = 0;
    auto& load = db_.query<find_integration>();
    for (bool row = rows.first(); row; row = rows.next()) {
      const bool full = std::ssize(page.items) == walk.limit;
      if ((wanted != 0 && full) || examined++ == rows_examined_for_a_page) {
        page.next_cursor = std::to_string(last_seen);
        rows.finish();
        break;
      }
      last_seen = load.id = id;
      if (wanted != 0 && load.sql.one())
        page.items.push_back(load.row.value());
    }
    return page;
  }

  session& db_;
  const secret_box* secrets_;
};

} // namespace

std::unique_ptr<integration_reads> make_integration_reads(session& db, const secret_box* secrets) {
  return std::make_unique<sql_integration_reads>(db, secrets);
}

} // namespace penstock::storage
