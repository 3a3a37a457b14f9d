#include "connectors/monzo/sandbox/user_book.hpp"

#include <algorithm>

#include "sandbox/draw.hpp"

namespace penstock::sandbox::monzo {

namespace {

constexpr std::uint64_t salt_of_changes = 0x6368616e676573u;
/// A clock that was moved by years must not keep a request waiting: more changes at once are left out.
constexpr std::uint64_t most_at_once = 200'000;
// Of a hundred changes; the rest amend.
constexpr std::uint64_t additions = 50, settlements = 30, pot_changes = 2;
constexpr std::size_t most_pots = 100;

} // namespace

user_book::user_book(std::uint32_t user, const data_settings& data, timestamp start)
    : user_(user), data_(data), start_(start) {
  accounts_.reserve(data.accounts);
  for (std::uint32_t number = 1; number <= data.accounts; ++number)
    accounts_.emplace_back(account_place{user, number}, data, start);
}

account_book* user_book::account(std::uint32_t number) {
  return number >= 1 && number <= accounts_.size() ? &accounts_[number - 1] : nullptr;
}

void user_book::catch_up(timestamp moment) {
  if (data_.change_every <= duration::zero() || moment <= start_ || accounts_.empty())
    return;
  const auto due = static_cast<std::uint64_t>((moment - start_) / data_.change_every);
  if (due > happened_ + most_at_once)
    happened_ = due - most_at_once;
  while (happened_ < due) {
    ++happened_;
    happen(happened_, start_ + data_.change_every * static_cast<duration::rep>(happened_));
  }
}

void user_book::happen(std::uint64_t number, timestamp moment) {
  draws dice(mix({data_.seed, salt_of_changes, user_, number}));
  auto& account = accounts_[dice.below(accounts_.size())];
  if (account.facts().is_closed)
    return;
  const auto what = dice.below(100);
  if (what >= 100 - pot_changes) {
    change_pots(account, dice.bits(), moment);
  } else if (what >= additions && what < additions + settlements && !account.pending().empty()) {
    counts.settled += account.settle(*account.pending().begin(), moment) ? 1 : 0;
  } else if (what >= additions + settlements) {
    if (const auto index = account.amendable(dice.below(10)))
      counts.amended += account.amend(*index, moment) ? 1 : 0;
  } else {
    account.add(moment);
    ++counts.added;
  }
}

void user_book::change_pots(account_book& account, std::uint64_t key, timestamp moment) {
  const auto chosen = account.pots().open_one(key);
  if (key % 2 == 0 && chosen && account.delete_pot(*chosen, moment)) {
    ++counts.pots_deleted;
  } else if (account.pots().all().size() < most_pots) {
    account.open_pot(moment);
    ++counts.pots_opened;
  }
}

} // namespace penstock::sandbox::monzo
