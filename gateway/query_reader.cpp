#include "gateway/query_reader.hpp"

#include <algorithm>
#include <charconv>

#include "core/nearest_name.hpp"
#include "core/quotable.hpp"
#include "core/rfc3339.hpp"

namespace penstock::gateway {

query_reader::query_reader(const net::http_server_request& request) : parameters_(request.query_values()) {}

std::string query_reader::text(std::string_view name) {
  known_.emplace_back(name);
  return std::string(net::find_parameter(parameters_, name).value_or(""));
}

std::optional<std::int64_t> query_reader::integer(std::string_view name, std::int64_t least, std::int64_t most) {
  const auto value = text(name);
  if (value.empty())
    return std::nullopt;
  std::int64_t number = 0;
  const auto [end, problem] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (problem != std::errc{} || end != value.data() + value.size() || number < least || number > most) {
    refuse(std::string(name) + " is a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    return std::nullopt;
  }
  return number;
}

timestamp query_reader::time(std::string_view name) {
  auto value = text(name);
  if (value.empty())
    return no_time;
  // In a query an unencoded '+' of an offset is a blank.
  std::replace(value.begin(), value.end(), ' ', '+');
  const auto parsed = parse_rfc3339(value);
  if (!parsed)
    refuse(std::string(name) + ": " + parsed.error().message);
  return parsed.value_or(no_time);
}

bool query_reader::flag(std::string_view name) {
  const auto value = text(name);
  if (!value.empty() && value != "1" && value != "true" && value != "0" && value != "false")
    refuse(std::string(name) + " is 1 or 0");
  return value == "1" || value == "true";
}

storage::page_request query_reader::page() {
  storage::page_request page;
  page.limit = integer("limit", 1, 200).value_or(50);
  page.cursor = text("cursor");
  return page;
}

void query_reader::refuse(std::string what) {
  if (!problem_)
    problem_ = error{error_code::invalid_argument, std::move(what)};
}

std::optional<error> query_reader::problem() {
  for (const auto& [name, value] : parameters_)
    if (std::find(known_.begin(), known_.end(), name) == known_.end())
      // Before all else: a mistyped name is why another one is missing.
      return error{error_code::invalid_argument,
                   "there is no parameter '" + quotable(name, 40) + "' here" + did_you_mean_or_all(name, known_)};
  return problem_;
}

} // namespace penstock::gateway
