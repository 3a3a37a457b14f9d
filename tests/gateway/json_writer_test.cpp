#include "gateway/json_writer.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace penstock::gateway {
namespace {

TEST(json_writer, SeparatesMembersAndElements) {
  json_writer out;
  out.begin_object().key("a").number(1).key("b").begin_array().text("x").null().begin_object().end_object().end_array();
  out.key("c").begin_array().end_array().key("d").boolean(true).end_object();
  EXPECT_EQ(out.take(), R"({"a":1,"b":["x",null,{}],"c":[],"d":true})");
}

TEST(json_writer, EscapesText) {
  json_writer out;
  out.begin_array().text("plain ü €").text("\"quoted\" \\ /").text("line\nbreak \x01").end_array();
  EXPECT_EQ(out.take(), "[\"plain ü €\",\"\\\"quoted\\\" \\\\ /\",\"line\\nbreak \\u0001\"]");
}

TEST(json_writer, RawJsonKeepsTheFormOfItsNumbers) {
  json_writer out;
  out.begin_array().raw(R"({"a":1.50,"b":12345678901234567890123})").raw("[1]").raw("").end_array();
  EXPECT_EQ(out.take(), R"([{"a":1.50,"b":12345678901234567890123},[1],null])");
}

TEST(json_writer, WhatIsNotJsonBecomesAString) {
  json_writer out;
  out.begin_array().raw("{broken").raw("}{").end_array();
  EXPECT_EQ(out.take(), R"(["{broken","}{"])");
}

TEST(json_writer, IdsTimesAndDurations) {
  using namespace std::chrono_literals;
  json_writer out;
  out.begin_array().id(job_id{9007199254740993}).id(job_id{}).time(no_time);
  out.time(timestamp(std::chrono::sys_days(std::chrono::year(2026) / 3 / 8)) + 7h + 250ms);
  out.milliseconds(1500us).milliseconds_or_null(std::nullopt).number_or_null(3).number_or_null(std::nullopt);
  out.text_or_null("").text_or_null("x").end_array();
  EXPECT_EQ(out.take(), R"(["9007199254740993",null,null,"2026-03-08T07:00:00.250Z",1,null,3,null,null,"x"])");
}

TEST(json_writer, RealsAreWholeWhereTheyCanBe) {
  json_writer out;
  out.begin_array().real(15).real(-0.5).real(std::numeric_limits<double>::infinity()).end_array();
  EXPECT_EQ(out.take(), "[15,-5E-1,null]");
}

} // namespace
} // namespace penstock::gateway
