#include "config/assembly.hpp"

#include <algorithm>
#include <utility>

namespace penstock::config {

assembly::assembly(const schema& names) : names_(names) {
  for (const auto& each : names.sections())
    if (!is_pattern(each))
      open(each.path);
}

void assembly::open(const std::string& section_path) {
  const auto [found, added] = sections_.try_emplace(section_path);
  if (added)
    for (const auto& each : names_.section_at(section_path)->settings)
      found->second.put(each.key, default_value(each), false);
}

void assembly::take(const std::string& section_path, const setting& declared, const checked_value& value, origin from,
                    std::string shown_key) {
  if (!value) {
    complain(std::move(from), std::move(shown_key), value.error());
    return;
  }
  open(section_path);
  sections_.find(section_path)->second.put(declared.key, *value, true);
  origins_[section_path + "." + declared.key] = std::move(from);
}

void assembly::complain(origin where, std::string key, std::string message) {
  problems_.push_back({std::move(where), std::move(key), std::move(message)});
}

origin assembly::origin_of(std::string_view key_path) const {
  auto found = origins_.find(key_path);
  if (found == origins_.end())
    found = origins_.find(key_path.substr(0, key_path.rfind('.')));
  return found == origins_.end() ? origin{} : found->second;
}

std::vector<problem> assembly::problems() const {
  // The parser gives tables sorted by key; people read their file from top to bottom. Layers keep their order.
  auto sorted = problems_;
  std::vector<std::string> sources;
  for (const auto& each : sorted)
    if (std::find(sources.begin(), sources.end(), each.where.source) == sources.end())
      sources.push_back(each.where.source);
  const auto rank = [&sources](const problem& each) {
    return std::pair(std::find(sources.begin(), sources.end(), each.where.source) - sources.begin(), each.where.line);
  };
  std::stable_sort(sorted.begin(), sorted.end(),
                   [&rank](const problem& a, const problem& b) { return rank(a) < rank(b); });
  return sorted;
}

} // namespace penstock::config
