#pragma once

#include <string>

namespace penstock::storage {

/// A schema of one test's own in the PostgreSQL database that the environment variable PENSTOCK_TEST_POSTGRESQL names
/// (scripts/private-postgresql makes one). It goes away with this.
class scratch_schema {
public:
  scratch_schema();
  ~scratch_schema();
  scratch_schema(const scratch_schema&) = delete;
  scratch_schema& operator=(const scratch_schema&) = delete;

  /// Empty: there is no such database, and the test is to be skipped. Its connections tell this schema's own
  /// application_name, so that tests side by side on one server can tell theirs in pg_stat_activity.
  [[nodiscard]] const std::string& url() const noexcept { return url_; }

  /// Runs SQL in the schema, on a connection of its own.
  void execute(const std::string& sql) const;
  /// The first value that a SELECT answers with.
  [[nodiscard]] std::string value(const std::string& sql) const;

  /// Breaks the connections to this schema (and no other test's, on a server that they share) that a condition on
  /// pg_stat_activity holds for.
  void break_connections(const std::string& condition = "TRUE") const;

  static constexpr const char* why_skipped =
    "no PostgreSQL: start one with scripts/private-postgresql and set PENSTOCK_TEST_POSTGRESQL to its url";

private:
  std::string url_, name_;
};

} // namespace penstock::storage
