#include "config/problem.hpp"

#include "core/nearest_name.hpp"

namespace penstock::config {

std::string to_text(const problem& mistake) {
  std::string text = mistake.where.source;
  if (mistake.where.line > 0)
    text += ":" + std::to_string(mistake.where.line);
  if (!mistake.key.empty())
    text += (text.empty() ? "" : ": ") + mistake.key;
  return text + (text.empty() ? "" : ": ") + mistake.message;
}

std::string nearest_hint(std::string_view typed, const std::vector<std::string>& names) {
  const auto nearest = nearest_names(typed, names, 1);
  return nearest.empty() ? std::string{} : ", did you mean '" + nearest.front() + "'?";
}

} // namespace penstock::config
