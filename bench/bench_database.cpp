#include "bench/bench_database.hpp"

#include <memory>
#include <stdexcept>

#include <libpq-fe.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/sqlite3/soci-sqlite3.h>

namespace penstock::bench {
namespace {

std::filesystem::path file_of(const bench_database& where) {
  return std::filesystem::absolute(where.folder / "bench.db");
}

void run_on_server(const bench_database& where, const std::string& statements) {
  struct closing {
    void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
  };
  const std::unique_ptr<PGconn, closing> connection{PQconnectdb(where.url.c_str())};
  auto* done = PQexec(connection.get(), statements.c_str());
  const bool good = PQresultStatus(done) == PGRES_COMMAND_OK;
  PQclear(done);
  if (!good)
    throw std::runtime_error(PQerrorMessage(connection.get()));
}

std::string dropping(const bench_database& where) {
  return "SET client_min_messages = error; DROP SCHEMA IF EXISTS " + where.schema + " CASCADE";
}

} // namespace

std::string bench_database::store_url() const {
  if (is_sqlite())
    return "sqlite://" + file_of(*this).string();
  return url + (url.find('?') == std::string::npos ? "?" : "&") + "options=-csearch_path%3D" + schema;
}

void make_anew(const bench_database& where) {
  std::filesystem::remove_all(where.folder);
  std::filesystem::create_directories(where.folder);
  if (!where.is_sqlite())
    run_on_server(where, dropping(where) + "; CREATE SCHEMA " + where.schema);
}

void drop_schema(const bench_database& where) {
  if (!where.is_sqlite())
    run_on_server(where, dropping(where));
}

soci::session open_beside(const bench_database& where) {
  if (where.is_sqlite())
    return {soci::sqlite3, "dbname=" + file_of(where).string() + " timeout=60"};
  return {soci::postgresql, where.store_url()};
}

void analyse(soci::session& sql, const bench_database& where) {
  if (!where.is_sqlite())
    sql << "ANALYZE";
}

void add_sleeping_integrations(soci::session& sql, std::int64_t count, timestamp now, duration frequency) {
  const std::int64_t at = now.time_since_epoch().count();
  const std::int64_t every = frequency.count(); // microseconds
  const std::int64_t due = at + 2 * 3600 * 1'000'000LL;
  sql << "INSERT INTO integrations (id, service, name, config, status, frequency_us, last_triggered_at, "
         "last_successful_update_at, consecutive_failures, next_due_at, created_at, updated_at) "
         "WITH RECURSIVE n(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < CAST(:count AS "
         "BIGINT)) "
         "SELECT i, 'monzo', 'integration ' || i, '{}', 0, CAST(:every AS BIGINT), CAST(:triggered AS BIGINT), "
         "CAST(:succeeded AS BIGINT), 0, CAST(:due AS BIGINT) + (i * 7919 % (CAST(:span AS BIGINT) / 1000)) * 1000, "
         "CAST(:created AS BIGINT), CAST(:updated AS BIGINT) FROM n",
    soci::use(count), soci::use(every), soci::use(at), soci::use(at), soci::use(due), soci::use(every), soci::use(at),
    soci::use(at);
  sql << "INSERT INTO due_integrations (next_due_at, integration_id) SELECT next_due_at, id FROM integrations "
         "ORDER BY next_due_at, id";
}

} // namespace penstock::bench
