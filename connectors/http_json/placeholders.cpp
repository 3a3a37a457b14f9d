#include "connectors/http_json/placeholders.hpp"

#include <algorithm>

namespace penstock::connectors::http_json {
namespace {

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 40 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

} // namespace

result<std::vector<std::string>> names_in(std::string_view text) {
  std::vector<std::string> names;
  for (auto at = text.find_first_of("{}"); at != std::string_view::npos; at = text.find_first_of("{}", at)) {
    const auto end = text.find('}', at);
    const auto name = end == std::string_view::npos ? std::string_view{} : text.substr(at + 1, end - at - 1);
    if (text[at] == '}' || !is_name(name))
      return failure(error_code::invalid_argument,
                     "braces hold the name of what each integration fills in, of a-z, 0-9 and '_': {account_id}");
    if (std::find(names.begin(), names.end(), name) == names.end())
      names.emplace_back(name);
    at = end + 1;
  }
  return names;
}

std::string filled(std::string_view text, const fillings& with,
                   const std::function<std::string(std::string_view)>& encode) {
  std::string out;
  for (auto open = text.find('{'); open != std::string_view::npos; open = text.find('{')) {
    const auto close = text.find('}', open);
    if (close == std::string_view::npos)
      break;
    out += text.substr(0, open);
    if (const auto found = with.find(text.substr(open + 1, close - open - 1)); found != with.end())
      out += encode(found->second);
    text.remove_prefix(close + 1);
  }
  return out.append(text);
}

} // namespace penstock::connectors::http_json
