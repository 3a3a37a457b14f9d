#include "connectors/http_json/cursor.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "connectors/args_reader.hpp"
#include "core/rfc3339.hpp"

namespace penstock::connectors::http_json {

std::string to_text(const cursor& value) {
  boost::json::object text;
  if (value.updated != no_time)
    text["updated"] = format_rfc3339(value.updated);
  return boost::json::serialize(text);
}

result<cursor> parse_cursor(std::string_view text, const std::string& what) {
  cursor read;
  args_reader reader("cursor", text, {"updated"});
  const auto written = reader.text("updated", "");
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
