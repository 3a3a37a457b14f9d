#include "connectors/http_json/cursor.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "connectors/args_reader.hpp"
#include "core/rfc3339.hpp"

namespace penstock::connectors::http_json {

cursor valid_for(cursor stored, const std::string& identity) {
  if (!stored.of.empty() && stored.of != identity)
    stored.updated = no_time;
  stored.of = identity;
  return stored;
}

std::string to_text(const cursor& value) {
  boost::json::object text;
  if (value.updated != no_time)
    text["updated"] = format_rfc3339(value.updated);
  if (!value.of.empty())
    text["of"] = value.of;
  return boost::json::serialize(text);
}

result<cursor> parse_cursor(std::string_view text, const std::string& what) {
  cursor read;
  args_reader reader("cursor", text, {"updated", "of"});
  const auto written = reader.text("updated", "");
  read.of = reader.text("of", "");
  const auto moment = written.empty() ? result<timestamp>(no_time) : parse_rfc3339(written);
  if (!moment)
    reader.refuse("'updated' is not a time");
  if (reader.problem())
    return failure(error_code::bad_configuration,
                   what + ": the stored " + reader.problem()->message + "; reset the integration's cursor");
  read.updated = *moment;
  return read;
}

} // namespace penstock::connectors::http_json
