#include "storage/postgresql_errors.hpp"

#include <algorithm>
#include <array>

namespace penstock::storage {
namespace {

struct meaning {
  std::string_view state; ///< the beginning of it
  error_code code;
  storage_blame blame;
  std::string_view text;
};

/// The first that fits counts: single states before their class.
constexpr std::array<meaning, 19> meanings{{
  {"40001", error_code::storage_busy, storage_blame::moment, "another transaction was quicker: try again"},
  {"40P01", error_code::storage_busy, storage_blame::moment, "two transactions waited for each other: try again"},
  {"55P03", error_code::storage_busy, storage_blame::database, "another transaction holds what this one needs"},
  {"57014", error_code::storage_failed, storage_blame::unit, "a statement took too long"},
  {"57P", error_code::storage_busy, storage_blame::database, "the database server is stopping or starting"},
  {"25006", error_code::storage_busy, storage_blame::database, "the database server is a standby: it takes no writes"},
  {"25P03", error_code::storage_busy, storage_blame::database, "a transaction stood idle for too long"},
  {"08", error_code::storage_busy, storage_blame::database, "the connection to the database is lost"},
  {"53100", error_code::storage_full, storage_blame::database, "the disk of the database is full: make room"},
  {"53300", error_code::storage_busy, storage_blame::database, "the database server has no connection left"},
  {"53", error_code::storage_busy, storage_blame::database, "the database server has not enough resources"},
  {"58030", error_code::storage_failed, storage_blame::database, "the disk of the database fails: check it"},
  {"58", error_code::storage_failed, storage_blame::database, "the database server does not work"},
  {"XX", error_code::storage_failed, storage_blame::database, "the database is damaged: restore a backup"},
  {"28", error_code::storage_failed, storage_blame::database, "the database refuses this user"},
  {"42501", error_code::storage_failed, storage_blame::unit, "the database user may not do this: grant it the rights"},
  {"25P02", error_code::storage_failed, storage_blame::database, "a statement follows one that failed"},
  {"54", error_code::storage_failed, storage_blame::unit, "a statement is beyond the database's limits"},
  {"", error_code::storage_failed, storage_blame::unit, "the database refused a statement"},
}};

} // namespace

storage_exception explain_sqlstate(std::string_view state, std::string_view call) {
  const auto found =
    std::find_if(meanings.begin(), meanings.end(), [&](const meaning& each) { return state.starts_with(each.state); });
  return storage_exception(
    error{found->code, std::string{found->text} + " (" + std::string{call} + ": SQLSTATE " + std::string{state} + ")"},
    found->blame);
}

error connection_refusal(std::string_view told) {
  constexpr std::array<std::string_view, 5> lasting{"password authentication failed", "no password supplied",
                                                    "does not exist", "no pg_hba.conf entry", "invalid"};
  auto text = std::string{told.substr(0, 500)};
  std::replace_if(
    text.begin(), text.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
  text.erase(text.find_last_not_of(' ') + 1);
  // "does not exist" is said of a role or a database; of a socket file, "No such file or directory".
  const bool lasts = std::any_of(lasting.begin(), lasting.end(),
                                 [&](std::string_view each) { return text.find(each) != std::string::npos; });
  return lasts
           ? error{error_code::bad_configuration, "the database does not let this node in, see database.url: " + text}
           : error{error_code::storage_busy, "the database server cannot be reached: " + text};
}

} // namespace penstock::storage
