#include "connectors/monzo/sandbox/account_book.hpp"

#include <algorithm>

#include "sandbox/draw.hpp"

namespace penstock::sandbox::monzo {

namespace {

constexpr duration shortest_history = std::chrono::hours(1);
constexpr int closed_part = 3;               ///< of history, in which a closed account has nothing any more
constexpr std::uint64_t newest_pending = 40; ///< so many of the last may be pending at the start
constexpr duration longest_pending = std::chrono::days(3);
constexpr std::uint64_t newest_amendable = 50;
constexpr duration longest_amendable = std::chrono::days(10);
constexpr duration settling = std::chrono::minutes(1);
constexpr std::uint64_t salt_of_time = 0x7174696d65u;
constexpr std::int64_t tip_percent = 12, hundred = 100;
/// What an account and a pot held before the first transaction, so that they are not overdrawn.
constexpr std::int64_t first_balance = 250'000, first_in_pot = 500'000;

/// Monzo has them: ordinary, joint, closed; the fourth in another currency, so that sums by currency mean something.
account_facts make_facts(account_place place, std::uint64_t seed) {
  account_facts out;
  out.place = place;
  out.id = account_id(place, seed);
  out.seed = seed;
  out.key = mix({seed, place.user, place.number});
  const auto turn = (place.number - 1) % 4;
  out.type = turn == 1 ? "uk_retail_joint" : "uk_retail";
  out.is_closed = turn == 2;
  out.currency = turn == 3 ? "EUR" : "GBP";
  return out;
}

/// Monzo's times have no more digits.
timestamp whole_millis(timestamp moment) { return std::chrono::floor<std::chrono::milliseconds>(moment); }

} // namespace

account_book::account_book(account_place place, const data_settings& data, timestamp start)
    : facts_(make_facts(place, data.seed)), drawn_(data.transactions),
      history_end_(start - (facts_.is_closed ? data.history / closed_part : duration::zero())),
      history_start_(start - std::max(data.history, shortest_history)),
      pots_(facts_, data.pots, opened(), history_end_) {
  for (auto index = drawn_ - std::min(drawn_, newest_pending); index < drawn_; ++index)
    if (starts_pending(draw_transaction(facts_, index, created(index))))
      pending_.insert(index);
}

timestamp account_book::created(std::uint64_t index) const {
  if (index >= drawn_)
    return added_[index - drawn_].created;
  // One in each of as many equal stretches, anywhere inside it.
  const auto whole = static_cast<double>((history_end_ - history_start_).count());
  const double place = draws(facts_.key ^ mix(salt_of_time + index)).unit();
  const double into = whole * ((static_cast<double>(index) + place) / static_cast<double>(drawn_));
  const duration length{static_cast<duration::rep>(into)};
  return history_start_ + std::chrono::floor<std::chrono::milliseconds>(length);
}

std::uint64_t account_book::first_from(timestamp moment) const {
  std::uint64_t low = 0, high = size();
  while (low < high) {
    const auto middle = low + (high - low) / 2;
    if (created(middle) < moment)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

bool account_book::starts_pending(const transaction_facts& drawn) const {
  return !facts_.is_closed && drawn.kind == transaction_kind::card && !drawn.is_declined() &&
         drawn.created > history_end_ - longest_pending && drawn.key % 2 == 0;
}

transaction_facts account_book::before_changes(std::uint64_t index) const {
  if (index >= drawn_) {
    const auto& addition = added_[index - drawn_];
    auto out = addition.moved ? monzo::move_to_pot(facts_, index, addition.created, *addition.moved)
                              : draw_transaction(facts_, addition.drawn_from, addition.created);
    out.index = index;
    if (out.kind == transaction_kind::pot)
      out.pot_id = pots_.all()[addition.pot].id;
    if (out.kind == transaction_kind::card && !out.is_declined()) {
      out.settled = no_time;
      out.updated = out.created;
    }
    return out;
  }
  auto out = draw_transaction(facts_, index, created(index));
  // Only the newest can be pending; the others have settled by the start.
  if (index + newest_pending >= drawn_ && starts_pending(out)) {
    out.settled = no_time;
    out.updated = out.created;
  } else if (out.settled > history_end_) {
    out.settled = std::min(out.created + settling, history_end_);
    out.updated = out.settled;
  }
  if (out.kind == transaction_kind::pot)
    out.pot_id = pots_.all()[pots_.of_history(out.key)].id;
  return out;
}

transaction_facts account_book::at(std::uint64_t index) const {
  auto out = before_changes(index);
  if (const auto changed = changes_.find(index); changed != changes_.end()) {
    out.amount = changed->second.amount;
    out.local_amount = changed->second.local_amount;
    out.category = changed->second.category;
    out.settled = changed->second.settled;
    out.updated = changed->second.updated;
  }
  return out;
}

const account_book::sums& account_book::history_sums() const {
  if (!history_sums_) {
    sums made;
    made.into_pots.resize(pots_.all().size());
    for (std::uint64_t index = 0; index < drawn_; ++index) {
      const auto each = draw_transaction(facts_, index, no_time);
      made.all += each.amount;
      if (each.is_declined())
        made.declined += each.amount;
      else if (each.kind == transaction_kind::pot)
        made.into_pots[pots_.of_history(each.key)] -= each.amount;
    }
    history_sums_ = std::move(made);
  }
  return *history_sums_;
}

std::int64_t account_book::sum() const { return history_sums().all + changed_sum_; }

std::int64_t account_book::balance() const {
  if (facts_.is_closed)
    return 0;
  return first_balance + sum() - history_sums().declined - changed_declined_;
}

std::int64_t account_book::pot_balance(std::uint32_t number) const {
  const auto& pot = pots_.all()[number];
  if (pot.was_deleted)
    return 0;
  return pot.moved_in + (pot.is_of_history ? first_in_pot + history_sums().into_pots[number] : 0);
}

std::int64_t account_book::in_pots() const {
  std::int64_t total = 0;
  for (std::uint32_t number = 0; number < pots_.all().size(); ++number)
    total += pots_.all()[number].is_deleted ? 0 : pot_balance(number);
  return total;
}

std::optional<std::uint64_t> account_book::amendable(std::uint64_t skip) const {
  const auto total = size();
  std::optional<std::uint64_t> last;
  for (auto index = total; index > 0 && total - index < newest_amendable; --index) {
    if (created(index - 1) < created(total - 1) - longest_amendable)
      break;
    if (at(index - 1).is_declined())
      continue;
    last = index - 1;
    if (skip-- == 0)
      break;
  }
  return last;
}

std::uint64_t account_book::append(addition made) {
  const auto index = size();
  // Time never goes back within an account, whatever clock was moved.
  const auto after = index == 0 ? history_start_ : created(index - 1) + std::chrono::milliseconds(1);
  made.created = std::max(whole_millis(made.created), after);
  added_.push_back(made);
  const auto facts = before_changes(index);
  changed_sum_ += facts.amount;
  if (facts.is_declined())
    changed_declined_ += facts.amount;
  else if (facts.kind == transaction_kind::pot)
    pots_.move_in(made.pot, -facts.amount, facts.created);
  if (facts.is_pending())
    pending_.insert(index);
  return index;
}

std::uint64_t account_book::add(timestamp now, bool as_pending) {
  addition made{now, size()};
  // Draws of places that no account has.
  for (std::uint64_t tries = 1; as_pending; ++tries) {
    const auto drawn = draw_transaction(facts_, made.drawn_from, now);
    if (drawn.kind == transaction_kind::card && !drawn.is_declined())
      break;
    made.drawn_from = mix({size(), tries});
  }
  made.pot = pots_.open_one(mix(facts_.key + size())).value_or(0);
  // Nobody takes out of a new pot what never went in.
  const auto& pot = pots_.all()[made.pot];
  const auto drawn = draw_transaction(facts_, made.drawn_from, now);
  if (drawn.kind == transaction_kind::pot && !pot.is_of_history && drawn.amount > pot.moved_in)
    made.moved = drawn.amount;
  return append(made);
}

std::uint64_t account_book::move_to_pot(std::uint32_t number, std::int64_t amount, timestamp now) {
  return append({now, size(), number, amount});
}

bool account_book::delete_pot(std::uint32_t number, timestamp now) {
  if (number >= pots_.all().size() || pots_.all()[number].is_deleted || pots_.count_open() < 2)
    return false;
  if (const auto held = pot_balance(number); held != 0)
    move_to_pot(number, -held, now);
  pots_.mark_deleted(number, whole_millis(now));
  return true;
}

void account_book::record(std::uint64_t index, const transaction_facts& was, change now) {
  now.updated = std::max(now.updated, was.updated + std::chrono::milliseconds(1));
  changed_sum_ += now.amount - was.amount;
  changes_[index] = now;
}

bool account_book::settle(std::uint64_t index, timestamp now) {
  if (index >= size() || pending_.erase(index) == 0)
    return false;
  const auto was = at(index);
  const auto moment = std::max(whole_millis(now), was.created);
  change after{was.amount, was.local_amount, was.category, moment, moment};
  const bool has_tip = mix(was.key + 1) % 3 == 0;
  if (has_tip) {
    after.amount += was.amount * tip_percent / hundred;
    after.local_amount += was.local_amount * tip_percent / hundred;
  }
  record(index, was, after);
  return true;
}

bool account_book::amend(std::uint64_t index, timestamp now) {
  if (index >= size())
    return false;
  const auto was = at(index);
  if (was.is_declined())
    return false;
  const auto moment = whole_millis(now);
  change after{was.amount, was.local_amount, was.category, was.settled, moment};
  if (was.is_pending()) {
    const auto more = 1 + static_cast<std::int64_t>(mix({was.key, static_cast<std::uint64_t>(-was.amount)}) % hundred);
    after.amount -= more;
    after.local_amount -= more;
  } else {
    after.category = was.category == "shopping" ? "gifts" : "shopping";
  }
  record(index, was, after);
  return true;
}

} // namespace penstock::sandbox::monzo
