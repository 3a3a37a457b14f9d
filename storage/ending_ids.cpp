#include "storage/ending_ids.hpp"

#include <algorithm>

#include "storage/sqlite_handle.hpp"

namespace penstock::storage {
namespace {

using namespace sqlite_api;

void is_ending(sqlite3_context* call, int, sqlite3_value** arguments) {
  auto& ids = *static_cast<ending_ids*>(sqlite3_user_data(call));
  sqlite3_result_int(call, ids.contains(sqlite3_value_int64(arguments[0])) ? 1 : 0);
}

} // namespace

ending_ids::ending_ids(soci::session& connection) : connection_(connection) {
  const int code =
    sqlite3_create_function_v2(sqlite_handle(connection), "is_ending", 1, SQLITE_UTF8 | SQLITE_DIRECTONLY, this,
                               is_ending, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK)
    throw soci::sqlite3_soci_error("is_ending", code);
}

ending_ids::~ending_ids() {
  sqlite3_create_function_v2(sqlite_handle(connection_), "is_ending", 1, SQLITE_UTF8, nullptr, nullptr, nullptr,
                             nullptr, nullptr);
}

bool ending_ids::contains(std::int64_t id) noexcept {
  if (next_ < ids_.size() && ids_[next_] == id) {
    ++next_;
    return true;
  }
  if (!sorted_) {
    std::sort(ids_.begin(), ids_.end());
    sorted_ = true;
  }
  const auto found = std::lower_bound(ids_.begin(), ids_.end(), id);
  if (found == ids_.end() || *found != id)
    return false;
  next_ = static_cast<std::size_t>(found - ids_.begin()) + 1;
  return true;
}

} // namespace penstock::storage
