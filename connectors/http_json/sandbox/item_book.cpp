#include "connectors/http_json/sandbox/item_book.hpp"

#include <algorithm>
#include <array>

#include "core/rfc3339.hpp"
#include "sandbox/draw.hpp"

namespace penstock::sandbox::http_json {
namespace {

constexpr std::int64_t least_price = 99, price_span = 20'000;
constexpr std::array<std::string_view, 6> adjectives{"Small", "Blue", "Folding", "Quiet", "Second-hand", "Übergroße"};
constexpr std::array<std::string_view, 6> nouns{"lamp", "kettle", "chair", "bicycle", "radio", "notebook"};
constexpr std::uint64_t salt_of_price = 0x7072696365u, salt_of_text = 0x74657874u, salt_of_change = 0x6368616e6765u;

timestamp whole_millis(timestamp moment) { return std::chrono::floor<std::chrono::milliseconds>(moment); }

std::int64_t draw_price(std::uint64_t key) {
  return least_price + static_cast<std::int64_t>(draws(key).below(price_span));
}

} // namespace

item_book::item_book(std::string_view shop, const data_settings& data, timestamp start)
    : key_(mix({data.seed, mix_text(shop)})), start_(start), change_every_(data.change_every) {
  const auto count = std::min(data.transactions, most_items);
  const auto history = std::max<duration>(data.history, std::chrono::hours(1));
  items_.reserve(count);
  for (std::uint64_t place = 0; place < count; ++place) {
    const auto share = static_cast<double>(place) / static_cast<double>(count);
    const duration into{static_cast<duration::rep>(static_cast<double>(history.count()) * share)};
    item made;
    made.created = made.updated = whole_millis(start - history + into);
    made.price = draw_price(mix({key_, salt_of_price, place}));
    items_.push_back(made);
  }
}

std::string item_book::id_at(std::size_t place) const {
  const auto digits = std::to_string(place);
  return "itm_" + std::string(digits.size() < 8 ? 8 - digits.size() : 0, '0') + digits;
}

void item_book::append_json(std::string& out, std::size_t place) const {
  const auto& at = items_[place];
  draws dice(mix({key_, salt_of_text, place}));
  const auto adjective = adjectives[dice.below(adjectives.size())];
  const auto noun = nouns[dice.below(nouns.size())];
  out += R"({"id":")" + id_at(place) + R"(","title":")";
  out.append(adjective).append(" ").append(noun);
  out += R"(","pricing":{"amount":)" + std::to_string(at.price) + R"(,"currency":"GBP"},"stock":)";
  out += dice.percent(10) ? "null" : std::to_string(dice.below(50));
  out += R"(,"rating":)" + std::to_string(dice.below(5)) + "." + std::to_string(dice.below(10));
  out += std::string(R"(,"on_sale":)") + (dice.percent(20) ? "true" : "false");
  out += R"(,"tags":["a","b"],"created_at":")" + format_rfc3339(at.created) + R"(","updated_at":")" +
         format_rfc3339(at.updated) + R"(","deleted":)" + (at.deleted ? "true" : "false") + "}";
}

void item_book::touch(item& changed, timestamp now) {
  changed.updated = std::max(whole_millis(now), changed.updated + std::chrono::milliseconds(1));
}

std::size_t item_book::choose() {
  constexpr int most_tries = 100;
  for (int tries = 0; tries < most_tries && !items_.empty(); ++tries) {
    const auto place = draws(mix({key_, salt_of_change, ++thrown_})).below(items_.size());
    if (!items_[place].deleted)
      return place;
  }
  return items_.size();
}

void item_book::add(timestamp now) {
  if (items_.size() >= 2 * most_items)
    return;
  item made;
  made.created = made.updated = whole_millis(now);
  made.price = draw_price(mix({key_, salt_of_price, items_.size()}));
  items_.push_back(made);
}

bool item_book::reprice(timestamp now) {
  const auto place = choose();
  if (place == items_.size())
    return false;
  items_[place].price += 1 + static_cast<std::int64_t>(mix({key_, thrown_}) % 100);
  touch(items_[place], now);
  return true;
}

bool item_book::remove(timestamp now) {
  const auto place = choose();
  if (place == items_.size())
    return false;
  items_[place].deleted = true;
  touch(items_[place], now);
  return true;
}

void item_book::catch_up(timestamp until) {
  if (change_every_ <= duration::zero())
    return;
  for (auto due = start_ + change_every_ * static_cast<duration::rep>(happened_ + 1); due <= until;
       due += change_every_) {
    const auto turn = mix({key_, salt_of_change, ++happened_}) % 10;
    if (turn < 5)
      add(due);
    else if (turn < 9)
      static_cast<void>(reprice(due));
    else
      static_cast<void>(remove(due));
  }
}

item_book::totals item_book::sum() const {
  totals all;
  for (const auto& each : items_)
    if (each.deleted) {
      ++all.deleted;
    } else {
      ++all.rows;
      all.price += each.price;
    }
  return all;
}

} // namespace penstock::sandbox::http_json
