// Tables that people name below a connector's section.
#include <gmock/gmock.h>

#include "config/example.hpp"
#include "tests/config/loading.hpp"

namespace penstock::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class named_tables : public loading {
protected:
  named_tables() { request.connectors = shops_like(); }
  [[nodiscard]] section shops() const { return load_well().values.connectors.at("shops"); }
};

TEST_F(named_tables, EachIsASectionOfTheConnectorInTheOrderOfTheirNames) {
  write("penstock.toml", "[connectors.shops.west]\nbase_url = 'https://w.example'\npage = 7\n"
                         "[connectors.shops]\npace = 'slow'\n"
                         "[connectors.shops.east_2]\nbase_url = 'https://e.example'\nfields = ['a', 'b']\n");
  const auto read = shops();
  EXPECT_EQ(read.text("pace"), "slow");
  ASSERT_EQ(read.tables().size(), 2U);
  EXPECT_EQ(read.tables()[0].name, "east_2");
  EXPECT_THAT(read.tables()[0].settings.list("fields"), ElementsAre("a", "b"));
  EXPECT_EQ(read.tables()[0].settings.integer("page"), 100);
  EXPECT_FALSE(read.tables()[0].settings.is_set("page"));
  EXPECT_EQ(read.tables()[1].name, "west");
  EXPECT_EQ(read.tables()[1].settings.integer("page"), 7);
  EXPECT_EQ(load_well().values.connectors.size(), 1U);
}

TEST_F(named_tables, NoneIsNoTableAtAll) { EXPECT_THAT(shops().tables(), IsEmpty()); }

TEST_F(named_tables, MistakesAreToldWithTheirLineAndTheNearestName) {
  const std::vector<std::pair<std::string, std::string>> table{
    {"[connectors.shops.west]\nbase_ulr = 'x'",
     "2: connectors.shops.west.base_ulr: unknown key, did you mean 'base_url'?"},
    {"[connectors.shops.west]\npage = '7'", "2: connectors.shops.west.page: needs a whole number, not text"},
    {"[connectors.shops.west]\npage = 201", "2: connectors.shops.west.page: must be between 1 and 200"},
    {"[connectors.shops.west]\ntoken = 77123",
     "2: connectors.shops.west.token: needs text in quotes, not a whole number"},
    {"[connectors.shops.west.deep]\npage = 1", "1: connectors.shops.west.deep: unknown key"},
    {"[connectors.shops]\nwest = 1", "2: connectors.shops.west: unknown key"},
    {"[connectors.shops]\npacee = 'x'", "2: connectors.shops.pacee: unknown key, did you mean 'pace'?"},
    {"[connectors.shops.pace]\npage = 1", "1: connectors.shops.pace: needs text in quotes, not a section"},
  };
  for (const auto& [file, line] : table) {
    write("penstock.toml", file);
    EXPECT_THAT(problem_lines(), ElementsAre("penstock.toml:" + line)) << file;
  }
}

TEST_F(named_tables, NamesAreThoseOfServices) {
  for (const std::string name :
       {"West", "west-end", "2west", "we__st", "'we st'", "ä", "_west", "a23456789012345678901234567890123456789012"}) {
    write("penstock.toml", "\n[connectors.shops." + (name == "ä" ? "'ä'" : name) + "]\npage = 1\n");
    EXPECT_THAT(problem_lines(), ElementsAre(HasSubstr("penstock.toml:2: connectors.shops."))) << name;
    EXPECT_THAT(problem_lines(), ElementsAre(HasSubstr("a name has 1 to 40 of a-z"))) << name;
  }
}

TEST_F(named_tables, EnvironmentSetsKeysOfTablesOfTheFileAndOfItsOwn) {
  write("penstock.toml", "[connectors.shops.west_2]\nbase_url = 'https://file.example'\npage = 7\n");
  request.here.environment["PENSTOCK_CONNECTORS__SHOPS__WEST_2__BASE_URL"] = "https://set.example";
  request.here.environment["PENSTOCK_CONNECTORS__SHOPS__EAST__FIELDS"] = "a, b";
  const auto read = shops();
  ASSERT_EQ(read.tables().size(), 2U);
  EXPECT_EQ(read.tables()[0].name, "east");
  EXPECT_THAT(read.tables()[0].settings.list("fields"), ElementsAre("a", "b"));
  EXPECT_EQ(read.tables()[1].settings.text("base_url"), "https://set.example");
  EXPECT_EQ(read.tables()[1].settings.integer("page"), 7);
}

TEST_F(named_tables, EnvironmentThatFitsNoKeyIsAMistake) {
  write("penstock.toml", "[connectors.shops.west]\npage = 7\n");
  request.here.environment["PENSTOCK_CONNECTORS__SHOPS__WEST__BASE_ULR"] = "https://set.example";
  request.here.environment["PENSTOCK_CONNECTORS__SHOPS____BASE_URL"] = "https://set.example";
  EXPECT_THAT(
    problem_lines(),
    ElementsAre(
      HasSubstr("WEST__BASE_ULR: names no setting, did you mean 'PENSTOCK_CONNECTORS__SHOPS__WEST__BASE_URL'?"),
      HasSubstr("PENSTOCK_CONNECTORS__SHOPS____BASE_URL: names no setting")));
}

TEST_F(named_tables, ObjectionsToWhatIsMissingAreToldWhereTheTableStands) {
  write("penstock.toml", "\n[connectors.shops.west]\npage = 7\n");
  request.inspect = [](const settings&) {
    return std::vector<objection>{{"connectors.shops.west.base_url", "is missing"},
                                  {"connectors.shops.west.page", "is odd"},
                                  {"connectors.shops.west", "is of no use"}};
  };
  EXPECT_THAT(problem_lines(), ElementsAre("penstock.toml:2: connectors.shops.west.base_url: is missing",
                                           "penstock.toml:2: connectors.shops.west: is of no use",
                                           "penstock.toml:3: connectors.shops.west.page: is odd"));
}

TEST_F(named_tables, ShippedFileShowsOneAsComments) {
  const auto text = render_example(shops_like());
  EXPECT_THAT(text, HasSubstr("\n# One shop.\n#[connectors.shops.name]\n#base_url = \"https://shop.example.com\"\n"));
  write("penstock.toml", text);
  EXPECT_THAT(shops().tables(), IsEmpty());
}

} // namespace
} // namespace penstock::config
