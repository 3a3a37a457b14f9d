#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "storage/session.hpp"

namespace penstock::storage {

/// A table of few names that hot rows point at by small numbers, kept in memory by the writer. Names are added in the
/// transaction in flight and forgotten again if it is undone. Those that another node added are read when they are met.
class interned_names {
public:
  /// `table` has columns id and name.
  interned_names(session& db, std::string table);

  /// Reads the table. Once, before anything else.
  void load();

  /// The number of a name, adding it if it is new.
  [[nodiscard]] std::int64_t id_of(std::string_view name) {
    if (last_id_ != 0 && name == last_name_) [[likely]]
      return last_id_;
    return look_up(name);
  }
  [[nodiscard]] std::optional<std::int64_t> find(std::string_view name);
  /// In memory alone.
  [[nodiscard]] std::optional<std::int64_t> find_known(std::string_view name) const noexcept {
    const auto known = ids_.find(name);
    return known == ids_.end() ? std::nullopt : std::optional(known->second);
  }
  /// Stays in place until an undo.
  [[nodiscard]] const std::string& name_of(std::int64_t id) {
    const auto index = static_cast<std::size_t>(id - 1);
    return index < names_.size() && !names_[index].empty() ? names_[index] : read_name(id);
  }

  /// How many names are known: undo_to(mark) forgets those that came later.
  [[nodiscard]] std::size_t mark() const noexcept { return order_.size(); }
  void undo_to(std::size_t mark);

private:
  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };
  std::int64_t look_up(std::string_view name);
  std::int64_t add(std::string name);
  [[nodiscard]] std::optional<std::int64_t> find_stored(std::string_view name);
  const std::string& read_name(std::int64_t id);
  void keep(std::int64_t id, std::string name);

  session& db_;
  const std::string table_;
  std::deque<std::string> names_;   // number 1 first; empty: not known
  std::vector<std::int64_t> order_; // numbers, in the order in which they were met
  std::unordered_map<std::string, std::int64_t, text_hash, std::equal_to<>> ids_;
  std::string last_name_; // jobs come in rows of one kind
  std::int64_t last_id_ = 0;
};

} // namespace penstock::storage
