#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "storage/statement.hpp"

namespace penstock::storage {

/// The names of kinds by the numbers that rows hold, for readers. A number is never given to another name, so each is
/// read once. Use it as a query: `db.query<kind_names>().of(id)`.
class kind_names {
public:
  explicit kind_names(session& db) : sql_(db, "find kind", "SELECT name FROM kinds WHERE id = :id") {
    sql_.in(id_).out(name_);
  }

  /// Empty if there is none of that number. Throws storage_exception: what is not known then is asked for again.
  [[nodiscard]] const std::string& of(std::int64_t id) {
    if (const auto known = names_.find(id); known != names_.end())
      return known->second;
    id_ = id;
    if (!sql_.one())
      return none_;
    return names_.emplace(id, name_).first->second;
  }

private:
  const std::string none_;
  std::unordered_map<std::int64_t, std::string> names_;
  std::int64_t id_ = 0;
  std::string name_;
  statement sql_;
};

} // namespace penstock::storage
