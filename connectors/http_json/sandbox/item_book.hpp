#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/stand_in.hpp"

namespace penstock::sandbox::http_json {

/// One thing on a shop's list. What is not here is drawn from its place.
struct item {
  timestamp created = no_time;
  timestamp updated = no_time;
  std::int64_t price = 0; ///< in minor units
  bool deleted = false;   ///< it stays on the list, marked
};

/// The list of one shop, in the order in which things came. For one thread.
class item_book {
public:
  /// History reaches up to `start`. Its length is `transactions`, at most `most_items`.
  item_book(std::string_view shop, const data_settings& data, timestamp start);

  static constexpr std::uint64_t most_items = 100'000;

  [[nodiscard]] const std::vector<item>& items() const noexcept { return items_; }
  /// Text of an item as the API gives it.
  void append_json(std::string& out, std::size_t place) const;
  [[nodiscard]] std::string id_at(std::size_t place) const;

  /// Makes happen what is due up to this moment.
  void catch_up(timestamp until);
  /// One change now; `reprice` and `remove` take one that is there, and do nothing where there is none.
  void add(timestamp now);
  bool reprice(timestamp now);
  bool remove(timestamp now);

  struct totals {
    std::uint64_t rows = 0, deleted = 0;
    std::int64_t price = 0; ///< of what is not deleted
  };
  [[nodiscard]] totals sum() const;
  [[nodiscard]] std::uint64_t changes() const noexcept { return happened_; }

private:
  /// A place that is there still, chosen by the dice; size() if there is none.
  [[nodiscard]] std::size_t choose();
  void touch(item& changed, timestamp now);

  std::uint64_t key_;
  timestamp start_;
  duration change_every_;
  std::vector<item> items_;
  std::uint64_t happened_ = 0; ///< of the changes that come with time
  std::uint64_t thrown_ = 0;
};

} // namespace penstock::sandbox::http_json
