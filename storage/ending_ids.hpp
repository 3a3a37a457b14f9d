#pragma once

#include <cstdint>
#include <vector>

#include <soci/soci.h>

namespace penstock::storage {

/// A set of ids that a statement asks by the SQL function `is_ending(id)`, on SQLite. A list of parameters would be made
/// into a table of its own at each run, which costs more than the rest of the statement. One for each connection,
/// which outlives it; it outlives the statements that ask.
class ending_ids {
public:
  explicit ending_ids(soci::session& connection);
  ~ending_ids();
  ending_ids(const ending_ids&) = delete;
  ending_ids& operator=(const ending_ids&) = delete;

  void clear() noexcept {
    ids_.clear();
    next_ = 0;
    sorted_ = true;
  }
  void add(std::int64_t id) {
    sorted_ = sorted_ && (ids_.empty() || ids_.back() < id);
    ids_.push_back(id);
  }

  /// Cheapest if asked in the order in which they were added.
  [[nodiscard]] bool contains(std::int64_t id) noexcept;

private:
  soci::session& connection_;
  std::vector<std::int64_t> ids_;
  std::size_t next_ = 0; ///< the one that is likely to be asked for
  bool sorted_ = true;
};

} // namespace penstock::storage
