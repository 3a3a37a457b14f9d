#include "config/toml_value.hpp"

#include <algorithm>

#define TOML_EXCEPTIONS 0
// toml++ 3.3 asserts what a wrong file does not keep ("[^x]") and then tells the mistake all the same: without it, a debug
// build ends the program where a release names the line.
#define TOML_ASSERT(expression) static_assert(true)
#include <toml++/toml.h>

namespace penstock::config {
namespace {

toml_value convert(const toml::node& node, int line) {
  toml_value out;
  out.line = line;
  if (const auto* text = node.as_string()) {
    out.what = toml_value::kind::text;
    out.text = text->get();
  } else if (const auto* integer = node.as_integer()) {
    out.what = toml_value::kind::integer;
    out.integer = integer->get();
  } else if (node.is_floating_point()) {
    out.what = toml_value::kind::real;
  } else if (const auto* boolean = node.as_boolean()) {
    out.what = toml_value::kind::boolean;
    out.boolean = boolean->get();
  } else if (const auto* list = node.as_array()) {
    out.what = toml_value::kind::list;
    for (const auto& item : *list)
      out.items.push_back(convert(item, line));
  } else if (const auto* table = node.as_table()) {
    out.what = toml_value::kind::table;
    for (const auto& [key, member] : *table) {
      const auto at = key.source().begin ? key.source().begin.line : member.source().begin.line;
      out.members.emplace_back(std::string(key.str()), convert(member, static_cast<int>(at)));
    }
  } else {
    out.what = toml_value::kind::moment;
  }
  return out;
}

/// Each dot of a key makes a table in a table, and the parser recurses into them without a limit: a line of a hundred
/// thousand dots would end the process. The first line with too many outside quotes and comments; 0: none.
int line_with_too_many_dots(std::string_view text) {
  constexpr int most_dots = 32;
  int line = 1, dots = 0;
  char quote = 0;
  bool comment = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') {
      ++line;
      dots = 0;
      quote = 0;
      comment = false;
    } else if (comment) {
      continue;
    } else if (quote != 0) {
      if (c == '\\' && quote == '"' && i + 1 < text.size() && text[i + 1] != '\n')
        ++i;
      else if (c == quote)
        quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '#') {
      comment = true;
    } else if (c == '.' && ++dots > most_dots) {
      return line;
    }
  }
  return 0;
}

} // namespace

std::string_view describe(toml_value::kind what) noexcept {
  switch (what) {
    case toml_value::kind::text: return "text";
    case toml_value::kind::integer: return "a whole number";
    case toml_value::kind::real: return "a fraction";
    case toml_value::kind::boolean: return "true or false";
    case toml_value::kind::moment: return "a date or time";
    case toml_value::kind::list: return "a list";
    case toml_value::kind::table: break;
  }
  return "a section";
}

tl::expected<toml_value, problem> parse_toml(std::string_view text, std::string name) {
  if (const int line = line_with_too_many_dots(text); line != 0)
    return tl::unexpected<problem>(problem{{std::move(name), line}, "", "not a configuration: a key of so many parts"});
  const auto parsed = toml::parse(text, std::string_view(name));
  if (parsed)
    return convert(parsed.table(), 1);
  std::string message(parsed.error().description());
  std::replace(message.begin(), message.end(), '\n', ' ');
  return tl::unexpected<problem>(
    problem{{std::move(name), static_cast<int>(parsed.error().source().begin.line)}, "", "not valid TOML: " + message});
}

} // namespace penstock::config
