#include "connectors/monzo/sandbox/pot_book.hpp"

#include <algorithm>
#include <array>

#include "sandbox/draw.hpp"

namespace penstock::sandbox::monzo {

namespace {

constexpr std::array<std::string_view, 6> names{"Savings", "Bills", "Holiday", "Rainy day", "Wedding Fund", "New bike"};
constexpr std::array<std::string_view, 3> styles{"beach_ball", "teal", "blue"};
constexpr std::uint64_t salt_of_pots = 0x706f7473u;

} // namespace

pot_book::pot_book(const account_facts& account, std::uint32_t count, timestamp opened, timestamp history_end)
    : key_(account.key), of_history_(std::max(count, 1u)) {
  for (std::uint32_t number = 0; number < of_history_; ++number) {
    auto& each = add(opened + std::chrono::hours(number));
    each.is_of_history = true;
    each.was_deleted = account.is_closed || (number > 0 && number + 1 == of_history_);
    if (each.was_deleted) {
      each.is_deleted = true;
      each.updated = std::max(each.created, history_end);
    }
  }
}

pot_book::pot& pot_book::add(timestamp created) {
  const auto number = pots_.size();
  auto& made = pots_.emplace_back();
  made.id = drawn_id("pot_", mix({key_, salt_of_pots, number}));
  made.name = names[number % names.size()];
  made.style = styles[number % styles.size()];
  made.created = made.updated = created;
  return made;
}

std::uint32_t pot_book::of_history(std::uint64_t key) const noexcept {
  return static_cast<std::uint32_t>(mix(key ^ salt_of_pots) % of_history_);
}

std::optional<std::uint32_t> pot_book::open_one(std::uint64_t key) const {
  auto turn = count_open();
  if (turn == 0)
    return {};
  turn = mix(key ^ salt_of_pots) % turn;
  for (std::uint32_t number = 0; number < pots_.size(); ++number)
    if (!pots_[number].is_deleted && turn-- == 0)
      return number;
  return {};
}

std::size_t pot_book::count_open() const noexcept {
  return static_cast<std::size_t>(
    std::count_if(pots_.begin(), pots_.end(), [](const pot& each) { return !each.is_deleted; }));
}

std::optional<std::uint32_t> pot_book::find(std::string_view id) const noexcept {
  for (std::uint32_t number = 0; number < pots_.size(); ++number)
    if (pots_[number].id == id)
      return number;
  return {};
}

void pot_book::move_in(std::uint32_t number, std::int64_t amount, timestamp now) {
  pots_[number].moved_in += amount;
  pots_[number].updated = std::max(pots_[number].updated, now);
}

std::uint32_t pot_book::open(timestamp now) {
  add(now);
  return static_cast<std::uint32_t>(pots_.size() - 1);
}

void pot_book::mark_deleted(std::uint32_t number, timestamp now) {
  auto& gone = pots_[number];
  gone.is_deleted = true;
  // Later than what emptied it, so that no answer of before is taken for the newer one.
  gone.updated = std::max(gone.updated + std::chrono::milliseconds(1), now);
}

} // namespace penstock::sandbox::monzo
