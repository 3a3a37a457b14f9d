#include "config/find_file.hpp"

#include <gmock/gmock.h>

#include "tests/config/loading.hpp"

namespace penstock::config {
namespace {

using testing::ElementsAre;

class find_file_search : public loading {
protected:
  std::optional<std::filesystem::path> found() { return load_well().file; }
};

TEST_F(find_file_search, PlacesAreTriedInTheDocumentedOrder) {
  write(".penstock/penstock.toml", "");
  EXPECT_EQ(found(), ".penstock/penstock.toml");
  write("penstock.toml", "");
  EXPECT_EQ(found(), "penstock.toml");
  write("other/named.toml", "");
  request.here.environment["PENSTOCK_CONFIG"] = (directory_ / "other/named.toml").string();
  EXPECT_EQ(found(), directory_ / "other/named.toml");
  write("flag.toml", "");
  request.file = "flag.toml";
  EXPECT_EQ(found(), "flag.toml");
}

TEST_F(find_file_search, EmptyVariableCountsAsNotSet) {
  request.here.environment["PENSTOCK_CONFIG"] = "";
  write("penstock.toml", "");
  EXPECT_EQ(found(), "penstock.toml");
}

TEST_F(find_file_search, NamedFileThatIsMissingIsAMistakeAndNotPassedOver) {
  write("penstock.toml", "");
  request.file = "typo.toml";
  EXPECT_THAT(problem_lines(), ElementsAre("typo.toml: cannot be read: No such file or directory"));
  request.file.reset();
  request.here.environment["PENSTOCK_CONFIG"] = "/nowhere/x.toml";
  EXPECT_THAT(problem_lines(), ElementsAre("/nowhere/x.toml: cannot be read: No such file or directory"));
}

TEST_F(find_file_search, DirectoryAndOversizedFileAreRefused) {
  std::filesystem::create_directory(directory_ / "penstock.toml");
  EXPECT_THAT(problem_lines(), ElementsAre("penstock.toml: is a directory: name a file"));
  write("large.toml", std::string(1024 * 1024 + 1, '#'));
  request.file = "large.toml";
  EXPECT_THAT(problem_lines(), ElementsAre("large.toml: is larger than 1 MB: this is not a configuration file"));
  write("fits.toml", std::string(1024 * 1024, '#'));
  request.file = "fits.toml";
  EXPECT_THAT(problem_lines(), ElementsAre());
}

} // namespace
} // namespace penstock::config
