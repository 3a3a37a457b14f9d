#include "connectors/json_rows.hpp"

#include <utility>

#include "connectors/json_body.hpp"
#include "core/rfc3339.hpp"

namespace penstock::connectors {
namespace {

namespace ondemand = simdjson::ondemand;

bool is_null(ondemand::value& value) {
  ondemand::json_type type{};
  return !value.type().get(type) && type == ondemand::json_type::null;
}

/// A parser's view ends at the next token: blanks before it are not the object's.
std::string_view without_blanks_behind(std::string_view raw) {
  const auto end = raw.find_last_of('}');
  return end == std::string_view::npos ? raw : raw.substr(0, end + 1);
}

simdjson::simdjson_result<ondemand::array> find_list(ondemand::document& document, std::string_view key) {
  if (key.empty())
    return document.get_array();
  return key.front() == '/' ? document.at_pointer(key).get_array() : document.find_field_unordered(key).get_array();
}

error for_good(error problem) {
  problem.named_class = error_class::final;
  return problem;
}

} // namespace

result<void> read_objects(std::string& body, std::string_view key, std::string_view what, const object_reader& read,
                          const std::function<void(std::size_t, std::string)>& wrong) {
  // The walk below skips what nobody asks for without looking at it.
  if (const auto checked = read_json_list(body, key, what); !checked)
    return failure(for_good(checked.error()));

  const auto broken = [&] {
    return failure(error{error_code::unexpected_shape, std::string(what) + ": the page cannot be read"});
  };
  thread_local ondemand::parser parser;
  ondemand::document document;
  ondemand::array list;
  if (parser.iterate(body.data(), body.size(), body.capacity()).get(document) || find_list(document, key).get(list))
    return broken();
  std::size_t place = 0;
  for (auto element : list) {
    ++place;
    ondemand::value value;
    if (std::move(element).get(value))
      return broken();
    ondemand::object object;
    std::string_view raw;
    if (value.get_object().get(object)) {
      wrong(place, "not an object");
      continue;
    }
    bool rewound = false;
    if (object.raw_json().get(raw) || object.reset().get(rewound))
      return broken();
    if (auto problem = read(object, without_blanks_behind(raw)); !problem.empty())
      wrong(place, std::move(problem));
  }
  return {};
}

result<row_page> read_rows(std::string& body, std::string_view key, std::string_view what, std::string_view table,
                           std::string_view noun, const object_to_row& read) {
  row_page page;
  std::string id_of_wrong;
  const auto walked = read_objects(
    body, key, what,
    [&](ondemand::object& object, std::string_view raw) {
      synced_row row;
      auto problem = read(object, raw, row);
      if (problem.empty())
        page.rows.push_back(std::move(row));
      else
        id_of_wrong = std::move(row.source_id);
      return problem;
    },
    [&](std::size_t place, const std::string& message) {
      page.errors.push_back({std::string(table), std::exchange(id_of_wrong, {}),
                             std::string(noun) + " " + std::to_string(place) + ": " + message});
    });
  if (!walked)
    return failure(walked.error());
  return page;
}

void field_checks::complain(std::string what) {
  if (problem_.empty())
    problem_ = std::move(what);
}

void field_checks::text(std::string_view key, ondemand::value value, column_value& into) {
  if (is_null(value))
    return;
  std::string_view read;
  if (value.get_string().get(read))
    return complain("'" + std::string(key) + "' is not a string");
  into = std::string(read);
}

void field_checks::text_if_any(std::string_view key, ondemand::value value, column_value& into) {
  text(key, value, into);
  if (const auto* read = std::get_if<std::string>(&into); read && read->empty())
    into = std::monostate{};
}

void field_checks::integer(std::string_view key, ondemand::value value, column_value& into) {
  if (is_null(value))
    return;
  std::int64_t read = 0;
  if (value.get_int64().get(read))
    return complain("'" + std::string(key) + "' is not a whole number");
  into = read;
}

void field_checks::flag(std::string_view key, ondemand::value value, column_value& into) {
  if (is_null(value))
    return;
  bool read = false;
  if (value.get_bool().get(read))
    return complain("'" + std::string(key) + "' is neither true nor false");
  into = std::int64_t{read};
}

void field_checks::time(std::string_view key, ondemand::value value, column_value& into) {
  if (is_null(value))
    return;
  std::string_view read;
  if (value.get_string().get(read))
    return complain("'" + std::string(key) + "' is not a time");
  if (read.empty())
    return;
  const auto moment = parse_rfc3339(read);
  if (!moment)
    return complain("'" + std::string(key) + "' is not a time: RFC 3339 is expected");
  into = std::int64_t{moment->time_since_epoch().count()};
}

void field_checks::require(std::string_view key, const column_value& value) {
  const auto* text = std::get_if<std::string>(&value);
  if (std::holds_alternative<std::monostate>(value) || (text && text->empty()))
    complain("'" + std::string(key) + "' is missing");
}

} // namespace penstock::connectors
