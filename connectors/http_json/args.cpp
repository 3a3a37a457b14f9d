#include "connectors/http_json/args.hpp"

#include <limits>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "connectors/args_reader.hpp"
#include "core/rfc3339.hpp"

namespace penstock::connectors::http_json {
namespace {

constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

void put(boost::json::object& args, std::string_view key, const std::string& value) {
  if (!value.empty())
    args[key] = value;
}

void put(boost::json::object& args, std::string_view key, timestamp value) {
  if (value != no_time)
    args[key] = format_rfc3339(value);
}

timestamp time_of(args_reader& reader, std::string_view key) {
  const auto text = reader.text(key, "");
  if (text.empty())
    return no_time;
  const auto moment = parse_rfc3339(text);
  if (moment)
    return *moment;
  reader.refuse("'" + std::string(key) + "' must be a time such as 2024-01-31T00:00:00Z");
  return no_time;
}

} // namespace

std::string to_text(const pull_args& args) {
  boost::json::object text{{"page", args.page}, {"asked", args.at.pages}, {"number", args.at.number}};
  put(text, "token", args.at.token);
  put(text, "since", args.at.since);
  put(text, "newest", args.at.newest);
  put(text, "begun", args.at.begun);
  put(text, "former", args.at.former);
  put(text, "mark", args.at.mark);
  put(text, "of", args.of);
  return boost::json::serialize(text);
}

std::string to_text(const data_args& args) {
  return boost::json::serialize(boost::json::object{{"page", args.page}, {"cursor", args.cursor}});
}

result<pull_args> parse_pull_args(const std::string& owner, std::string_view text) {
  args_reader reader(owner, text,
                     {"page", "asked", "number", "token", "since", "newest", "begun", "former", "mark", "of"});
  pull_args args;
  args.begun = reader.has("asked");
  args.page = reader.integer("page", 1, most, 1);
  args.at.pages = reader.integer("asked", 0, most, 0);
  args.at.number = reader.integer("number", 0, most, 0);
  args.at.token = reader.text("token", "");
  args.at.since = time_of(reader, "since");
  args.at.newest = time_of(reader, "newest");
  args.at.begun = time_of(reader, "begun");
  args.at.former = reader.text("former", "");
  args.at.mark = reader.text("mark", "");
  args.of = reader.text("of", "");
  if (reader.problem())
    return failure(*reader.problem());
  return args;
}

result<data_args> parse_data_args(const std::string& owner, std::string_view text) {
  args_reader reader(owner, text, {"page", "cursor"});
  data_args args;
  args.page = reader.integer("page", 1, most);
  args.cursor = reader.text("cursor");
  if (reader.problem())
    return failure(*reader.problem());
  return args;
}

} // namespace penstock::connectors::http_json
