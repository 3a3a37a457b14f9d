#include "config/size_text.hpp"

#include <array>
#include <charconv>
#include <limits>

namespace penstock::config {
namespace {

struct unit {
  std::string_view name;
  std::int64_t bytes;
};

constexpr std::array units{unit{"TB", 1LL << 40}, unit{"GB", 1LL << 30}, unit{"MB", 1LL << 20}, unit{"KB", 1LL << 10},
                           unit{"B", 1}};

} // namespace

result<std::int64_t> parse_size(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view name = text.substr(static_cast<std::size_t>(end - text.data()));
  if (wrong == std::errc{} && count >= 0)
    for (const auto& each : units)
      if (each.name == name && count <= std::numeric_limits<std::int64_t>::max() / each.bytes)
        return count * each.bytes;
  return failure(error_code::invalid_argument,
                 "'" + std::string(text.substr(0, 40)) + "' is not a size (write it like 512B, 64KB, 16MB, 1GB)");
}

std::string format_size(std::int64_t bytes) {
  for (const auto& each : units)
    if (bytes >= each.bytes && bytes % each.bytes == 0)
      return std::to_string(bytes / each.bytes) + std::string(each.name);
  return "0B";
}

} // namespace penstock::config
