#include "connectors/monzo/sandbox/transaction_facts.hpp"

#include <array>

#include "connectors/monzo/sandbox/merchants.hpp"
#include "sandbox/draw.hpp"

namespace penstock::sandbox::monzo {

namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr std::int64_t hundred = 100;
constexpr std::int64_t least_amount = 99;

// Shares of a hundred; the rest are card payments.
constexpr unsigned faster_payments = 8, friends = 6, pots = 7, interests = 1, salaries = 2, top_ups = 2;
constexpr unsigned abroad = 10, declined = 3, with_notes = 12;

constexpr std::array<std::string_view, 6> decline_reasons{
  "INSUFFICIENT_FUNDS", "CARD_BLOCKED", "INVALID_CVC",
  "INVALID_PIN",        "CARD_EXPIRED", "SCA_NOT_AUTHENTICATED_CARD_NOT_PRESENT"};
constexpr std::array<std::string_view, 6> notes{"Lunch \\uD83E\\uDD57", "Shared with \\\"the flat\\\"",
                                                "Geschenk für Zoë 🎁",   "line one\\nline two",
                                                "50% deposit",          "C:\\\\receipts\\\\42"};

transaction_kind kind_of(std::uint64_t share) {
  using enum transaction_kind;
  unsigned upper = 0;
  const auto is_below = [&](unsigned more) { return share < (upper += more); };
  if (is_below(faster_payments))
    return faster_payment;
  if (is_below(friends))
    return friend_payment;
  if (is_below(pots))
    return pot;
  if (is_below(interests))
    return interest;
  if (is_below(salaries))
    return salary;
  return is_below(top_ups) ? top_up : card;
}

void draw_card_payment(transaction_facts& out, const account_facts& account, draws& dice) {
  const auto& shops = merchants();
  const auto at_home = home_merchants();
  out.merchant = dice.percent(abroad) ? at_home + dice.below(shops.size() - at_home) : dice.below(at_home);
  const auto& shop = shops[out.merchant];
  out.local_currency = shop.currency;
  out.local_amount = -least_amount - static_cast<std::int64_t>(dice.below(static_cast<std::uint64_t>(shop.dearest)));
  out.amount = shop.currency == account.currency
                 ? out.local_amount
                 : out.local_amount * pence_per_hundred(shop.currency) / pence_per_hundred(account.currency);
  out.category = shop.category;
  const bool is_declined = dice.percent(declined);
  if (is_declined)
    out.decline_reason = decline_reasons[dice.below(decline_reasons.size())];
  else
    out.settled = out.created + hours(8) + minutes(static_cast<std::int64_t>(dice.below(40 * 60)));
}

void draw_transfer(transaction_facts& out, const account_facts& account, draws& dice) {
  const auto up_to = [&](std::int64_t most) {
    return least_amount + static_cast<std::int64_t>(dice.below(static_cast<std::uint64_t>(most)));
  };
  switch (out.kind) {
    case transaction_kind::salary:
      out.amount = 180'000 + up_to(220'000);
      out.category = "income";
      break;
    case transaction_kind::interest:
      out.amount = up_to(900);
      out.category = "savings";
      break;
    case transaction_kind::top_up:
      out.amount = (1 + up_to(200) / hundred) * 10 * hundred;
      out.category = "general";
      break;
    case transaction_kind::pot:
      out.amount = dice.percent(70) ? -up_to(20'000) : up_to(20'000);
      out.category = "savings";
      break;
    default:
      out.amount = dice.percent(60) ? -up_to(60'000) : up_to(30'000);
      out.category = "transfers";
      break;
  }
  out.local_amount = out.amount;
  out.local_currency = account.currency;
  out.settled = out.created;
}

} // namespace

transaction_facts move_to_pot(const account_facts& account, std::uint64_t index, timestamp created,
                              std::int64_t amount) {
  transaction_facts out;
  out.index = index;
  out.key = mix(account.key + index);
  out.kind = transaction_kind::pot;
  out.amount = out.local_amount = -amount;
  out.local_currency = account.currency;
  out.category = "savings";
  out.created = out.updated = out.settled = created;
  return out;
}

transaction_facts draw_transaction(const account_facts& account, std::uint64_t index, timestamp created) {
  transaction_facts out;
  out.index = index;
  out.key = mix(account.key + index);
  out.created = created;
  draws dice(out.key);
  out.kind = kind_of(dice.below(hundred));
  if (out.kind == transaction_kind::card)
    draw_card_payment(out, account, dice);
  else
    draw_transfer(out, account, dice);
  if (dice.percent(with_notes))
    out.notes = notes[dice.below(notes.size())];
  out.updated = out.settled == no_time ? created : out.settled;
  return out;
}

} // namespace penstock::sandbox::monzo
