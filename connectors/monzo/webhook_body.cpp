#include "connectors/monzo/webhook_body.hpp"

#include "connectors/json_body.hpp"

namespace penstock::connectors::monzo {
namespace {

constexpr std::string_view what = "Monzo's webhook";

/// The text of the object behind `key` at the top of a body that was checked. Empty: there is none.
std::string object_text(std::string& checked, std::string_view key) {
  namespace ondemand = simdjson::ondemand;
  thread_local ondemand::parser parser;
  ondemand::document document;
  ondemand::object object;
  std::string_view raw;
  if (parser.iterate(checked.data(), checked.size(), checked.capacity()).get(document) ||
      document.find_field_unordered(key).get_object().get(object) || object.raw_json().get(raw))
    return {};
  return std::string(raw.substr(0, raw.find_last_of('}') + 1));
}

} // namespace

result<webhook_body> read_webhook(std::string& body) {
  const auto refuse = [](std::string why) {
    return failure(error_code::unexpected_shape, std::string(what) + ": " + std::move(why));
  };
  const auto whole = read_json(body, what);
  if (!whole)
    return refuse("the body is not JSON");
  webhook_body read;
  std::string_view type, account;
  if ((*whole)["type"].get(type) || type.empty())
    return refuse("the body names no 'type'");
  read.type = type;
  if (!(*whole)["data"]["account_id"].get(account))
    read.account = account;
  if (read.type != transaction_created)
    return read;
  if (!(*whole)["data"].is_object())
    return refuse("'data' is not a transaction");
  if (read.account.empty())
    return refuse("the transaction names no 'account_id'");
  read.data = object_text(body, "data");
  if (read.data.empty() || read.data.size() > largest_webhook_data)
    return refuse("'data' is too large for a transaction");
  return read;
}

std::string as_page(std::string_view transaction) {
  std::string page = R"({"transactions":[)";
  page.append(transaction).append("]}");
  return page;
}

bool is_as_polled(std::string transaction) {
  const auto whole = read_json(transaction, what);
  std::string_view updated;
  return whole && !(*whole)["updated"].get(updated) && !updated.empty() && !(*whole)["merchant"].is_string();
}

result<std::string> read_transaction_answer(std::string& body) {
  const std::string_view asked = "Monzo's transaction";
  if (const auto whole = read_json(body, asked); !whole)
    return failure(whole.error());
  auto text = object_text(body, "transaction");
  if (text.empty())
    return failure(error_code::unexpected_shape,
                   std::string(asked) + ": the body has no object 'transaction' at its top");
  return text;
}

} // namespace penstock::connectors::monzo
