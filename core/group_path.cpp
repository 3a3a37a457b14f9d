#include "core/group_path.hpp"

#include <algorithm>

namespace penstock {

std::string_view group_path::prefix(std::string_view key, std::size_t depth) noexcept {
  std::size_t end = 0;
  for (; depth > 0 && end != std::string_view::npos; --depth)
    end = key.find('/', end == 0 ? 0 : end + 1);
  return key.substr(0, end);
}

std::size_t group_path::depth_of(std::string_view key) noexcept {
  return key.empty() ? 0 : 1 + static_cast<std::size_t>(std::count(key.begin(), key.end(), '/'));
}

result<void> group_path::check(std::string_view key) {
  if (key.empty())
    return {};
  if (key.size() > longest)
    return failure(error_code::invalid_argument, "a group key has at most 255 bytes");
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 127; };
  if (std::any_of(key.begin(), key.end(), is_control))
    return failure(error_code::invalid_argument, "a group key holds a control character: leave it out");
  if (key.front() == '/' || key.back() == '/' || key.find("//") != std::string_view::npos)
    return failure(error_code::invalid_argument,
                   "a group key is a path such as organisation/credential/stream, without empty parts");
  return {};
}

} // namespace penstock
