#include "connectors/monzo/transaction_cursor.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "connectors/args_reader.hpp"
#include "core/rfc3339.hpp"

namespace penstock::connectors::monzo {

std::string to_text(const transaction_cursor& cursor) {
  boost::json::object text{{"last_id", cursor.last_id}, {"last_created", format_rfc3339(cursor.last_created)}};
  if (cursor.history)
    text["history"] = true;
  if (cursor.seen_whole != no_time)
    text["seen_whole"] = format_rfc3339(cursor.seen_whole);
  return boost::json::serialize(text);
}

result<transaction_cursor> parse_cursor(std::string_view text) {
  transaction_cursor cursor;
  if (text.empty())
    return cursor;
  args_reader reader("cursor", text, {"last_id", "last_created", "history", "seen_whole"});
  cursor.last_id = reader.text("last_id", "");
  cursor.history = reader.boolean("history", false);
  const auto created = parse_rfc3339(reader.text("last_created"));
  if (!created)
    reader.refuse("'last_created' is not a time");
  const auto seen_whole_text = reader.text("seen_whole", "");
  const auto seen_whole = seen_whole_text.empty() ? no_time : parse_rfc3339(seen_whole_text);
  if (!seen_whole)
    reader.refuse("'seen_whole' is not a time");
  if (reader.problem())
    return failure(error_code::bad_configuration, "Monzo's transactions: the stored " + reader.problem()->message +
                                                    "; reset the integration's cursor");
  cursor.last_created = *created;
  cursor.seen_whole = *seen_whole;
  return cursor;
}

} // namespace penstock::connectors::monzo
