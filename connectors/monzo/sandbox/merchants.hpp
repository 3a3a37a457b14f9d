#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::sandbox::monzo {

/// A shop, with the JSON that stands for it in transactions.
struct merchant {
  std::string_view statement_text; ///< the transaction's description: upper case, cut, with its place
  std::string_view category;
  std::string_view mcc;      ///< ISO 18245
  std::string_view currency; ///< what it charges in
  std::int64_t dearest = 0;  ///< largest usual amount, in minor units of its currency
  std::string id{};
  std::string json{}; ///< expanded
};

/// The shops of this world, the same for each seed. Those abroad stand last.
[[nodiscard]] const std::vector<merchant>& merchants();
/// How many of them charge in GBP.
[[nodiscard]] std::size_t home_merchants();

/// What a hundred minor units of a currency are worth, in pence. (The yen has no minor unit.)
[[nodiscard]] std::int64_t pence_per_hundred(std::string_view currency);

} // namespace penstock::sandbox::monzo
