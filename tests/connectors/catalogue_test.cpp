#include "connectors/catalogue.hpp"

#include <gmock/gmock.h>

namespace penstock::connectors {
namespace {

using ::testing::HasSubstr;

connector with_kind(std::string name, std::string kind) {
  connector built;
  built.name = std::move(name);
  built.handlers.push_back({job_kind::process(std::move(kind)),
                            process_handler([](process_context&) -> result<unit_of_work> { return unit_of_work{}; })});
  return built;
}

TEST(connector_catalogue, FindsWhatConnectorsContribute) {
  auto first = with_kind("a", "a.kind");
  first.services.emplace_back().name = "a";
  first.tables.push_back({"a_rows", {}, false});
  const auto built = catalogue::build({first, with_kind("b", "b.kind")});
  ASSERT_TRUE(built);
  ASSERT_NE(built->handler("b.kind"), nullptr);
  EXPECT_EQ(built->handler("b.kind")->kind.queue, "process");
  EXPECT_EQ(built->handler("c.kind"), nullptr);
  EXPECT_NE(built->find_service("a"), nullptr);
  EXPECT_EQ(built->tables().size(), 1u);
  EXPECT_EQ(built->kinds().size(), 2u);
}

TEST(connector_catalogue, RefusesTwoClaimsOfOneName) {
  const auto built = catalogue::build({with_kind("a", "same"), with_kind("b", "same")});
  ASSERT_FALSE(built);
  EXPECT_EQ(built.error().code, error_code::bad_configuration);
  EXPECT_THAT(built.error().message, HasSubstr("'same'"));
}

TEST(connector_registry, FindsTheFoldersThatTheBuildFound) {
  registry declared;
  register_all(declared);
  std::vector<std::string> names;
  for (const auto& each : declared.declarations())
    names.push_back(each.name);
  EXPECT_THAT(names, ::testing::IsSupersetOf({"monzo", "probe"}));
}

} // namespace
} // namespace penstock::connectors
