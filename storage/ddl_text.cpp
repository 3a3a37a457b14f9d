#include "storage/ddl_text.hpp"

namespace penstock::storage {

void replace_calls(std::string& text, std::string_view opening,
                   const std::function<std::string(const std::string&)>& expression) {
  for (auto at = text.find(opening); at != std::string::npos; at = text.find(opening, at)) {
    const auto end = text.find('}', at);
    if (end == std::string::npos)
      return;
    const auto column = text.substr(at + opening.size(), end - at - opening.size());
    text.replace(at, end + 1 - at, expression(column));
  }
}

void replace_all(std::string& text, std::string_view what, std::string_view by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
}

} // namespace penstock::storage
