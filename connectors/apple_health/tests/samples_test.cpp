// Exports as Health Auto Export sends them, and the rows that a person reads in them.
#include <algorithm>
#include <charconv>
#include <gmock/gmock.h>
#include <iterator>
#include <set>

#include "connectors/apple_health/small_json.hpp"
#include "connectors/apple_health/tests/small_export.hpp"
#include "core/rfc3339.hpp"

namespace penstock::connectors::apple_health {
namespace {

const std::vector<std::string> samples{"metrics_v2_real_enveloped.json",
                                       "workouts_v2_real_enveloped.json",
                                       "sleep_and_special_shapes.json",
                                       "v1_fixture_0.json",
                                       "v1_fixture_1.json",
                                       "v1_fixture_2.json",
                                       "v1_fixture_3.json",
                                       "v1_fixture_4.json"};

/// As a person would write it: 135.5, 129.
std::string shortest(double number) {
  char text[32];
  return {text, std::to_chars(std::begin(text), std::end(text), number).ptr};
}

std::string canonical(simdjson::dom::element value) {
  std::string out;
  append_canonical(out, value);
  return out;
}

/// As the file of expected rows has it.
std::string shown(std::string_view column, const column_value& value) {
  std::string out;
  if (const auto* number = std::get_if<std::int64_t>(&value))
    append_quoted(out, format_rfc3339(timestamp{duration{*number}}));
  else if (const auto* real = std::get_if<double>(&value))
    out = shortest(*real);
  else if (const auto* text = std::get_if<std::string>(&value); text && column == "extra")
    out = *text;
  else if (text)
    append_quoted(out, *text);
  else
    out = "null";
  return out;
}

std::multiset<std::string> stored_rows(const testing::memory_tables& tables, const std::string& table,
                                       const std::vector<std::string>& columns) {
  std::string names;
  for (const auto& column : columns)
    names += (names.empty() ? "" : ", ") + column;
  std::multiset<std::string> all;
  for (const auto& row : tables.select("SELECT " + names + " FROM " + table).rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i)
      line += (i ? "," : "[") + shown(columns[i], row[i]);
    all.insert(line + "]");
  }
  return all;
}

struct expectation {
  std::string sample, table;
  std::vector<std::string> columns;
  std::multiset<std::string> rows;
};

std::vector<expectation> expectations() {
  simdjson::dom::parser parser;
  const simdjson::padded_string text(fixture("expected_rows.json"));
  const simdjson::dom::element all = parser.parse(text);
  std::vector<expectation> read;
  for (const auto& sample : samples)
    for (const std::string table : {"health_metrics", "health_workouts"}) {
      auto& one = read.emplace_back();
      one.sample = sample;
      one.table = table;
      for (const simdjson::dom::element column : all["_columns"][table].get_array())
        one.columns.emplace_back(column.get_string().value());
      for (const simdjson::dom::element row : all[sample][table].get_array())
        one.rows.insert(canonical(row));
    }
  return read;
}

TEST(apple_health_samples, BecomeTheRowsThatAPersonReadsInThem) {
  for (const auto& each : expectations()) {
    SCOPED_TRACE(each.sample + ": " + each.table);
    export_driver phone;
    EXPECT_TRUE(phone.deliver(fixture(each.sample)).clean());
    const auto stored = stored_rows(phone.driver.tables, each.table, each.columns);
    EXPECT_EQ(stored.size(), each.rows.size());
    std::vector<std::string> lost, more;
    std::set_difference(each.rows.begin(), each.rows.end(), stored.begin(), stored.end(), std::back_inserter(lost));
    std::set_difference(stored.begin(), stored.end(), each.rows.begin(), each.rows.end(), std::back_inserter(more));
    EXPECT_THAT(lost, ::testing::IsEmpty());
    EXPECT_THAT(more, ::testing::IsEmpty());
  }
}

/// What stands under `data`, alone, its members in another order.
std::string unwrapped(const std::string& sample) {
  simdjson::dom::parser parser;
  const simdjson::padded_string text(fixture(sample));
  return canonical(parser.parse(text)["data"]);
}

TEST(apple_health_samples, AreTheSameWithoutTheWrapperAndInAnyOrderOfMembers) {
  for (const auto& sample : samples) {
    SCOPED_TRACE(sample);
    export_driver phone;
    phone.deliver(fixture(sample));
    const auto report = phone.deliver(unwrapped(sample));
    EXPECT_TRUE(report.clean());
    EXPECT_FALSE(report.rows.changed());
  }
}

TEST(apple_health_samples, ChangeNothingWhenTheyComeTwice) {
  export_driver phone;
  for (const auto& sample : samples)
    phone.deliver(fixture(sample));
  const auto metrics = phone.driver.tables.select("SELECT count(*) FROM health_metrics").rows.front().front();
  for (const auto& sample : samples)
    EXPECT_FALSE(phone.deliver(fixture(sample)).rows.changed()) << sample;
  EXPECT_EQ(phone.driver.tables.select("SELECT count(*) FROM health_metrics").rows.front().front(), metrics);
}

TEST(apple_health_samples, KeepAllOfAWorkoutWithItsRow) {
  export_driver phone;
  phone.deliver(fixture("v1_fixture_1.json"));
  const auto raw = phone.driver.tables.select("SELECT raw FROM health_workouts").rows.front().front();
  simdjson::dom::parser parser;
  const simdjson::padded_string text(fixture("v1_fixture_1.json"));
  EXPECT_EQ(std::get<std::string>(raw), canonical(parser.parse(text)["data"]["workouts"].at(0)));
}

} // namespace
} // namespace penstock::connectors::apple_health
