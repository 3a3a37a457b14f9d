#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "connectors/monzo/sandbox/pot_book.hpp"
#include "connectors/monzo/sandbox/transaction_facts.hpp"
#include "sandbox/stand_in.hpp"

namespace penstock::sandbox::monzo {

/// The transactions of one account, oldest first, and what follows from them: its balance and its pots. History is drawn when it is asked for; only what was added or changed
/// since the start takes memory. For one thread.
class account_book {
public:
  /// History reaches up to `start`; in a closed account it ended when a third of it was still to come.
  account_book(account_place place, const data_settings& data, timestamp start);

  [[nodiscard]] const account_facts& facts() const noexcept { return facts_; }
  [[nodiscard]] timestamp opened() const noexcept { return history_start_ - std::chrono::hours(1); }
  [[nodiscard]] std::uint64_t size() const noexcept { return drawn_ + added_.size(); }
  /// `index` < size().
  [[nodiscard]] timestamp created(std::uint64_t index) const;
  [[nodiscard]] transaction_facts at(std::uint64_t index) const;
  /// The first that was created at or after `moment`; size() if none.
  [[nodiscard]] std::uint64_t first_from(timestamp moment) const;

  /// Sum of all amounts, declined ones too.
  [[nodiscard]] std::int64_t sum() const;
  /// What the account holds now: what it had before its first transaction, and all that was not declined. 0 if closed.
  [[nodiscard]] std::int64_t balance() const;

  [[nodiscard]] const pot_book& pots() const noexcept { return pots_; }
  /// What a pot holds now; `number` is its place in pots().
  [[nodiscard]] std::int64_t pot_balance(std::uint32_t number) const;
  /// What those that are not deleted hold together.
  [[nodiscard]] std::int64_t in_pots() const;

  /// Indexes of what is pending, in order.
  [[nodiscard]] const std::set<std::uint64_t>& pending() const noexcept { return pending_; }
  /// The newest that may be amended: settled or pending, not declined, and among the last fifty and the last ten days,
  /// so that a client that looks back two weeks sees it. `skip`: so many of them are passed over.
  [[nodiscard]] std::optional<std::uint64_t> amendable(std::uint64_t skip) const;

  /// A new transaction; a payment by card starts pending. `as_pending`: it is drawn until it is one that can be.
  std::uint64_t add(timestamp now, bool as_pending = false);
  /// Money goes into an open pot (negative: comes out of it), which is a transaction of the account's.
  std::uint64_t move_to_pot(std::uint32_t number, std::int64_t amount, timestamp now);
  std::uint32_t open_pot(timestamp now) { return pots_.open(now); }
  /// What is in the pot comes back to the account first. False: it is deleted already, or the last one that is open.
  bool delete_pot(std::uint32_t number, timestamp now);

  /// A pending one settles; a tip may have been added. False: it is not pending.
  bool settle(std::uint64_t index, timestamp now);
  /// A pending one gets another amount, any other another category. False: it was declined.
  bool amend(std::uint64_t index, timestamp now);

private:
  /// What differs from what is drawn.
  struct change {
    std::int64_t amount = 0;
    std::int64_t local_amount = 0;
    std::string_view category;
    timestamp settled = no_time;
    timestamp updated = no_time;
  };
  struct addition {
    timestamp created;
    std::uint64_t drawn_from;            ///< which draw it is
    std::uint32_t pot = 0;               ///< of a move to or from one
    std::optional<std::int64_t> moved{}; ///< into the pot: it is not drawn
  };
  struct sums {
    std::int64_t all = 0, declined = 0;
    std::vector<std::int64_t> into_pots; ///< of those that stood at the start
  };
  /// Of what was drawn; made once, by a walk through all of it.
  [[nodiscard]] const sums& history_sums() const;
  std::uint64_t append(addition made);
  [[nodiscard]] bool starts_pending(const transaction_facts& drawn) const;
  [[nodiscard]] transaction_facts before_changes(std::uint64_t index) const;
  void record(std::uint64_t index, const transaction_facts& was, change now);

  account_facts facts_;
  const std::uint64_t drawn_; ///< transactions of history
  const timestamp history_end_;
  const timestamp history_start_;
  std::vector<addition> added_;
  std::unordered_map<std::uint64_t, change> changes_;
  std::set<std::uint64_t> pending_;
  pot_book pots_;
  std::int64_t changed_sum_ = 0; ///< of additions and changes
  std::int64_t changed_declined_ = 0;
  mutable std::optional<sums> history_sums_;
};

} // namespace penstock::sandbox::monzo
