#include "storage/text_pattern.hpp"

namespace penstock::storage {
namespace {

void add_literal(std::string& pattern, char c) {
  if (c == '%' || c == '_' || c == '\\')
    pattern += '\\';
  pattern += c;
}

} // namespace

std::string pattern_containing(std::string_view part) {
  std::string pattern = "%";
  for (const char c : part)
    add_literal(pattern, c);
  return pattern + '%';
}

std::string pattern_of_glob(std::string_view glob) {
  std::string pattern;
  for (const char c : glob)
    if (c == '*')
      pattern += '%';
    else if (c == '?')
      pattern += '_';
    else
      add_literal(pattern, c);
  return pattern;
}

bool has_wildcard(std::string_view glob) noexcept { return glob.find_first_of("*?") != std::string_view::npos; }

} // namespace penstock::storage
