#include "connectors/json_rows.hpp"

#include <gtest/gtest.h>

#include "connectors/json_body.hpp"

namespace penstock::connectors {
namespace {

TEST(json_body, WhatDoesNotParseIsWorthAnotherTry) {
  for (const std::string text : {"", " ", "{", R"({"list":[1,2)", R"({"list":[1,2]} extra)", "\xff", "nul"}) {
    auto body = text;
    const auto list = read_json_list(body, "list", "Things");
    ASSERT_FALSE(list) << text;
    EXPECT_EQ(list.error().code, error_code::truncated_body) << text;
    EXPECT_EQ(list.error().cls(), error_class::retryable) << text;
  }
}

TEST(json_body, NumbersThatFitNoMachineTypeCountAsBroken) {
  for (const std::string number : {"99999999999999999999", "1e400"}) {
    auto body = R"({"list":[)" + number + "]}";
    EXPECT_FALSE(read_json(body, "Things")) << number;
  }
}

TEST(json_body, WhatParsesAndIsSomethingElseIsFinal) {
  for (const std::string text : {"[]", "1", "null", "{}", R"({"list":{}})", R"({"list":"x"})", R"({"other":[]})"}) {
    auto body = text;
    const auto list = read_json_list(body, "list", "Things");
    ASSERT_FALSE(list) << text;
    EXPECT_EQ(list.error().code, error_code::unexpected_shape) << text;
  }
}

TEST(json_rows, WalksThroughObjectsWithTheirTextWhateverTheReaderLeaves) {
  std::string body = R"({"before":[{}],"list":[ {"a":1,"b":[1,{"a":9}]} , {"b":{"c":"}"},"a":2}],"after":{"a":3}})";
  std::vector<std::string> texts;
  std::int64_t sum = 0;
  const auto walked = read_objects(
    body, "list", "Things",
    [&](simdjson::ondemand::object& object, std::string_view raw) {
      texts.emplace_back(raw);
      std::int64_t a = 0;
      EXPECT_FALSE(object.find_field_unordered("a").get_int64().get(a));
      sum += a;
      return std::string();
    },
    [](std::size_t, const std::string& message) { ADD_FAILURE() << message; });
  ASSERT_TRUE(walked);
  EXPECT_EQ(sum, 3);
  EXPECT_EQ(texts, (std::vector<std::string>{R"({"a":1,"b":[1,{"a":9}]})", R"({"b":{"c":"}"},"a":2})"}));
}

TEST(json_rows, ToldPlacesCountEveryElement) {
  std::string body = R"({"list":[{}, 5, {}, [1,[2]], "x"]})";
  std::vector<std::size_t> wrong;
  std::size_t read = 0;
  ASSERT_TRUE(read_objects(
    body, "list", "Things",
    [&](simdjson::ondemand::object&, std::string_view) { return ++read == 2 ? "not liked" : std::string(); },
    [&](std::size_t place, const std::string&) { wrong.push_back(place); }));
  EXPECT_EQ(wrong, (std::vector<std::size_t>{2, 3, 4, 5}));
}

} // namespace
} // namespace penstock::connectors
