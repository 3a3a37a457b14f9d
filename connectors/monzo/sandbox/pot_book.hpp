#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/monzo/sandbox/transaction_facts.hpp"

namespace penstock::sandbox::monzo {

/// The pots of one account, also those that were deleted, in the order in which they were opened. What went into each by
/// the account's history is account_book's to know; here is what went into it since the start. For one thread.
class pot_book {
public:
  struct pot {
    std::string id;
    std::string_view name, style;
    timestamp created = no_time, updated = no_time;
    std::int64_t moved_in = 0;  ///< since the start, minor units
    bool is_of_history = false; ///< it stood at the start
    bool was_deleted = false;   ///< before the start: whatever went in came out again
    bool is_deleted = false;
  };

  /// `count` of them, 1 at least, opened one hour after the other. The last of several was deleted at `history_end`, and
  /// in a closed account all were.
  pot_book(const account_facts& account, std::uint32_t count, timestamp opened, timestamp history_end);

  [[nodiscard]] const std::vector<pot>& all() const noexcept { return pots_; }
  /// Which pot a transaction of history went to or came from.
  [[nodiscard]] std::uint32_t of_history(std::uint64_t key) const noexcept;
  /// One that is open, drawn by `key`; nothing if none is.
  [[nodiscard]] std::optional<std::uint32_t> open_one(std::uint64_t key) const;
  [[nodiscard]] std::size_t count_open() const noexcept;
  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view id) const noexcept;

  void move_in(std::uint32_t number, std::int64_t amount, timestamp now);
  std::uint32_t open(timestamp now);
  void mark_deleted(std::uint32_t number, timestamp now);

private:
  pot& add(timestamp created);

  const std::uint64_t key_; ///< the account's
  const std::uint32_t of_history_;
  std::vector<pot> pots_;
};

} // namespace penstock::sandbox::monzo
