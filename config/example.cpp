#include "config/example.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "config/schema.hpp"
#include "config/setting_value.hpp"
#include "config/size_text.hpp"
#include "core/duration_text.hpp"

namespace penstock::config {
namespace {

constexpr std::string_view head =
  "# Settings of Penstock, each with its default. Generated from the program's declarations: see config/README.md.\n"
  "# A line that starts with '#' and a name is a setting: remove the '#' to change it.\n"
  "# Durations are written 30s, 5m, 7d, sizes 64KB, 16MB, 1GB. The environment (PENSTOCK_HTTP__LISTEN for "
  "http.listen)\n"
  "# and the command line override this file.\n";

/// A TOML basic string.
std::string toml_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      out += '\\';
    out += c;
  }
  return out + '"';
}

/// For a key without default: the smallest amount that is allowed.
std::string least_text(const setting& each) {
  const std::int64_t amount = each.least > 0 || each.most < 0 ? each.least : 0;
  if (each.type == setting_type::size)
    return format_size(amount);
  if (each.type == setting_type::duration)
    return each.least == each.most ? "1s" : format_duration(std::chrono::milliseconds(amount));
  return std::to_string(amount);
}

std::string list_text(const std::string& items) {
  const auto value = default_value({.key = "", .type = setting_type::list, .default_text = items});
  std::string out;
  for (const auto& item : std::get<std::vector<std::string>>(value))
    out += (out.empty() ? "" : ", ") + toml_string(item);
  return "[" + out + "]";
}

std::string shown_value(const setting& each) {
  const auto& text = each.default_text.empty() ? each.example : each.default_text;
  switch (each.type) {
    case setting_type::list: return list_text(text);
    case setting_type::boolean: return text.empty() ? "false" : text;
    case setting_type::integer: return text.empty() ? least_text(each) : text;
    case setting_type::duration:
    case setting_type::size: return toml_string(text.empty() ? least_text(each) : text);
    default: return toml_string(text.empty() && !each.choices.empty() ? each.choices.front() : text);
  }
}

/// "# Doc. Environment: MONZO_CLIENT_ID."
std::string doc_line(const setting& each) {
  std::string line = each.doc;
  if (!each.environment.empty())
    line += (line.empty() ? "" : " ") + ("Environment: " + each.environment + ".");
  return line.empty() ? line : "# " + line + "\n";
}

std::string_view parent_of(std::string_view path) { return path.substr(0, path.rfind('.')); }

/// Whether the section before, of the same family ("queues."), has just explained the same key.
bool repeats(const section_declaration& before, const section_declaration& section, const setting& each) {
  return parent_of(before.path) == parent_of(section.path) && before.path != section.path &&
         section.path.find('.') != std::string::npos &&
         std::any_of(before.settings.begin(), before.settings.end(), [&each](const setting& earlier) {
           return earlier.key == each.key && earlier.doc == each.doc && earlier.environment == each.environment;
         });
}

} // namespace

std::string render_example(const std::vector<section_declaration>& sections) {
  std::string out(head);
  const section_declaration* before = nullptr;
  for (const auto& section : sections) {
    out += '\n';
    if (!section.summary.empty())
      out += "# " + section.summary + "\n";
    // The header of a pattern would make a section of that name: it is commented out like a key.
    if (is_pattern(section))
      out += "#[" + section.path.substr(0, section.path.size() - 1) + "name]\n";
    else
      out += "[" + section.path + "]\n";
    for (const auto& each : all_settings(section))
      out += (before != nullptr && repeats(*before, section, each) ? "" : doc_line(each)) + "#" + each.key + " = " +
             shown_value(each) + "\n";
    before = &section;
  }
  return out;
}

} // namespace penstock::config
