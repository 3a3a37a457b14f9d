#include "connectors/monzo/transaction_args.hpp"

#include <limits>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "connectors/args_reader.hpp"

namespace penstock::connectors::monzo {
namespace {

constexpr std::int64_t most_pages = std::numeric_limits<std::int32_t>::max();

std::string account_of(args_reader& reader) {
  auto account = reader.text("account");
  if (account.empty())
    reader.refuse("'account' must be the id of an account");
  return account;
}

} // namespace

std::string to_text(const pull_args& args) {
  boost::json::object text{{"account", args.account}, {"page", args.page}};
  if (args.may_have_none)
    text["may_have_none"] = true;
  put_if_any(text, "opened", args.opened);
  put_if_any(text, "since", args.position.since);
  put_if_any(text, "reach", args.position.reach);
  put_if_any(text, "window_end", args.position.window_end);
  if (args.position.history)
    text["history"] = true;
  put_if_any(text, "last_id", args.position.last_id);
  put_if_any(text, "last_created", args.position.last_created);
  put_if_any(text, "gap", args.gap);
  return boost::json::serialize(text);
}

std::string to_text(const data_args& args) {
  boost::json::object text{{"account", args.account}, {"page", args.page}, {"cursor", args.cursor}};
  put_if_any(text, "gap", args.gap);
  return boost::json::serialize(text);
}

result<pull_args> parse_pull_args(const std::string& owner, std::string_view text) {
  args_reader reader(owner, text,
                     {"account", "may_have_none", "opened", "page", "since", "reach", "window_end", "history",
                      "last_id", "last_created", "gap"});
  pull_args args;
  args.account = account_of(reader);
  args.may_have_none = reader.boolean("may_have_none", false);
  args.opened = reader.time("opened");
  args.page = reader.integer("page", 1, most_pages, 1);
  args.position.since = reader.text("since", "");
  args.position.reach = reader.time("reach");
  args.position.window_end = reader.time("window_end");
  args.position.history = reader.boolean("history", false);
  args.position.last_id = reader.text("last_id", "");
  args.position.last_created = reader.time("last_created");
  args.gap = reader.text("gap", "");
  if (reader.problem())
    return failure(*reader.problem());
  return args;
}

result<data_args> parse_data_args(const std::string& owner, std::string_view text) {
  args_reader reader(owner, text, {"account", "page", "cursor", "gap"});
  data_args args;
  args.account = account_of(reader);
  args.page = reader.integer("page", 1, most_pages);
  args.cursor = reader.text("cursor");
  args.gap = reader.text("gap", "");
  if (reader.problem())
    return failure(*reader.problem());
  return args;
}

std::string stream_of(std::string_view account) { return std::string(transaction_stream_prefix).append(account); }

} // namespace penstock::connectors::monzo
