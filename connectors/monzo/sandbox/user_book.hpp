#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "connectors/monzo/sandbox/account_book.hpp"

namespace penstock::sandbox::monzo {

/// The accounts of one user, and what happens to them as time passes. For one thread.
class user_book {
public:
  user_book(std::uint32_t user, const data_settings& data, timestamp start);

  /// Lets everything happen that was due up to `moment`: change n at start + n * change_every, the same in each process
  /// with the same seed and start.
  void catch_up(timestamp moment);

  [[nodiscard]] std::uint32_t user() const noexcept { return user_; }
  [[nodiscard]] std::vector<account_book>& accounts() noexcept { return accounts_; }
  [[nodiscard]] const std::vector<account_book>& accounts() const noexcept { return accounts_; }
  /// By its number, from 1; null: there is none.
  [[nodiscard]] account_book* account(std::uint32_t number);

  struct counters {
    std::uint64_t added = 0, settled = 0, amended = 0, pots_opened = 0, pots_deleted = 0;
  };
  counters counts; ///< changes since the start, also those that somebody asked for

private:
  void happen(std::uint64_t number, timestamp moment);
  void change_pots(account_book& account, std::uint64_t key, timestamp moment);

  const std::uint32_t user_;
  const data_settings data_;
  const timestamp start_;
  std::uint64_t happened_ = 0;
  std::vector<account_book> accounts_;
};

} // namespace penstock::sandbox::monzo
