// What a table of the configuration may say, and what is made of it.
#include <gmock/gmock.h>

#include "connectors/http_json/service.hpp"
#include "connectors/http_json/settings.hpp"
#include "connectors/http_json/tests/small_shop.hpp"
#include "connectors/json_body.hpp"

namespace penstock::connectors::http_json {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using texts = std::vector<std::string>;

table_values shop_with(const table_values& more) {
  small_shop shop;
  auto values = shop.described(10);
  for (const auto& [key, value] : more)
    values[key] = value;
  return values;
}

/// "key: message" of all that is wrong with a table.
std::vector<std::string> objections_to(const table_values& more) {
  std::vector<std::string> lines;
  if (const auto read = read_description(table_named("shop", shop_with(more))); !read)
    for (const auto& each : read.error())
      lines.push_back(each.key + ": " + each.message);
  return lines;
}

TEST(http_json_description, EachMistakeIsToldWithItsKeyAndWhatToWrite) {
  const std::vector<std::pair<table_values, std::string>> table{
    {{{"base_url", std::string()}}, "base_url: is missing"},
    {{{"base_url", std::string("shop.example")}}, "base_url: is no address"},
    {{{"base_url", std::string("https://me:pw@shop.example")}}, "base_url: is no address"},
    {{{"base_url", std::string("https://shop.example/?a=b")}}, "base_url: is no address"},
    {{{"list_path", std::string("/items?a=b")}}, "list_path: is no path"},
    {{{"list_path", std::string("/{Account}/items")}}, "list_path: braces hold the name"},
    {{{"list_path", std::string("/{account/items")}}, "list_path: braces hold the name"},
    {{{"list", std::string("data..items")}}, "list: 'data..items' is no place in JSON"},
    {{{"query", texts{"status"}}}, "query: 'status' is not written as NAME=VALUE"},
    {{{"headers", texts{"X-A=b"}}}, "headers: 'X-A=b' is not written as NAME: VALUE"},
    {{{"headers", texts{"X A: b"}}}, "headers: 'X A' cannot be sent"},
    {{{"headers", texts{"authorization: b"}}}, "headers: 'authorization' cannot be sent: that is what auth and token"},
    {{{"auth", std::string("header")}}, "auth_name: is missing"},
    {{{"auth", std::string("query")}, {"auth_name", std::string("who")}}, "auth_name: is no name by which"},
    {{{"auth", std::string("none")}, {"token", std::string("hunter2")}}, "token: goes with auth"},
    {{{"auth", std::string("basic")}, {"token", std::string("hunter2")}}, "token: of auth = \"basic\""},
    {{{"token", std::string("hunter2\n")}}, "token: holds a line break"},
    {{{"auth", std::string("oauth2")},
      {"token_url", std::string("https://x.example/t")},
      {"client_id", std::string("c")}},
     "authorize_url: is no address"},
    {{{"auth", std::string("oauth2")},
      {"token_url", std::string("https://x.example/t")},
      {"authorize_url", std::string("https://x.example/a")}},
     "client_id: is missing"},
    {{{"auth", std::string("client_credentials")},
      {"token_url", std::string("https://x.example/t")},
      {"client_id", std::string("c")}},
     "client_secret: is missing"},
    {{{"auth", std::string("client_credentials")},
      {"authorize_url", std::string("https://x.example/a")},
      {"token_url", std::string("https://x.example/t")},
      {"client_secret", std::string("hunter2")},
      {"client_id", std::string("c")}},
     "authorize_url: goes with auth = \"oauth2\": with client_credentials nobody consents"},
    {{{"auth", std::string("client_credentials")},
      {"token_url", std::string("https://x.example/t")},
      {"client_secret", std::string("hunter2")},
      {"client_id", std::string("c")},
      {"token_parameters", texts{"password=hunter2"}}},
     "token_parameters: 'password' is the name of a secret"},
    {{{"auth", std::string("client_credentials")},
      {"token_url", std::string("https://x.example/t")},
      {"client_secret", std::string("hunter2")},
      {"client_id", std::string("c")},
      {"token_parameters", texts{"scope=all"}}},
     "token_parameters: 'scope' is sent anyway"},
    {{{"auth", std::string("client_credentials")},
      {"token_url", std::string("https://x.example/t")},
      {"client_secret", std::string("hunter2")},
      {"client_id", std::string("c")},
      {"token_parameters", texts{"client_Assertion=hunter2"}}},
     "token_parameters: 'client_Assertion' is the name of a secret"},
    {{{"offset_overlap", true}, {"paging", std::string("page")}}, "offset_overlap: goes with paging = \"offset\""},
    {{{"offset_overlap", true}, {"paging", std::string("offset")}, {"page_size", std::int64_t{1}}},
     "offset_overlap: needs a page_size of 2 or more"},
    {{{"more_field", std::string("has_more")}}, "more_field: goes with paging = \"last_id\""},
    {{{"paging", std::string("last_id")}, {"more_field", std::string("has_more")}, {"short_page_ends", true}},
     "short_page_ends: goes with"},
    {{{"paging", std::string("cursor")}}, "next_field: is missing"},
    {{{"next_field", std::string("next")}}, "next_field: goes with"},
    {{{"paging", std::string("link")}, {"short_page_ends", true}}, "short_page_ends: goes with"},
    {{{"id_field", std::string()}}, "id_field: is missing"},
    {{{"updated_field", std::string()}}, "updated_field: is missing: since_parameter needs it"},
    {{{"table", std::string("Shop")}}, "table: 'Shop' cannot name a table"},
    {{{"table", std::string("order")}}, "table: 'order' is a word of SQL"},
    {{{"table", std::string("audit")}}, "table: 'audit' is called as something of Penstock's own"},
    {{{"table", std::string("sqlite_x")}}, "table: 'sqlite_x' begins as what a database keeps"},
    {{{"table", std::string("v_x")}}, "table: 'v_x' begins as what views"},
    {{{"oldest_first", true}, {"paging", std::string("offset")}}, "oldest_first: goes not with paging"},
    {{{"query", texts{"api_key=hunter2", "state=open", "team={token}"}}},
     "query: 'api_key' is the name of a secret, and its value would be shown: write auth = \"query\""},
    {{{"headers", texts{"X-Api-Key: hunter2"}}}, "headers: 'X-Api-Key' is the name of a secret"},
    {{{"headers", texts{"Cookie: hunter2"}}}, "headers: 'Cookie' is the name of a secret"},
    {{{"fields", texts(201, "a")}}, "fields: are more than 200"},
    {{{"fields", texts{"raw"}}}, "fields: 'raw' is a column of every table"},
    {{{"fields", texts{"a:money"}}}, "fields: 'a:money': a field's type is one of text, integer"},
    {{{"fields", texts{"a:text="}}}, "fields: 'a:text=': name a place"},
    {{{"fields", texts{"a", "a:integer=b"}}}, "fields: two columns are called 'a'"},
    {{{"fields", texts{"a=/b~2"}}}, "fields: '/b~2' is no place in JSON"},
  };
  for (const auto& [values, line] : table) {
    EXPECT_THAT(objections_to(values), ElementsAre(HasSubstr(line))) << line;
    for (const auto& told : objections_to(values))
      EXPECT_THAT(told, ::testing::Not(HasSubstr("hunter2")));
  }
  EXPECT_THAT(objections_to({}), IsEmpty());
}

TEST(http_json_description, TwoThatWriteToOneTableAreAnObjection) {
  const auto built = build_with({table_named("east", shop_with({})), table_named("west", shop_with({}))});
  ASSERT_FALSE(built);
  ASSERT_EQ(built.error().size(), 1U);
  EXPECT_EQ(built.error().front().key, "west.table");
  EXPECT_THAT(built.error().front().message, HasSubstr("'shop_items' is where the items of east land already"));
}

TEST(http_json_description, EachIsAServiceWithItsKindsAndTable) {
  const auto built =
    build_with({table_named("east", shop_with({{"table", std::string("e")}, {"title", std::string("East")}})),
                table_named("west", shop_with({{"table", std::string()}}))});
  ASSERT_TRUE(built);
  ASSERT_EQ(built->services.size(), 2U);
  EXPECT_EQ(built->services[0].title, "East");
  EXPECT_EQ(built->services[1].title, "west");
  std::vector<std::string> kinds, tables;
  for (const auto& each : built->handlers)
    kinds.push_back(each.kind.name);
  for (const auto& each : built->tables)
    tables.push_back(each.name);
  EXPECT_THAT(kinds, ElementsAre("east.pull", "east.data", "west.pull", "west.data"));
  EXPECT_THAT(tables, ElementsAre("e", "west"));
  EXPECT_TRUE(build_with({})->services.empty());
}

TEST(http_json_description, ConfigOfAnIntegrationFillsInEachNameAndNothingElse) {
  const auto of =
    read_description(table_named("shop", shop_with({{"list_path", std::string("/a/{account}/items")}}))).value();
  const auto service = make_service(of);
  EXPECT_TRUE(service.validate(R"({"account":"acc_1"})"));
  EXPECT_TRUE(service.validate(R"({"account":7})")) << "--set account=7";
  for (const std::string config : {"{}", R"({"account":""})", R"({"account":".."})", R"({"account":7.5})",
                                   R"({"account":"a","other":"b"})", R"({"account":"a\nb"})"})
    EXPECT_FALSE(service.validate(config)) << config;
}

TEST(http_json_description, TokensThatTheClientIsGivenNeedNobodysConsent) {
  const auto of =
    read_description(table_named("shop", shop_with({{"auth", std::string("client_credentials")},
                                                    {"token_url", std::string("https://x.example/t")},
                                                    {"client_id", std::string("c")},
                                                    {"client_secret", std::string("s")},
                                                    {"client_auth", std::string("basic")},
                                                    {"scopes", texts{"read"}},
                                                    {"token_parameters", texts{"audience=https://x.example"}}})));
  ASSERT_TRUE(of);
  const auto service = make_service(*of);
  EXPECT_FALSE(service.oauth) << "an integration would wait for a consent";
  ASSERT_TRUE(service.client_grant);
  EXPECT_EQ(service.client_grant->token_url, "https://x.example/t");
  EXPECT_EQ(service.client_grant->scopes, texts{"read"});
  EXPECT_TRUE(service.client_grant->basic_client);
  EXPECT_EQ(service.client_grant->extra, (net::query_parameters{{"audience", "https://x.example"}}));
}

TEST(http_json_description, MomentToReadFromBecomesACursorWhereTheApiCanBeAskedForIt) {
  const auto from = timestamp{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};
  const auto incremental = make_service(read_description(table_named("shop", shop_with({}))).value());
  EXPECT_EQ(incremental.cursor_from("items", from).value(), R"({"updated":"2026-01-01T00:05:00Z"})");
  EXPECT_FALSE(incremental.cursor_from("others", from));
  const auto whole =
    make_service(read_description(table_named("shop", shop_with({{"since_parameter", std::string()}}))).value());
  EXPECT_THAT(whole.cursor_from("items", from).error().message, HasSubstr("reads its whole list each time"));
}

struct reading {
  std::string json;
  field_type type;
  time_format times;
  std::string shown; ///< "!" and the message for what is refused
};

std::string shown_of(const reading& one) {
  std::string text = one.json;
  const auto parsed = read_json(text, "x");
  const auto value = read_value(*parsed, one.type, one.times);
  if (!value)
    return "!" + value.error().message;
  if (const auto* number = std::get_if<std::int64_t>(&*value))
    return std::to_string(*number);
  if (const auto* real = std::get_if<double>(&*value))
    return std::to_string(*real);
  const auto* words = std::get_if<std::string>(&*value);
  return words ? *words : "NULL";
}

TEST(http_json_description, ValuesAreReadByTheirType) {
  using enum field_type;
  using enum time_format;
  for (const auto& each : std::vector<reading>{
         {R"("a")", text, rfc3339, "a"},
         {"12", text, rfc3339, "12"},
         {"true", text, rfc3339, "true"},
         {"{}", text, rfc3339, "!is not a text"},
         {"12", integer, rfc3339, "12"},
         {"12.5", integer, rfc3339, "!is not a whole number"},
         {R"("12")", integer, rfc3339, "!is not a whole number"},
         {"9223372036854775808", integer, rfc3339, "!is not a whole number"},
         {"12", real, rfc3339, "12.000000"},
         {"-2.5", real, rfc3339, "-2.500000"},
         {R"("2.5")", real, rfc3339, "!is not a number"},
         {"false", boolean, rfc3339, "0"},
         {"0", boolean, rfc3339, "!is neither true nor false"},
         {R"([ 1, {"a": null} ])", json, rfc3339, R"([1,{"a":null}])"},
         {R"("1970-01-01T00:00:01Z")", field_type::time, rfc3339, "1000000"},
         {R"("1970-01-02")", field_type::time, rfc3339, "86400000000"},
         {R"("")", field_type::time, rfc3339, "NULL"},
         {"1", field_type::time, rfc3339, "!is not a time: RFC 3339 is expected"},
         {"1.5", field_type::time, seconds, "1500000"},
         {"1500", field_type::time, milliseconds, "1500000"},
         {R"("1")", field_type::time, seconds, "!is not a time: a number is expected"},
         {"1e300", field_type::time, seconds, "!is not a time: it lies beyond the year 9999"},
       })
    EXPECT_EQ(shown_of(each), each.shown) << each.json;
  EXPECT_EQ(write_time(timestamp{std::chrono::milliseconds(1999)}, seconds), "1");
  EXPECT_EQ(write_time(timestamp{std::chrono::milliseconds(1999)}, milliseconds), "1999");
}

TEST(http_json_description, PlacesAreWrittenWithDotsOrAsPointers) {
  EXPECT_EQ(read_place("").value(), "");
  EXPECT_EQ(read_place("a.b~c.d/e.0").value(), "/a/b~0c/d~1e/0");
  EXPECT_EQ(read_place("/a.b/c").value(), "/a.b/c");
  EXPECT_FALSE(read_place("a."));
  EXPECT_FALSE(read_place("/a~"));
}

} // namespace
} // namespace penstock::connectors::http_json
