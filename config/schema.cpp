#include "config/schema.hpp"

#include <algorithm>
#include <utility>

namespace penstock::config {
namespace {

std::string_view parent_of(std::string_view path) {
  const auto dot = path.rfind('.');
  return dot == std::string_view::npos ? std::string_view{} : path.substr(0, dot);
}

} // namespace

schema::schema(std::vector<section_declaration> declarations) : sections_(std::move(declarations)) {
  for (auto& each : sections_) {
    each.settings = all_settings(each);
    each.enabled_default.reset();
  }
}

const section_declaration* schema::section_at(std::string_view path) const noexcept {
  const section_declaration* pattern = nullptr;
  for (const auto& each : sections_) {
    if (each.path == path)
      return &each;
    if (is_pattern(each) && path.find('.') != std::string_view::npos && parent_of(path) == parent_of(each.path))
      pattern = &each;
  }
  return pattern;
}

const setting* schema::find_setting(const section_declaration& of, std::string_view key) noexcept {
  const auto found =
    std::find_if(of.settings.begin(), of.settings.end(), [key](const setting& each) { return each.key == key; });
  return found == of.settings.end() ? nullptr : &*found;
}

std::optional<schema::place> schema::find_key(std::string_view key_path) const {
  for (auto dot = key_path.find('.'); dot != std::string_view::npos; dot = key_path.find('.', dot + 1))
    if (const auto* at = section_at(key_path.substr(0, dot)))
      if (const auto* declared = find_setting(*at, key_path.substr(dot + 1)))
        return place{std::string(key_path.substr(0, dot)), declared};
  return std::nullopt;
}

const section_declaration* schema::pattern_below(std::string_view path) const noexcept {
  for (const auto& each : sections_)
    if (is_pattern(each) && parent_of(each.path) == path)
      return &each;
  return nullptr;
}

bool schema::has_sections_below(std::string_view path) const noexcept {
  return std::any_of(sections_.begin(), sections_.end(), [path](const section_declaration& each) {
    return path.empty() ||
           (each.path.size() > path.size() && each.path.starts_with(path) && each.path[path.size()] == '.');
  });
}

std::vector<std::string> schema::names_below(std::string_view path) const {
  std::vector<std::string> names;
  for (const auto& each : sections_) {
    std::string_view rest = each.path;
    if (!path.empty()) {
      if (!rest.starts_with(path) || rest.size() <= path.size() || rest[path.size()] != '.')
        continue;
      rest.remove_prefix(path.size() + 1);
    }
    const std::string name(rest.substr(0, rest.find('.')));
    if (name != "*" && std::find(names.begin(), names.end(), name) == names.end())
      names.push_back(name);
  }
  return names;
}

bool is_pattern(const section_declaration& declaration) noexcept { return declaration.path.ends_with(".*"); }

bool is_plain_name(std::string_view name) noexcept {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

bool is_identifier(std::string_view name) noexcept {
  constexpr std::size_t longest = 40;
  return is_plain_name(name) && name.size() <= longest && name.front() >= 'a' && name.front() <= 'z' &&
         name.find('-') == std::string_view::npos && name.find("__") == std::string_view::npos;
}

bool fits_pattern(const section_declaration& pattern, std::string_view name) noexcept {
  return pattern.identifiers ? is_identifier(name) : is_plain_name(name);
}

std::string_view name_rule(const section_declaration& pattern) noexcept {
  return pattern.identifiers ? "a name has 1 to 40 of a-z, 0-9 and single '_', a letter first"
                             : "a name has 1 to 64 of a-z, 0-9, '-' and '_'";
}

std::string environment_name(std::string_view section_path, std::string_view key) {
  std::string name = "PENSTOCK_";
  const auto append = [&name](std::string_view text) {
    for (const char c : text)
      if (c == '.')
        name += "__";
      else if (c == '-')
        name += '_';
      else
        name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  };
  append(section_path);
  name += "__";
  append(key);
  return name;
}

} // namespace penstock::config
