#include "connectors/http_json/args.hpp"

#include <limits>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "connectors/args_reader.hpp"

namespace penstock::connectors::http_json {
namespace {

constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

} // namespace

std::string to_text(const pull_args& args) {
  boost::json::object text{{"page", args.page}, {"asked", args.at.pages}, {"number", args.at.number}};
  put_if_any(text, "token", args.at.token);
  put_if_any(text, "since", args.at.since);
  put_if_any(text, "newest", args.at.newest);
  put_if_any(text, "begun", args.at.begun);
  put_if_any(text, "behind", args.at.behind);
  if (args.at.steps_back > 0)
    text["back"] = args.at.steps_back;
  if (args.at.all_steps > 0)
    text["backs"] = args.at.all_steps;
  if (args.at.missed)
    text["missed"] = true;
  put_if_any(text, "former", args.at.former);
  put_if_any(text, "mark", args.at.mark);
  put_if_any(text, "of", args.of);
  return boost::json::serialize(text);
}

std::string to_text(const data_args& args) {
  boost::json::object text{{"page", args.page}, {"cursor", args.cursor}};
  if (args.known)
    text["known"] = true;
  if (args.skip_first)
    text["skip_first"] = true;
  return boost::json::serialize(text);
}

result<pull_args> parse_pull_args(const std::string& owner, std::string_view text) {
  args_reader reader(owner, text,
                     {"page", "asked", "number", "token", "since", "newest", "begun", "behind", "back", "backs",
                      "missed", "former", "mark", "of"});
  pull_args args;
  args.begun = reader.has("asked");
  args.page = reader.integer("page", 1, most, 1);
  args.at.pages = reader.integer("asked", 0, most, 0);
  args.at.number = reader.integer("number", 0, most, 0);
  args.at.token = reader.text("token", "");
  args.at.since = reader.time("since");
  args.at.newest = reader.time("newest");
  args.at.begun = reader.time("begun");
  args.at.behind = reader.text("behind", "");
  args.at.steps_back = reader.integer("back", 0, most, 0);
  args.at.all_steps = reader.integer("backs", 0, most, 0);
  args.at.missed = reader.has("missed");
  args.at.former = reader.text("former", "");
  args.at.mark = reader.text("mark", "");
  args.of = reader.text("of", "");
  if (reader.problem())
    return failure(*reader.problem());
  return args;
}

result<data_args> parse_data_args(const std::string& owner, std::string_view text) {
  args_reader reader(owner, text, {"page", "cursor", "known", "skip_first"});
  data_args args;
  args.page = reader.integer("page", 1, most);
  args.cursor = reader.text("cursor");
  args.known = reader.has("known");
  args.skip_first = reader.has("skip_first");
  if (reader.problem())
    return failure(*reader.problem());
  return args;
}

} // namespace penstock::connectors::http_json
