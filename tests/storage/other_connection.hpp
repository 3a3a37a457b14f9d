#pragma once

#include <string>

struct pg_conn;

namespace penstock::storage {

/// A connection of a test's own to the database of a scratch_schema: whatever another node's writer would hold open.
class other_connection {
public:
  explicit other_connection(const std::string& url);
  ~other_connection();
  other_connection(const other_connection&) = delete;
  other_connection& operator=(const other_connection&) = delete;

  /// Runs SQL, several statements perhaps; a failure fails the test.
  void execute(const std::string& sql);
  [[nodiscard]] std::string value(const std::string& sql);

  /// Waits, for at most ten seconds, until a session of this database stands in line for a lock.
  void await_somebody_waiting();

private:
  pg_conn* connection_;
};

} // namespace penstock::storage
