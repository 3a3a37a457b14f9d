#include "sandbox/user_name.hpp"

#include <charconv>

namespace penstock::sandbox {

namespace {

constexpr std::string_view prefix = "user_";
/// Ids of accounts have room for so many.
constexpr std::uint32_t most_users = 200'000;

} // namespace

std::string user_name(std::uint32_t user) { return std::string(prefix) + std::to_string(user); }

std::optional<std::uint32_t> user_number(std::string_view text) {
  if (text.starts_with(prefix))
    text.remove_prefix(prefix.size());
  std::uint32_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc{} || end != text.data() + text.size() || number == 0 || number > most_users)
    return {};
  return number;
}

} // namespace penstock::sandbox
