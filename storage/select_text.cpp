#include "storage/select_text.hpp"

#include <algorithm>
#include <cctype>
#include <string>

namespace penstock::storage {

bool starts_as_query(std::string_view sql) {
  sql.remove_prefix(std::min(sql.find_first_not_of(" \t\r\n("), sql.size()));
  std::string word;
  for (const char c : sql.substr(0, sql.find_first_of(" \t\r\n(*")))
    word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return word == "select" || word == "with" || word == "values";
}

} // namespace penstock::storage
