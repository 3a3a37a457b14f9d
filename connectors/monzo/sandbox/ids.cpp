#include "connectors/monzo/sandbox/ids.hpp"

#include "sandbox/draw.hpp"

namespace penstock::sandbox::monzo {

namespace {

// In the order of ASCII, so that texts sort as their numbers do.
constexpr std::string_view digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::string_view account_prefix = "acc_0000", transaction_prefix = "tx_0000";
constexpr std::size_t place_width = 3, index_width = 6, account_seal = 8, transaction_seal = 6, drawn_width = 18;

void put(std::string& out, std::uint64_t number, std::size_t width) {
  const std::size_t start = out.size();
  out.append(width, '0');
  for (std::size_t i = width; i-- > 0; number /= digits.size())
    out[start + i] = digits[number % digits.size()];
}

std::optional<std::uint64_t> take(std::string_view& rest, std::size_t width) {
  std::uint64_t number = 0;
  if (rest.size() < width)
    return {};
  for (const char c : rest.substr(0, width)) {
    const auto digit = digits.find(c);
    if (digit == std::string_view::npos)
      return {};
    number = number * digits.size() + digit;
  }
  rest.remove_prefix(width);
  return number;
}

void put_place(std::string& out, const account_place& account) {
  put(out, account.user, place_width);
  put(out, account.number, place_width);
}

} // namespace

std::string account_id(const account_place& account, std::uint64_t seed) {
  std::string out(account_prefix);
  put_place(out, account);
  put(out, mix({seed, account.user, account.number}), account_seal);
  return out;
}

std::optional<account_place> parse_account_id(std::string_view id, std::uint64_t seed) {
  if (!id.starts_with(account_prefix))
    return {};
  auto rest = id.substr(account_prefix.size());
  const auto user = take(rest, place_width), number = take(rest, place_width);
  if (!user || !number)
    return {};
  const account_place place{static_cast<std::uint32_t>(*user), static_cast<std::uint32_t>(*number)};
  return account_id(place, seed) == id ? std::optional(place) : std::nullopt;
}

std::string transaction_id(const transaction_place& transaction, std::uint64_t seed) {
  std::string out(transaction_prefix);
  put(out, transaction.index, index_width);
  put_place(out, transaction.account);
  put(out, mix(mix(seed ^ transaction.index) + transaction.account.number), transaction_seal);
  return out;
}

std::optional<transaction_place> parse_transaction_id(std::string_view id, std::uint64_t seed) {
  if (!id.starts_with(transaction_prefix))
    return {};
  auto rest = id.substr(transaction_prefix.size());
  const auto index = take(rest, index_width), user = take(rest, place_width), number = take(rest, place_width);
  if (!index || !user || !number)
    return {};
  const transaction_place place{{static_cast<std::uint32_t>(*user), static_cast<std::uint32_t>(*number)}, *index};
  return transaction_id(place, seed) == id ? std::optional(place) : std::nullopt;
}

void append_drawn_id(std::string& out, std::string_view prefix, std::uint64_t key) {
  out.append(prefix).append("0000");
  // Eighteen digits of base 62 are more than 64 bits.
  constexpr std::size_t half = drawn_width / 2;
  put(out, mix(key), half);
  put(out, mix(~key), half);
}

std::string drawn_id(std::string_view prefix, std::uint64_t key) {
  std::string out;
  append_drawn_id(out, prefix, key);
  return out;
}

} // namespace penstock::sandbox::monzo
