#include "core/nearest_name.hpp"

#include <algorithm>

namespace penstock {
namespace {

/// Longer texts are cut: the distance costs the product of both lengths.
constexpr std::size_t compared_length = 64;

std::string folded(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, compared_length)) {
    if (c == ' ' || c == '_' || c == '-')
      continue;
    out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

/// Edits (insert, delete, replace) between two texts, by the usual table of one row.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j)
    row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row.back();
}

} // namespace

std::vector<std::string> nearest_names(std::string_view text, const std::vector<std::string>& candidates,
                                       std::size_t limit) {
  struct scored {
    std::size_t edits;
    const std::string* name;
  };
  const std::string wanted = folded(text);
  std::vector<scored> close;
  for (const auto& name : candidates) {
    std::size_t edits = distance(wanted, folded(name));
    if (const auto slash = name.rfind('/'); slash != std::string::npos)
      edits = std::min(edits, distance(wanted, folded(std::string_view{name}.substr(slash + 1))));
    // More than a third wrong is another word.
    if (!wanted.empty() && edits * 3 <= wanted.size())
      close.push_back({edits, &name});
  }
  std::stable_sort(close.begin(), close.end(), [](const scored& a, const scored& b) { return a.edits < b.edits; });
  std::vector<std::string> names;
  for (const auto& entry : close) {
    // Next to a name that is hardly wrong, far ones only distract.
    if (names.size() == limit || entry.edits > close.front().edits + 1)
      break;
    names.push_back(*entry.name);
  }
  return names;
}

std::string did_you_mean(std::string_view text, const std::vector<std::string>& candidates) {
  const auto names = nearest_names(text, candidates);
  if (names.empty())
    return {};
  std::string out = " (did you mean ";
  for (std::size_t i = 0; i < names.size(); ++i)
    out += (i == 0 ? "'" : ", '") + names[i] + "'";
  return out + "?)";
}

std::string did_you_mean_or_all(std::string_view text, const std::vector<std::string>& candidates) {
  auto out = did_you_mean(text, candidates);
  if (!out.empty())
    return out;
  for (const auto& each : candidates)
    out += (out.empty() ? ": it takes " : ", ") + each;
  return out;
}

} // namespace penstock
