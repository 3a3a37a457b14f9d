#include "tests/storage/other_connection.hpp"

#include <gtest/gtest.h>
#include <libpq-fe.h>

#include <chrono>

namespace penstock::storage {

other_connection::other_connection(const std::string& url) : connection_(PQconnectdb(url.c_str())) {
  EXPECT_EQ(PQstatus(connection_), CONNECTION_OK) << PQerrorMessage(connection_);
}

other_connection::~other_connection() { PQfinish(connection_); }

void other_connection::execute(const std::string& sql) { static_cast<void>(value(sql)); }

std::string other_connection::value(const std::string& sql) {
  auto* answer = PQexec(connection_, sql.c_str());
  const auto status = PQresultStatus(answer);
  EXPECT_TRUE(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) << sql << ": " << PQerrorMessage(connection_);
  std::string first = status == PGRES_TUPLES_OK && PQntuples(answer) > 0 ? PQgetvalue(answer, 0, 0) : "";
  PQclear(answer);
  return first;
}

void other_connection::await_somebody_waiting() {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (std::chrono::steady_clock::now() < end)
    if (value("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND "
              "application_name = current_setting('application_name')") != "0")
      return;
  ADD_FAILURE() << "nobody waits for a lock";
}

} // namespace penstock::storage
