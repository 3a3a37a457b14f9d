#include "connectors/json_body.hpp"

namespace penstock::connectors {
namespace {

/// Parsers with more capacity than this are not kept: their memory is several times the largest body seen.
constexpr std::size_t kept_capacity = 1024 * 1024;

simdjson::dom::parser& parser_of_this_thread() {
  thread_local simdjson::dom::parser parser;
  if (parser.capacity() > kept_capacity)
    parser = simdjson::dom::parser();
  return parser;
}

bool is_pointer(std::string_view key) { return key.empty() || key.front() == '/'; }

} // namespace

void make_room_for_padding(std::string& body) {
  const auto needed = body.size() + simdjson::SIMDJSON_PADDING;
  if (body.capacity() < needed)
    body.reserve(needed);
}

result<simdjson::dom::element> read_json(std::string& body, std::string_view what) {
  make_room_for_padding(body);
  simdjson::dom::element parsed;
  const auto problem = parser_of_this_thread().parse(body.data(), body.size(), false).get(parsed);
  if (problem)
    return failure(error_code::truncated_body,
                   std::string(what) + ": the body is not complete JSON (" + simdjson::error_message(problem) + ")");
  return parsed;
}

result<simdjson::dom::array> read_json_list(std::string& body, std::string_view key, std::string_view what) {
  const auto parsed = read_json(body, what);
  if (!parsed)
    return failure(parsed.error());
  simdjson::dom::array list;
  if (!is_pointer(key)) {
    if (parsed->at_key(key).get(list))
      return failure(error_code::unexpected_shape,
                     std::string(what) + ": the body has no list '" + std::string(key) + "' at its top");
  } else if (parsed->at_pointer(key).get(list)) {
    return failure(error_code::unexpected_shape,
                   std::string(what) +
                     (key.empty() ? ": the body is no list" : ": there is no list at " + std::string(key)));
  }
  return list;
}

} // namespace penstock::connectors
