#include "tests/storage/scratch_schema.hpp"

#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <memory>

namespace penstock::storage {
namespace {

struct closing {
  void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
};

std::string run(const std::string& url, const std::string& sql) {
  const std::unique_ptr<PGconn, closing> connection{PQconnectdb(url.c_str())};
  auto* answer = PQexec(connection.get(), sql.c_str());
  const auto status = PQresultStatus(answer);
  EXPECT_TRUE(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
    << sql << ": " << PQerrorMessage(connection.get());
  std::string first = status == PGRES_TUPLES_OK && PQntuples(answer) > 0 ? PQgetvalue(answer, 0, 0) : "";
  PQclear(answer);
  return first;
}

} // namespace

scratch_schema::scratch_schema() {
  const char* base = std::getenv("PENSTOCK_TEST_POSTGRESQL");
  if (!base || !*base)
    return;
  static std::atomic<int> count{0};
  name_ = "t" + std::to_string(::getpid()) + "_" + std::to_string(++count);
  url_ = std::string{base} + "&options=-csearch_path%3D" + name_ + "&application_name=" + name_;
  run(base, "SET client_min_messages = error; DROP SCHEMA IF EXISTS " + name_ + " CASCADE; CREATE SCHEMA " + name_);
}

scratch_schema::~scratch_schema() {
  if (!url_.empty())
    run(url_, "SET client_min_messages = error; DROP SCHEMA " + name_ + " CASCADE");
}

void scratch_schema::execute(const std::string& sql) const { run(url_, sql); }

void scratch_schema::break_connections(const std::string& condition) const {
  execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND "
          "application_name = current_setting('application_name') AND (" +
          condition + ")");
}

std::string scratch_schema::value(const std::string& sql) const { return run(url_, sql); }

} // namespace penstock::storage
