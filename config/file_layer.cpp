#include "config/file_layer.hpp"

#include <algorithm>
#include <vector>

#include "config/planned_keys.hpp"

namespace penstock::config {
namespace {

using kind = toml_value::kind;

std::string join(const std::string& path, const std::string& name) { return path.empty() ? name : path + "." + name; }

class file_walk {
public:
  file_walk(assembly& into, const std::string& file) : into_(into), file_(file) {}

  /// `path` holds sections, but is none itself; "" is the whole file.
  void sections_below(const std::string& path, const toml_value& table) {
    for (const auto& [name, value] : table.members) {
      const auto below = join(path, name);
      const auto* declaration = into_.names().section_at(below);
      if (declaration == nullptr && !into_.names().has_sections_below(below))
        unknown(below, value, value.what == kind::table ? "unknown section" : "unknown key",
                nearest_hint(name, into_.names().names_below(path)));
      else if (declaration != nullptr && is_pattern(*declaration) && !fits_pattern(*declaration, name))
        complain(below, value, std::string(name_rule(*declaration)));
      else if (value.what != kind::table)
        complain(below, value, "is a section: write [" + below + "] and its keys below");
      else if (declaration == nullptr)
        sections_below(below, value);
      else
        keys_of(below, *declaration, value);
    }
  }

private:
  void keys_of(const std::string& path, const section_declaration& declaration, const toml_value& table) {
    if (is_pattern(declaration)) {
      warn_of_likely_typo(path);
      into_.found(path, {file_, table.line});
    }
    into_.open(path);
    keys_below(path, declaration, "", table);
  }

  /// A table that people named, below a section that has such.
  void named_table(const std::string& path, const section_declaration& pattern, const std::string& name,
                   const toml_value& table) {
    if (fits_pattern(pattern, name))
      keys_of(path, pattern, table);
    else
      complain(path, table, std::string(name_rule(pattern)));
  }

  /// `prefix` is a sub-table of the section: "sync" where "sync.delay" is declared.
  void keys_below(const std::string& path, const section_declaration& declaration, const std::string& prefix,
                  const toml_value& table) {
    for (const auto& [name, value] : table.members) {
      const auto key = join(prefix, name);
      const auto* declared = schema::find_setting(declaration, key);
      const bool leads_on = std::any_of(declaration.settings.begin(), declaration.settings.end(),
                                        [&key](const setting& each) { return each.key.starts_with(key + "."); });
      const auto* tables = prefix.empty() ? into_.names().pattern_below(path) : nullptr;
      if (declared != nullptr)
        into_.take(path, *declared, value_from_toml(*declared, value), {file_, value.line}, path + "." + key);
      else if (leads_on && value.what == kind::table)
        keys_below(path, declaration, key, value);
      else if (tables != nullptr && value.what == kind::table)
        named_table(path + "." + key, *tables, name, value);
      else
        unknown(path + "." + key, value, "unknown key", nearest_key(declaration, key));
    }
  }

  static std::string nearest_key(const section_declaration& declaration, const std::string& key) {
    std::vector<std::string> keys;
    for (const auto& each : declaration.settings)
      keys.push_back(each.key);
    return nearest_hint(key, keys);
  }

  /// Any name makes a queue, so a mistyped one is legal: say it without refusing it.
  void warn_of_likely_typo(const std::string& path) {
    const auto dot = path.rfind('.');
    const auto meant = nearest_hint(path.substr(dot + 1), into_.names().names_below(path.substr(0, dot)));
    if (!meant.empty())
      into_.hint(file_ + ": [" + path + "] is a name of its own" + meant);
  }

  void unknown(const std::string& path, const toml_value& value, const std::string& what, const std::string& hint) {
    if (is_planned(path))
      complain(path, value, std::string(not_in_this_version));
    else
      complain(path, value, what + hint);
  }

  void complain(const std::string& path, const toml_value& value, std::string message) {
    into_.complain({file_, value.line}, path, std::move(message));
  }

  assembly& into_;
  const std::string& file_;
};

} // namespace

void apply_file(assembly& into, const toml_value& root, const std::string& file) {
  file_walk(into, file).sections_below("", root);
}

} // namespace penstock::config
