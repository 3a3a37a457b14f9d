#include "storage/databases.hpp"

#include <string_view>

#include "storage/engine_schema.hpp"

namespace penstock::storage {
namespace {

constexpr std::string_view memory_url = "sqlite::memory:";
constexpr std::string_view file_scheme = "sqlite://";

} // namespace

std::optional<std::string> sqlite_file(std::string_view url) {
  if (!url.starts_with(file_scheme))
    return std::nullopt;
  const auto file = url.substr(file_scheme.size());
  if (!file.starts_with('/') || file.find('"') != std::string_view::npos)
    return std::nullopt;
  return std::string{file};
}

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
  if (auto file = sqlite_file(url))
    return open_sqlite(std::move(*file), settings, std::move(context));
  if (url.starts_with("postgresql://") || url.starts_with("postgres://"))
    return open_postgresql(settings, std::move(context));
  return failure(error_code::bad_configuration,
                 "database.url is not understood: give sqlite:///absolute/path.db (three "
                 "slashes) or postgresql://user:password@host:port/database");
}

} // namespace penstock::storage
