#include "connectors/http_json/tests/small_shop.hpp"

#include <algorithm>
#include <stdexcept>

#include "config/setting_value.hpp"
#include "connectors/http_json/settings.hpp"
#include "core/rfc3339.hpp"
#include "net/query.hpp"
#include "net/url.hpp"

namespace penstock::connectors::http_json {

void register_connector(registry& out);

namespace {

std::string json_of(const small_item& item) {
  return R"({ "id":")" + item.id + R"(", "title":"A thing","pricing":{"amount":)" + std::to_string(item.price) +
         R"(},"changed":")" + format_rfc3339(item.updated) + R"(","gone":)" + (item.deleted ? "true" : "false") +
         R"(,"unknown":[1,2.50]})";
}

} // namespace

config::named_section table_named(const std::string& name, const table_values& values) {
  config::named_section table{name, {}};
  for (const auto& each : table_settings()) {
    const auto set = values.find(each.key);
    table.settings.put(each.key, set == values.end() ? config::default_value(each) : set->second, set != values.end());
  }
  return table;
}

build_result build_with(const std::vector<config::named_section>& tables) {
  registry declared;
  register_connector(declared);
  config::section section;
  for (const auto& each : tables)
    section.put_table(each);
  return declared.declarations().front().build(section);
}

table_values small_shop::described(std::int64_t page_size) const {
  using texts = std::vector<std::string>;
  table_values table{{"base_url", std::string("https://shop.example/v1/")},
                     {"list_path", std::string("items")},
                     {"auth", auth},
                     {"paging", paging},
                     {"size_parameter", std::string("limit")},
                     {"page_size", page_size},
                     {"updated_field", std::string("changed")},
                     {"deleted_field", std::string("gone")},
                     {"since_parameter", std::string("since")},
                     {"fields", texts{"title", "price:integer=pricing.amount", "changed_at:time=changed"}},
                     {"table", std::string("shop_items")}};
  if (paging == "cursor")
    table["next_field"] = std::string("meta.next");
  if (paging == "next")
    table["next_field"] = std::string("/meta/next");
  if (paging == "last_id")
    table["more_field"] = std::string("meta.more");
  if (paging != "link" && paging != "none")
    table["list"] = std::string("data.items");
  if (auth == "header")
    table["auth_name"] = std::string("X-Api-Key");
  if (auth == "query")
    table["auth_name"] = std::string("api_key");
  if (auth == "oauth2")
    table["authorize_url"] = std::string("https://shop.example/consent");
  if (auth == "oauth2" || auth == "client_credentials") {
    table["token_url"] = std::string("https://shop.example/token");
    table["client_id"] = std::string("client");
    table["client_secret"] = std::string("client-SECRET");
  }
  return table;
}

bool small_shop::lets_in(const net::http_request& request, const net::query_parameters& query) const {
  constexpr std::string_view token = "token-SECRET-";
  if (auth == "none")
    return true;
  if (auth == "header")
    return request.headers.value_or("X-Api-Key", "").starts_with(token);
  if (auth == "query")
    return net::find_parameter(query, "api_key").value_or("").starts_with(token);
  const auto shown = request.headers.value_or("Authorization", "");
  // "token-SECRET-" in base64, without its last letters.
  return auth == "basic" ? shown.starts_with("Basic dG9rZW4tU0VDUkVUL") : shown.starts_with("Bearer token-SECRET-");
}

net::http_response small_shop::answer(const net::http_request& request) const {
  const auto url = net::parse_url(request.url).value();
  const auto query = net::parse_query(url.query);
  const auto value = [&](std::string_view name) { return std::string(net::find_parameter(query, name).value_or("")); };
  if (!lets_in(request, query))
    return testing::answer(401, R"({"code":"unauthorized"})");
  if (url.path != "/v1/items" || url.host != "shop.example")
    return testing::answer(404, R"({"code":"not_found"})");

  auto shown = items;
  if (!value("since").empty() && !ignores_since)
    std::erase_if(
      shown, [since = parse_rfc3339(value("since")).value()](const small_item& each) { return each.updated < since; });
  const auto number = [&](std::string_view name) {
    return value(name).empty() ? std::size_t{0} : std::stoul(value(name));
  };
  const auto behind = std::find_if(shown.begin(), shown.end(),
                                   [id = value("starting_after")](const small_item& each) { return each.id == id; });
  const auto limit = paging == "none" ? shown.size() : number("limit");
  const auto begin =
    std::min(shown.size(), paging == "page"        ? (number("page") - 1) * limit
                           : paging == "offset"    ? number("offset")
                           : paging == "cursor"    ? number("cursor")
                           : behind != shown.end() ? static_cast<std::size_t>(behind - shown.begin()) + 1
                                                   : number("after"));
  const auto end = std::min(shown.size(), begin + limit);
  std::string list;
  for (auto place = begin; place < end; ++place)
    list += (list.empty() ? "" : ",") + json_of(shown[place]);
  list = "[" + list + "]";
  // As some do, the address of the next page repeats all that was asked for, the key too.
  auto following = query;
  std::erase_if(following, [](const auto& each) { return each.first == "after"; });
  following.emplace_back("after", std::to_string(end));
  const auto address = "https://shop.example/v1/items?" + net::build_query(following);
  const bool more = end < shown.size();
  if (paging == "none")
    return testing::answer(200, list);
  if (paging == "link")
    return testing::answer(
      200, list, more ? net::http_headers{{"Link", "<" + address + R"(>; rel="next")"}} : net::http_headers{});
  if (paging == "last_id")
    return testing::answer(200, R"({"data":{"items":)" + list + R"(},"meta":{"more":)" + (more ? "true}}" : "false}}"));
  std::string next = "null";
  if (more)
    next = paging == "cursor" ? "\"" + std::to_string(end) + "\"" : "\"" + address + "\"";
  return testing::answer(200, R"({"data":{"items":)" + list + R"(},"meta":{"next":)" + next + "}}");
}

connector built_shop(const small_shop& shop, std::int64_t page_size, const table_values& more) {
  auto values = shop.described(page_size);
  for (const auto& [key, value] : more)
    values[key] = value;
  auto built = build_with({table_named("shop", values)});
  if (!built)
    throw std::runtime_error(built.error().front().key + ": " + built.error().front().message);
  return std::move(*built);
}

} // namespace penstock::connectors::http_json
