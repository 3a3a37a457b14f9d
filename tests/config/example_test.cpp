#include "config/example.hpp"

#include <sstream>

#include <gmock/gmock.h>

#include "config/engine_sections.hpp"
#include "tests/config/loading.hpp"

namespace penstock::config {
namespace {

/// As a person would remove the '#' in front of every setting.
std::string uncommented(const std::string& example) {
  std::string out, line;
  for (std::istringstream lines(example); std::getline(lines, line);)
    out += (line.size() > 1 && line[0] == '#' && line[1] != ' ' ? line.substr(1) : line) + "\n";
  return out;
}

class example : public loading {};

TEST_F(example, UncommentedItIsAFileWithoutMistakesThatSetsEveryKey) {
  request.connectors = {monzo_like()};
  write("penstock.toml", uncommented(render_example(all_sections(request.connectors))));
  const auto values = load_well().values;
  EXPECT_EQ(values.queue("name").concurrency, 4);
  for (const auto& each : all_settings(monzo_like()))
    EXPECT_TRUE(values.connectors.at("monzo").is_set(each.key)) << each.key;
  EXPECT_EQ(values.connectors.at("monzo").list("scopes").size(), 2U);
}

TEST_F(example, AsShippedItChangesNothing) {
  const auto defaults = load_well().values;
  write("penstock.toml", render_example(engine_sections()));
  const auto values = load_well().values;
  EXPECT_EQ(values.database.url, defaults.database.url);
  EXPECT_EQ(values.queues.size(), defaults.queues.size());
  EXPECT_EQ(values.http.max_body, defaults.http.max_body);
}

TEST_F(example, KeysWithoutDefaultAreShownWithAValueThatIsTaken) {
  request.connectors = {{.path = "connectors.bare",
                         .summary = "",
                         .settings = {{.key = "count", .type = setting_type::integer, .least = 3, .most = 5},
                                      {.key = "wait", .type = setting_type::duration},
                                      {.key = "pause", .type = setting_type::duration, .least = 20, .most = 50},
                                      {.key = "room", .type = setting_type::size, .least = 1024, .most = 4096},
                                      {.key = "flag", .type = setting_type::boolean},
                                      {.key = "names", .type = setting_type::list},
                                      {.key = "mode", .choices = {"one", "two"}},
                                      {.key = "quote", .default_text = R"(say "\" )"}}}};
  const auto text = render_example(request.connectors);
  write("penstock.toml", uncommented(text));
  const auto values = load_well().values;
  const auto& bare = values.connectors.at("bare");
  EXPECT_EQ(bare.integer("count"), 3);
  EXPECT_EQ(bare.time("pause"), std::chrono::milliseconds(20));
  EXPECT_EQ(bare.integer("room"), 1024);
  EXPECT_EQ(bare.text("mode"), "one");
  EXPECT_EQ(bare.text("quote"), R"(say "\" )");
}

/// The connectors' sections follow in the shipped file: a room after them compares the whole.
TEST_F(example, ShippedFileBeginsWithTheEnginesSections) {
  std::ifstream stream(std::string(PENSTOCK_SOURCE_DIR) + "/config/penstock.toml");
  const std::string shipped{std::istreambuf_iterator<char>(stream), {}};
  const auto expected = render_example(engine_sections());
  EXPECT_EQ(shipped.substr(0, expected.size()), expected);
}

} // namespace
} // namespace penstock::config
