#include "connectors/http_json/service.hpp"

#include <algorithm>
#include <utility>

#include "connectors/args_reader.hpp"
#include "connectors/http_json/cursor.hpp"

namespace penstock::connectors::http_json {
namespace {

std::vector<std::string> names_of(const description& of) {
  std::vector<std::string> all;
  const auto take = [&all](const std::string& text) {
    const auto names = names_in(text);
    for (const auto& name : names ? *names : std::vector<std::string>{})
      if (std::find(all.begin(), all.end(), name) == all.end())
        all.push_back(name);
  };
  take(of.list_path);
  for (const auto& [name, value] : of.query)
    take(value);
  for (const auto& [name, value] : of.headers)
    take(value);
  return all;
}

/// What could lead to another place of the API than the description means.
bool is_fit(const std::string& value) {
  constexpr std::size_t longest = 500;
  return !value.empty() && value.size() <= longest && value != "." && value != ".." &&
         std::none_of(value.begin(), value.end(),
                      [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 127; });
}

/// As if everything up to there were stored: the next run asks for what was changed since.
result<std::string> cursor_from(const description& of, std::string_view stream, timestamp from) {
  if (stream != stream_name)
    return failure(error_code::invalid_argument, of.name + " has one stream, 'items'");
  if (!of.is_incremental())
    return failure(error_code::invalid_argument, of.name + " reads its whole list each time: leave out the moment");
  return to_text(cursor{from + of.overlap});
}

} // namespace

result<fillings> read_config(const description& of, std::string_view config) {
  const auto names = names_of(of);
  args_reader reader("config of a " + of.name + " integration", config, names);
  fillings with;
  for (const auto& name : names) {
    auto value = reader.id_text(name);
    if (!is_fit(value))
      reader.refuse("'" + name +
                    "' must be a text of 1 to 500 characters, without control characters, and not '.' or '..'");
    with.emplace(name, std::move(value));
  }
  if (reader.problem())
    return failure(*reader.problem());
  return with;
}

service make_service(const description& of) {
  service offered;
  offered.name = of.name;
  offered.title = of.title;
  (of.auth == auth_kind::client_credentials ? offered.client_grant : offered.oauth) = of.oauth;
  const bool has_own =
    of.auth != auth_kind::none && of.auth != auth_kind::oauth2 && of.auth != auth_kind::client_credentials;
  if (has_own && of.token.empty())
    offered.token = own_token::needed;
  offered.default_frequency = of.frequency;
  offered.validate = [of](std::string_view config) -> result<void> {
    if (auto read = read_config(of, config); !read)
      return failure(std::move(read.error()));
    return {};
  };
  offered.first_jobs = [kind = of.pull_kind()](const integration&) -> result<std::vector<job_request>> {
    job_request first;
    first.kind = kind;
    first.stream = stream_name;
    return std::vector<job_request>{std::move(first)};
  };
  offered.cursor_from = [of](std::string_view stream, timestamp from) { return cursor_from(of, stream, from); };
  return offered;
}

} // namespace penstock::connectors::http_json
