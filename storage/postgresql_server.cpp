#include "storage/postgresql_server.hpp"

#include <string>

#include "storage/statement.hpp"

namespace penstock::storage {

result<void> check_postgresql_server(session& db) {
  std::int64_t version = 0;
  std::string encoding, schema;
  nullable<std::string> current;
  statement look{db, "look at the server",
                 "SELECT CAST(current_setting('server_version_num') AS BIGINT), current_setting('server_encoding'), "
                 "current_schema()"};
  look.out(version).out(encoding).out(current);
  look.one();
  if (version < 130000)
    return failure(error_code::bad_configuration, "the database server is older than PostgreSQL 13: update it");
  if (encoding != "UTF8")
    return failure(error_code::bad_configuration,
                   "the database has the encoding " + encoding + ": make one with ENCODING 'UTF8'");
  if (!current.has_value())
    return failure(error_code::bad_configuration,
                   "the database user has no schema to put tables into: make one, or set its search_path");
  return {};
}

} // namespace penstock::storage
