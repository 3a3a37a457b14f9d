#include "node/private_files.hpp"

#include <sys/stat.h>

#include <gmock/gmock.h>

#include "tests/node/command_run.hpp"

namespace penstock::node {
namespace {

class private_files : public command_run {
protected:
  [[nodiscard]] static unsigned mode_of(const std::filesystem::path& file) {
    struct stat facts {};
    return ::stat(file.c_str(), &facts) == 0 ? facts.st_mode & 0777U : 0U;
  }
};

TEST_F(private_files, DirectoryIsMadeForItsOwnerAlone) {
  const auto wanted = directory_ / "a" / "b" / "data";
  ASSERT_TRUE(make_private_directory(wanted));
  EXPECT_EQ(mode_of(wanted), 0700U);
  EXPECT_TRUE(make_private_directory(wanted)) << "the second start finds it";
}

TEST_F(private_files, FileInPlaceOfTheDirectoryIsRefused) {
  write("data", "");
  const auto made = make_private_directory(directory_ / "data");
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, testing::HasSubstr("data"));
}

TEST_F(private_files, TokenIsMadeOnceAndStays) {
  const auto file = token_file(directory_);
  const auto first = read_or_make_token(file);
  ASSERT_TRUE(first);
  EXPECT_THAT(*first, testing::MatchesRegex("[A-Za-z0-9_-]{43}"));
  EXPECT_EQ(mode_of(file), 0600U);
  EXPECT_EQ(read_or_make_token(file).value(), *first);
  EXPECT_EQ(read_token(file).value(), *first);
  EXPECT_NE(read_or_make_token(directory_ / "other.token").value(), *first);
}

TEST_F(private_files, TokenThatOthersMayReadIsRefused) {
  const auto file = token_file(directory_);
  ASSERT_TRUE(read_or_make_token(file));
  std::filesystem::permissions(file, std::filesystem::perms::group_read, std::filesystem::perm_options::add);
  const auto again = read_or_make_token(file);
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().message, testing::HasSubstr("chmod 600"));
}

TEST_F(private_files, MissingOrEmptyTokenFilesAreTold) {
  EXPECT_EQ(read_token(directory_ / "none").error().code, error_code::not_found);
  write("empty", "\n");
  EXPECT_EQ(read_token(directory_ / "empty").error().code, error_code::bad_configuration);
}

} // namespace
} // namespace penstock::node
