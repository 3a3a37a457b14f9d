// The pieces of which reading an export is made: places, structure, times, one spelling.
#include "connectors/apple_health/export_index.hpp"

#include <gmock/gmock.h>

#include "connectors/apple_health/export_time.hpp"
#include "connectors/apple_health/json_walk.hpp"
#include "connectors/apple_health/small_json.hpp"
#include "core/rfc3339.hpp"

namespace penstock::connectors::apple_health {
namespace {

using ::testing::ElementsAre;

/// The text in pieces of so many bytes.
piece_reader pieces_of(std::string text, std::size_t bytes) {
  return [text = std::move(text), bytes](std::int64_t from) -> result<std::optional<body_piece>> {
    const auto at = static_cast<std::size_t>(from) * bytes;
    if (at >= text.size())
      return std::nullopt;
    return body_piece{from, text.substr(at, bytes)};
  };
}

std::string read_time(std::string_view text) {
  const auto moment = parse_export_time(text);
  return moment ? format_rfc3339(*moment) : "none";
}

TEST(export_time, IsReadInAllSpellingsOfTheSameMoment) {
  for (const std::string text :
       {"2025-08-12 21:05:00 +0100", "2025-08-12 21:05:00+0100", "2025-08-12T21:05:00+01:00", "2025-08-12T20:05:00Z",
        "2025-08-12 20:05:00 +0000", "2025-08-12 20:05:00 UTC", "2025-08-12 21:05:00 GMT+01", "2025-08-12 21:05 +0100",
        "2025-08-12 9:05:00 PM +0100", "2025-08-12 9:05:00\u202fPM +0100", "2025-08-12 09:05:00 p.m. +0100",
        "2025-08-12 21:05:00.000 +0100", "  2025-8-12  21:05:00   +0100 ", "2025-08-12 15:05:00 -0500"})
    EXPECT_EQ(read_time(text), "2025-08-12T20:05:00Z") << text;
  EXPECT_EQ(read_time("2023-01-31 12:23:47 AM +0800"), "2023-01-30T16:23:47Z");
  EXPECT_EQ(read_time("2025-08-12 12:00:00 PM +0000"), "2025-08-12T12:00:00Z");
  EXPECT_EQ(read_time("2025-08-12 21:05:00.25 +0000"), "2025-08-12T21:05:00.250Z");
  EXPECT_EQ(read_time("2024-02-29 00:00:00 +0530"), "2024-02-28T18:30:00Z");
}

TEST(export_time, ThatCannotBeMeantIsNone) {
  for (const std::string text :
       {"", "yesterday", "2025-08-12", "2025-08-12 21:05:00", "2025-02-30 00:00:00 +0000", "2025-13-01 00:00:00 +0000",
        "2025-00-01 00:00:00 +0000", "2025-08-12 25:00:00 +0000", "2025-08-12 13:00:00 PM +0000",
        "2568-08-12 00:00:00 +0700", "0001-01-01 00:00:00 +0000", "2025-08-12 21:60:00 +0000",
        "2025-08-12 21:05:00 CEST", "2025-08-12 21:05:00 +01000", "2025-08-12 21:05:00 +0160",
        "2025-08-12 21:05:00 +0100 x", "12.08.2025 21:05:00 +0100", "2025-08-12 21:05:00 +9900"})
    EXPECT_EQ(read_time(text), "none") << text;
}

TEST(json_walk, GivesEachValueAsItStandsHoweverTheTextIsCut) {
  const std::string text = "{ \"a\\\"b\" : [ 1 , {\"x\":[\"]}\\\\\"]} , \"\\\\\" ,null,-1.5e3 ] ,\"n\":true}";
  for (std::size_t bytes = 1; bytes <= text.size(); ++bytes) {
    body_cursor body(pieces_of(text, bytes));
    json_walk walk(body);
    EXPECT_EQ(walk.next_is(), json_walk::value::object);
    EXPECT_TRUE(walk.open());
    container_walk members, elements;
    std::string name, value;
    std::vector<std::string> seen;
    EXPECT_TRUE(walk.next_member(members, name));
    seen.push_back(name);
    EXPECT_TRUE(walk.open());
    while (walk.next_element(elements)) {
      EXPECT_TRUE(walk.copy_value(value, 100));
      seen.push_back(value);
    }
    EXPECT_TRUE(walk.next_member(members, name));
    EXPECT_TRUE(walk.copy_value(value, 100));
    seen.push_back(name + "=" + value);
    EXPECT_FALSE(walk.next_member(members, name));
    walk.expect_end();
    EXPECT_FALSE(walk.problem()) << walk.problem()->message;
    EXPECT_THAT(seen, ElementsAre("a\\\"b", "1", "{\"x\":[\"]}\\\\\"]}", "\"\\\\\"", "null", "-1.5e3", "n=true"));
    EXPECT_EQ(body.taken(), text.size());
  }
}

TEST(json_walk, GoesOnFromAPlaceInTheMiddle) {
  const std::string text = R"([11,22,33,44])";
  for (std::size_t bytes = 1; bytes <= text.size(); ++bytes) {
    body_cursor first(pieces_of(text, bytes));
    json_walk walk(first);
    walk.open();
    container_walk at;
    std::string value;
    for (int i = 0; i < 2 && walk.next_element(at); ++i)
      EXPECT_TRUE(walk.copy_value(value, 10));
    body_cursor second(pieces_of(text, bytes), first.place());
    json_walk rest(second);
    std::vector<std::string> seen;
    for (container_walk behind{true}; rest.next_element(behind);) {
      EXPECT_TRUE(rest.copy_value(value, 10));
      seen.push_back(value);
    }
    EXPECT_THAT(seen, ElementsAre("33", "44"));
  }
}

TEST(json_walk, PlaceThatTheBodyDoesNotHaveIsAProblem) {
  body_cursor body(pieces_of("[1]", 2), {0, 3});
  json_walk walk(body);
  EXPECT_EQ(walk.next_is(), json_walk::value::none);
  ASSERT_TRUE(walk.problem());
  EXPECT_EQ(walk.problem()->code, error_code::invalid_argument);
}

TEST(json_walk, WhyAPieceCannotBeReadIsToldAsItIs) {
  body_cursor body([](std::int64_t from) -> result<std::optional<body_piece>> {
    if (from == 0)
      return body_piece{0, "[1, "};
    return failure(error_code::unavailable, "the store is busy");
  });
  json_walk walk(body);
  walk.skip_value();
  ASSERT_TRUE(walk.problem());
  EXPECT_EQ(walk.problem()->code, error_code::unavailable);
}

TEST(json_walk, BrokenStructureIsAProblemAndEndsTheWalk) {
  const std::vector<std::string> broken{
    "",   "   ",    "[",        "[1,",   "{\"a\"", "{\"a\":", "{\"a\" 1}",          "{1:2}", "[1 2]", "[}",
    "{]", "\"open", "\"open\\", "[\"a]", "{,}",    "]",       std::string(100, '[')};
  for (const auto& text : broken) {
    body_cursor body(pieces_of(text, 3));
    json_walk walk(body);
    const auto kind = walk.next_is();
    container_walk at;
    std::string name;
    if (kind == json_walk::value::object && walk.open())
      while (walk.next_member(at, name))
        walk.skip_value();
    else if (kind == json_walk::value::list && walk.open())
      while (walk.next_element(at))
        walk.skip_value();
    else
      walk.skip_value();
    ASSERT_TRUE(walk.problem()) << text;
    EXPECT_EQ(walk.problem()->code, error_code::unexpected_shape);
    EXPECT_FALSE(walk.next_element(at));
  }
}

TEST(json_walk, ValueThatIsTooLongIsPassedOver) {
  body_cursor body(pieces_of(R"(["0123456789",7])", 4));
  json_walk walk(body);
  walk.open();
  container_walk at;
  std::string value = "before";
  EXPECT_TRUE(walk.next_element(at));
  EXPECT_FALSE(walk.copy_value(value, 5));
  EXPECT_EQ(value, "");
  EXPECT_TRUE(walk.next_element(at));
  EXPECT_TRUE(walk.copy_value(value, 5));
  EXPECT_EQ(value, "7");
}

TEST(export_index, FindsNamesThatFollowTheirPoints) {
  const std::string text =
    R"({"data":{"metrics":[{"data":[{"qty":1},{"qty":2}],"units":"m","name":"a\u0062"}],"workouts":[{}],"ecg":[{}]}})";
  body_cursor body(pieces_of(text, 5));
  const auto index = index_export(body);
  ASSERT_TRUE(index) << index.error().message;
  ASSERT_EQ(index->metrics.size(), 1u);
  EXPECT_EQ(index->metrics[0].name, "ab");
  EXPECT_EQ(index->metrics[0].units, "m");
  EXPECT_EQ(index->metrics[0].elements, 2);
  const auto begin = text.find("[{\"qty\"") + 1;
  EXPECT_EQ(index->metrics[0].from,
            (body_place{static_cast<std::int64_t>((begin - 1) / 5), static_cast<std::int64_t>((begin - 1) % 5 + 1)}));
  EXPECT_EQ(index->workouts.size(), 1u);
  EXPECT_EQ(index->others.size(), 1u);
}

TEST(export_index, RefusesMoreListsThanAnyPhoneHas) {
  std::string text = R"({"data":{"metrics":[)";
  for (std::size_t i = 0; i <= most_lists; ++i)
    text += std::string(i ? "," : "") + R"({"name":"a","data":[1]})";
  text += "]}}";
  body_cursor body(pieces_of(text, 1000));
  const auto index = index_export(body);
  ASSERT_FALSE(index);
  EXPECT_THAT(index.error().message, ::testing::HasSubstr("more than 5000 lists"));
}

std::string canonical(std::string json) {
  const auto parsed = small_value(json);
  std::string out;
  if (parsed)
    append_canonical(out, *parsed);
  return out;
}

TEST(canonical_json, HasOneSpellingForOneValue) {
  EXPECT_EQ(canonical(R"( { "b" : [ 1.0 , 2e0, 0.1 ], "a":{"z":null,"y":true} } )"),
            R"({"a":{"y":true,"z":null},"b":[1,2,0.1]})");
  EXPECT_EQ(canonical(R"({"a":1,"a":2})"), R"({"a":2})") << "the last one counts, as most readers have it";
  EXPECT_EQ(canonical(R"("\u2019 \" \\ \n \u0000")"), "\"\u2019 \\\" \\\\ \\u000a \\u0000\"");
  EXPECT_EQ(canonical("[5.484679297695868,18446744073709551615,-3]"), "[5.484679297695868,18446744073709551615,-3]");
  EXPECT_EQ(canonical("[1"), "");
}

TEST(small_text, IsOneLineOfWellFormedText) {
  EXPECT_EQ(small_text(R"("Sam\u2019s")"), "Sam\u2019s");
  EXPECT_FALSE(small_text("7"));
  EXPECT_FALSE(small_text(R"("a\u0000b")"));
  EXPECT_FALSE(small_text("\"\xff\""));
}

} // namespace
} // namespace penstock::connectors::apple_health
