#include "connectors/monzo/account_args.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "connectors/args_reader.hpp"
#include "core/rfc3339.hpp"

namespace penstock::connectors::monzo {

std::string to_text(const account_args& args) {
  boost::json::object text{{"account", args.account}};
  if (args.may_have_none)
    text["may_have_none"] = true;
  if (!args.date.empty()) {
    text["date"] = args.date;
    text["read_at"] = format_rfc3339(args.read_at);
  }
  return boost::json::serialize(text);
}

result<account_args> parse_account_args(const std::string& owner, std::string_view text, bool dated) {
  std::vector<std::string> allowed{"account", "may_have_none"};
  if (dated)
    allowed = {"account", "date", "read_at"};
  args_reader reader(owner, text, std::move(allowed));
  account_args args;
  args.account = reader.text("account");
  if (args.account.empty())
    reader.refuse("'account' must be the id of an account");
  args.may_have_none = reader.boolean("may_have_none", false);
  if (dated) {
    args.date = reader.text("date");
    const auto moment = parse_rfc3339(reader.text("read_at"));
    if (args.date.empty() || !moment)
      reader.refuse("'date' must be a day and 'read_at' a time, such as 2024-01-31 and 2024-01-31T00:00:00Z");
    else
      args.read_at = *moment;
  }
  if (reader.problem())
    return failure(*reader.problem());
  return args;
}

} // namespace penstock::connectors::monzo
