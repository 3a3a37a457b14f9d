#include "storage/secret_box.hpp"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace penstock::storage {
namespace {

namespace fs = std::filesystem;

class secret_box_file : public ::testing::Test {
protected:
  secret_box_file() {
    std::string pattern = (fs::temp_directory_path() / "penstock-key-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    file = folder_ / "secrets.key";
  }
  ~secret_box_file() override { fs::remove_all(folder_); }

  void write(const std::string& text, fs::perms rights = fs::perms::owner_read | fs::perms::owner_write) const {
    std::ofstream{file} << text;
    fs::permissions(file, rights);
  }
  [[nodiscard]] std::string text() const {
    std::ifstream in{file};
    return {std::istreambuf_iterator<char>{in}, {}};
  }

  fs::path file;

private:
  fs::path folder_;
};

TEST(secret_box, OpensWhatItSealed) {
  const auto box = secret_box::ephemeral();
  for (const std::string& plain :
       {std::string{}, std::string{"token"}, std::string(70'000, 'x'), std::string{"a\0b", 3}}) {
    const auto sealed = box.seal(plain, "credential/1");
    EXPECT_TRUE(sealed.starts_with("v1:"));
    EXPECT_EQ(box.open_sealed(sealed, "credential/1"), plain);
  }
}

TEST(secret_box, SealsTheSameTextDifferentlyEachTime) {
  const auto box = secret_box::ephemeral();
  EXPECT_NE(box.seal("token", "credential/1"), box.seal("token", "credential/1"));
}

TEST(secret_box, DoesNotShowThePlainText) {
  const auto box = secret_box::ephemeral();
  EXPECT_EQ(box.seal("very-secret-token", "credential/1").find("very-secret"), std::string::npos);
}

TEST(secret_box, RefusesAnotherPurpose) {
  const auto box = secret_box::ephemeral();
  const auto opened = box.open_sealed(box.seal("token", "credential/1"), "credential/2");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, error_code::storage_failed);
  EXPECT_EQ(opened.error().message.find("token"), std::string::npos);
}

TEST(secret_box, RefusesAnotherKey) {
  const auto sealed = secret_box::ephemeral().seal("token", "credential/1");
  EXPECT_FALSE(secret_box::ephemeral().open_sealed(sealed, "credential/1"));
}

TEST(secret_box, RefusesEveryAlteredCharacter) {
  const auto box = secret_box::ephemeral();
  const auto sealed = box.seal("token", "credential/1");
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    auto altered = sealed;
    altered[i] = altered[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(box.open_sealed(altered, "credential/1")) << "character " << i;
  }
  for (std::size_t length = 0; length < sealed.size(); ++length)
    EXPECT_FALSE(box.open_sealed(sealed.substr(0, length), "credential/1")) << "cut to " << length;
}

TEST(secret_box, MovesItsKey) {
  auto first = secret_box::ephemeral();
  const auto sealed = first.seal("token", "p");
  auto second = std::move(first);
  EXPECT_EQ(second.open_sealed(sealed, "p"), "token");
  auto third = secret_box::ephemeral();
  third = std::move(second);
  EXPECT_EQ(third.open_sealed(sealed, "p"), "token");
}

TEST_F(secret_box_file, MakesAKeyForTheOwnerAlone) {
  const auto box = secret_box::open(file, true);
  ASSERT_TRUE(box) << box.error().message;
  struct stat facts {};
  ASSERT_EQ(::stat(file.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 07777, 0600u);
  EXPECT_EQ(std::distance(fs::directory_iterator{file.parent_path()}, fs::directory_iterator{}), 1)
    << "no draft stays behind";
}

TEST_F(secret_box_file, OpensAgainWithTheSameKey) {
  const auto sealed = secret_box::open(file, true)->seal("token", "p");
  const auto before = text();
  const auto again = secret_box::open(file, true);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->open_sealed(sealed, "p"), "token");
  EXPECT_EQ(text(), before);
}

TEST_F(secret_box_file, DoesNotMakeAKeyUnasked) {
  const auto box = secret_box::open(file, false);
  ASSERT_FALSE(box);
  EXPECT_EQ(box.error().code, error_code::not_found);
  EXPECT_FALSE(fs::exists(file));
}

TEST_F(secret_box_file, RefusesAFileThatOthersMayRead) {
  ASSERT_TRUE(secret_box::open(file, true));
  for (const auto right : {fs::perms::group_read, fs::perms::others_read, fs::perms::group_write}) {
    fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write | right);
    const auto box = secret_box::open(file, true);
    ASSERT_FALSE(box);
    EXPECT_EQ(box.error().code, error_code::bad_configuration);
    EXPECT_NE(box.error().message.find("chmod 600"), std::string::npos);
  }
}

TEST_F(secret_box_file, RefusesAFileWithoutAKeyAndLeavesItAlone) {
  for (const std::string wrong : {"", "not base64 !", "c2hvcnQ=\n"}) {
    write(wrong);
    const auto box = secret_box::open(file, true);
    ASSERT_FALSE(box) << wrong;
    EXPECT_EQ(box.error().code, error_code::bad_configuration);
    EXPECT_EQ(text(), wrong);
  }
  write(std::string(1000, 'A'));
  EXPECT_FALSE(secret_box::open(file, true));
}

TEST_F(secret_box_file, TellsWhyAKeyCannotBeMade) {
  const auto box = secret_box::open(file.parent_path() / "missing" / "secrets.key", true);
  ASSERT_FALSE(box);
  EXPECT_EQ(box.error().code, error_code::storage_failed);
  EXPECT_NE(box.error().message.find("No such file"), std::string::npos);
}

} // namespace
} // namespace penstock::storage
