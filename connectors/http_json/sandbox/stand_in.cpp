#include "sandbox/stand_in.hpp"

#include <algorithm>
#include <map>

#include <boost/json/array.hpp>

#include "connectors/http_json/sandbox/item_book.hpp"
#include "connectors/http_json/sandbox/pages.hpp"
#include "net/base64.hpp"
#include "sandbox/json_reply.hpp"
#include "sandbox/oauth_routes.hpp"

namespace penstock::sandbox::http_json {

namespace json = boost::json;

namespace {

/// By any way that keys are shown: Authorization: Bearer, X-Api-Key, ?api_key=, Basic sandbox:sandbox.
constexpr std::string_view key = "sandbox";
constexpr std::size_t most_shops = 1000;

enum class path_kind : std::uint8_t { items, consent, token, wrong_method };

/// "/cursor/shops/north/items".
struct items_path {
  style as = style::all;
  std::string shop;
};

std::optional<items_path> read_path(std::string_view path) {
  std::vector<std::string_view> parts;
  for (auto rest = path; !rest.empty();) {
    rest.remove_prefix(1);
    const auto end = std::min(rest.find('/'), rest.size());
    parts.push_back(rest.substr(0, end));
    rest.remove_prefix(end);
  }
  constexpr std::size_t longest = 32;
  if (parts.size() != 4 || parts[1] != "shops" || parts[3] != "items" || parts[2].empty() || parts[2].size() > longest)
    return std::nullopt;
  const auto as = parse_style(parts[0]);
  const bool plain = std::all_of(parts[2].begin(), parts[2].end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
  return as && plain ? std::optional(items_path{*as, std::string(parts[2])}) : std::nullopt;
}

std::string basic_value() { return "Basic " + net::base64(std::string(key) + ":" + std::string(key)); }

class shop_stand_in : public stand_in {
public:
  explicit shop_stand_in(const surroundings& around) : around_(around), oauth_(around.oauth, around.time) {}

  std::string_view name() const override { return "http_json"; }
  oauth_provider* oauth() override { return &oauth_; }

  std::optional<route> find(std::string_view method, std::string_view path) const override {
    const auto known = [&](std::string_view wanted, route to) {
      return method == wanted ? to : route{"wrong method", route::kind::api, static_cast<int>(path_kind::wrong_method)};
    };
    if (read_path(path))
      return known("GET", {"GET /STYLE/shops/{shop}/items", route::kind::api, static_cast<int>(path_kind::items)});
    if (path == "/shops/authorize")
      return known("GET", {"GET /shops/authorize", route::kind::sign_in, static_cast<int>(path_kind::consent)});
    if (path == "/shops/oauth2/token")
      return known("POST", {"POST /shops/oauth2/token", route::kind::sign_in, static_cast<int>(path_kind::token)});
    return std::nullopt;
  }

  net::http_reply answer(const route& to, const net::http_server_request& request) override {
    switch (static_cast<path_kind>(to.number)) {
      case path_kind::consent: return consent_page(oauth_, request, around_.asks_for_consent);
      case path_kind::token: {
        auto to_client = grant_to_client(oauth_, request);
        return to_client ? std::move(*to_client) : token_endpoint(oauth_, request);
      }
      case path_kind::wrong_method: return code_reply(405, "bad_request.method_not_allowed", "Method not allowed");
      case path_kind::items: break;
    }
    const auto query = request.query_values();
    if (!shows_key(request, query)) {
      bearer who;
      if (auto refused = refuse_token(oauth_, request, who))
        return std::move(*refused);
    }
    const auto path = read_path(request.path());
    auto* book = book_of(path->shop);
    if (!book)
      return code_reply(404, "not_found.shop", "There are a thousand shops already");
    if (around_.faults.spoils(path->shop, 0, 1))
      return json_text_reply(200, R"({"items":"oops"})");
    return page_of(*book, path->as, query);
  }

  json::object tables(std::optional<std::uint32_t> user) override {
    item_book::totals all;
    for (auto& [shop, book] : books_) {
      if (user)
        continue; // shops belong to nobody
      book.catch_up(around_.time.changes_until());
      const auto sum = book.sum();
      all.rows += sum.rows;
      all.deleted += sum.deleted;
      all.price += sum.price;
    }
    return {
      {"shop_items", {{"rows", all.rows}, {"deleted", all.deleted}, {"sums", {{"price", {{"GBP", all.price}}}}}}}};
  }

  result<json::object> change(const json::object& wanted) override {
    std::map<std::string, std::uint64_t, std::less<>> counts{
      {"add_items", 0}, {"reprice_items", 0}, {"remove_items", 0}};
    std::string shop = books_.empty() ? "north" : books_.begin()->first;
    for (const auto& [name, value] : wanted) {
      const auto count = counts.find(std::string_view(name.data(), name.size()));
      boost::system::error_code problem;
      if (count != counts.end())
        count->second = value.to_number<std::uint64_t>(problem);
      if (name == "shop" && value.is_string())
        shop = value.get_string();
      else if (count == counts.end() || problem || count->second > 10'000)
        return failure(error_code::invalid_argument,
                       R"(write {"add_items": 3, "reprice_items": 2, "remove_items": 1, "shop": "north"})");
    }
    if (!read_path("/all/shops/" + shop + "/items"))
      return failure(error_code::invalid_argument, "a shop's name has 1 to 32 of a-z, 0-9, '-' and '_'");
    auto* book = book_of(shop);
    if (!book)
      return failure(error_code::not_found, "there are a thousand shops already");
    const auto now = around_.time.now();
    for (std::uint64_t i = 0; i < counts["add_items"]; ++i)
      book->add(now);
    std::uint64_t repriced = 0, removed = 0;
    for (std::uint64_t i = 0; i < counts["reprice_items"]; ++i)
      repriced += book->reprice(now) ? 1 : 0;
    for (std::uint64_t i = 0; i < counts["remove_items"]; ++i)
      removed += book->remove(now) ? 1 : 0;
    return json::object{{"shop", shop}, {"added", counts["add_items"]}, {"repriced", repriced}, {"removed", removed}};
  }

  json::object stats() override {
    json::array shops;
    for (const auto& [shop, book] : books_)
      shops.push_back({{"shop", shop}, {"items", book.items().size()}, {"changes", book.changes()}});
    return {{"shops", std::move(shops)}};
  }

private:
  static bool shows_key(const net::http_server_request& request, const net::query_parameters& query) {
    const auto authorization = request.headers.value_or("Authorization", "");
    return authorization == "Bearer " + std::string(key) || authorization == basic_value() ||
           request.headers.value_or("X-Api-Key", "") == key || net::find_parameter(query, "api_key") == key;
  }

  item_book* book_of(const std::string& shop) {
    auto found = books_.find(shop);
    if (found == books_.end()) {
      if (books_.size() == most_shops)
        return nullptr;
      found = books_.emplace(shop, item_book(shop, around_.data, around_.time.start())).first;
    }
    found->second.catch_up(around_.time.changes_until());
    return &found->second;
  }

  const surroundings around_;
  oauth_provider oauth_;
  std::map<std::string, item_book, std::less<>> books_;
};

} // namespace

std::unique_ptr<stand_in> make_stand_in(const surroundings& around) { return std::make_unique<shop_stand_in>(around); }

} // namespace penstock::sandbox::http_json
