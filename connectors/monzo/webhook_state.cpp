#include "connectors/monzo/webhook_state.hpp"

#include <algorithm>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "connectors/args_reader.hpp"
#include "core/rfc3339.hpp"

namespace penstock::connectors::monzo {

std::string to_text(const webhook_state& state) {
  boost::json::object text{{"checked_at", format_rfc3339(state.checked_at)}};
  if (!state.accounts.empty())
    text["accounts"] = boost::json::array(state.accounts.begin(), state.accounts.end());
  if (!state.off.empty())
    text["off"] = state.off;
  if (state.unfinished)
    text["unfinished"] = true;
  return boost::json::serialize(text);
}

webhook_state parse_webhook_state(std::string_view cursor) {
  if (cursor.empty())
    return {};
  args_reader reader("cursor of monzo's webhooks", cursor, {"checked_at", "accounts", "off", "unfinished"});
  const auto checked = parse_rfc3339(reader.text("checked_at", ""));
  webhook_state state;
  state.accounts = reader.texts("accounts");
  state.off = reader.text("off", "");
  state.unfinished = reader.boolean("unfinished", false);
  if (reader.problem() || !checked)
    return {};
  state.checked_at = *checked;
  std::sort(state.accounts.begin(), state.accounts.end());
  return state;
}

bool webhook_check_is_due(const webhook_state& last, const std::vector<std::string>& open, timestamp now) {
  const auto wait = last.unfinished ? webhook_retry : webhook_check;
  if (last.checked_at == no_time || last.checked_at > now || now - last.checked_at >= wait)
    return true;
  return !last.unfinished && last.accounts != open;
}

} // namespace penstock::connectors::monzo
