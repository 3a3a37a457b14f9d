#include "storage/databases.hpp"

#include <string_view>

#include "storage/engine_schema.hpp"

namespace penstock::storage {
namespace {

constexpr std::string_view memory_url = "sqlite::memory:";
constexpr std::string_view file_scheme = "sqlite://";

} // namespace

std::vector<migration> all_migrations(const std::vector<migration>& contributed) {
  auto all = engine_migrations();
  all.insert(all.end(), contributed.begin(), contributed.end());
  return all;
}

result<std::unique_ptr<database>> database::open(database_settings settings, database_context context) {
  if (!context.clock || !context.ids || !context.kinds)
    return failure(error_code::bad_configuration, "a database needs a clock, ids and job kinds");
  const std::string_view url = settings.url;
  if (url == memory_url)
    return open_sqlite(":memory:", settings, std::move(context));
  if (url.starts_with(file_scheme) && url.substr(file_scheme.size()).starts_with('/') &&
      url.find('"') == std::string_view::npos)
    return open_sqlite(std::string{url.substr(file_scheme.size())}, settings, std::move(context));
  if (url.starts_with("postgresql://") || url.starts_with("postgres://"))
    return open_postgresql(settings, std::move(context));
  return failure(error_code::bad_configuration,
                 "database.url is not understood: give sqlite:///absolute/path.db (three "
                 "slashes) or postgresql://user:password@host:port/database");
}

} // namespace penstock::storage
