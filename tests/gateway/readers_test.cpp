#include <gtest/gtest.h>

#include "gateway/body_reader.hpp"
#include "gateway/query_reader.hpp"

namespace penstock::gateway {
namespace {

query_reader reader_of(const std::string& query) {
  net::http_server_request request;
  request.target = "/x?" + query;
  return query_reader(request);
}

TEST(query_reader, ReadsWhatIsThere) {
  auto query = reader_of("queue=a%20b&limit=7&since=2026-06-01T12:00:00Z&live=1&integration=12");
  EXPECT_EQ(query.text("queue"), "a b");
  EXPECT_EQ(query.page().limit, 7);
  EXPECT_NE(query.time("since"), no_time);
  EXPECT_TRUE(query.flag("live"));
  EXPECT_EQ(query.id<integration_id>("integration"), integration_id{12});
  EXPECT_FALSE(query.problem());
}

TEST(query_reader, WhatIsAbsentHasADefault) {
  auto query = reader_of("");
  EXPECT_EQ(query.text("queue"), "");
  EXPECT_EQ(query.page().limit, 50);
  EXPECT_EQ(query.time("since"), no_time);
  EXPECT_FALSE(query.flag("live"));
  EXPECT_FALSE(query.id<integration_id>("integration"));
  EXPECT_FALSE(query.integer("count", 1, 5));
  EXPECT_FALSE(query.problem());
}

TEST(query_reader, PlusOfAnOffsetMayStandUnencoded) {
  auto query = reader_of("since=2026-06-01T12:00:00+02:00");
  EXPECT_EQ(query.time("since"),
            timestamp(std::chrono::sys_days(std::chrono::year(2026) / 6 / 1)) + std::chrono::hours(10));
}

TEST(query_reader, SaysWhatIsWrong) {
  const std::pair<std::string, std::string> rows[] = {
    {"limit=0", "limit is a whole number from 1 to 200"},
    {"limit=201", "limit is a whole number from 1 to 200"},
    {"limit=x", "limit is a whole number from 1 to 200"},
    {"live=yes", "live is 1 or 0"},
    {"integration=-4", "integration: '-4' is not an id: give a positive whole number"},
    {"quue=a", "there is no parameter 'quue' here (did you mean 'queue'?)"},
  };
  for (const auto& [text, message] : rows) {
    auto query = reader_of(text);
    static_cast<void>(query.page());
    static_cast<void>(query.text("queue"));
    static_cast<void>(query.flag("live"));
    static_cast<void>(query.id<integration_id>("integration"));
    const auto problem = query.problem();
    ASSERT_TRUE(problem) << text;
    EXPECT_EQ(problem->code, error_code::invalid_argument);
    EXPECT_EQ(problem->message, message);
  }
}

TEST(body_reader, ReadsWhatIsThere) {
  body_reader body(R"({"name":"n","count":3,"force":true,"config":{"a":[1]},"organisation_id":"8","absent":null})");
  EXPECT_EQ(body.text("name"), "n");
  EXPECT_EQ(body.integer("count", 0, 9), 3);
  EXPECT_EQ(body.boolean("force"), true);
  EXPECT_EQ(body.object("config"), R"({"a":[1]})");
  EXPECT_EQ(body.id("organisation_id"), 8);
  EXPECT_FALSE(body.text("absent"));
  EXPECT_TRUE(body.is_null("absent"));
  EXPECT_FALSE(body.is_null("name"));
  EXPECT_FALSE(body.problem());
}

TEST(body_reader, EmptyBodyIsAnEmptyObject) {
  for (const auto* text : {"", " \r\n", "{}"}) {
    body_reader body(text);
    EXPECT_FALSE(body.text("name"));
    EXPECT_FALSE(body.problem());
  }
}

TEST(body_reader, SaysWhatIsWrong) {
  const std::pair<std::string, std::string> rows[] = {
    {R"({"name":7})", "name is a string of at most 255 bytes"},
    {R"({"name":")" + std::string(256, 'x') + R"("})", "name is a string of at most 255 bytes"},
    {R"({"count":10})", "count is a whole number from 0 to 9"},
    {R"({"count":1.5})", "count is a whole number from 0 to 9"},
    {R"({"force":"yes"})", "force is true or false"},
    {R"({"config":[]})", "config is a JSON object"},
    {R"({"organisation_id":"x"})", "organisation_id: 'x' is not an id: give a positive whole number"},
    {R"({"organisation_id":8})", "organisation_id is a string of at most 255 bytes"},
    {R"({"nam":"n"})", "there is no field 'nam' here (did you mean 'name'?)"},
    {"[]", "the body must be a JSON object"},
  };
  for (const auto& [text, message] : rows) {
    body_reader body(text);
    static_cast<void>(body.text("name"));
    static_cast<void>(body.integer("count", 0, 9));
    static_cast<void>(body.boolean("force"));
    static_cast<void>(body.object("config"));
    static_cast<void>(body.id("organisation_id"));
    const auto problem = body.problem();
    ASSERT_TRUE(problem) << text;
    EXPECT_EQ(problem->message, message);
  }
  body_reader broken("{\"name\":");
  ASSERT_TRUE(broken.problem());
  EXPECT_NE(broken.problem()->message.find("the body is not JSON"), std::string::npos);
}

} // namespace
} // namespace penstock::gateway
