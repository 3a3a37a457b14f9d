#include "config/validate.hpp"

#include <filesystem>
#include <fstream>

#include <unistd.h>

#include <gtest/gtest.h>

namespace penstock::config {
namespace {

settings sound() {
  settings values;
  values.database.url = "sqlite:///data/penstock.db";
  values.http.public_url = "https://sync.example.org";
  return values;
}

TEST(validate, SoundSettingsMeetNoObjection) { EXPECT_TRUE(validate(sound()).empty()); }

TEST(validate, PublicUrlIsAnHttpAddressOrAbsent) {
  for (const char* good : {"", "http://a", "https://a.example:8443", "http://127.0.0.1:8080", "http://[::1]:80",
                           "http://[::1]", "https://a/b/c"}) {
    auto values = sound();
    values.http.public_url = good;
    EXPECT_TRUE(validate(values).empty()) << good;
  }
  for (const char* bad :
       {"a.example", "ftp://a", "http://", "http:///x", "http://a:0", "http://a:65536", "http://a:", "http://a:8o",
        "https://a?b=c", "https://a#b", "https://u:p@a", "https://a b", "http://::1"}) {
    auto values = sound();
    values.http.public_url = bad;
    const auto objections = validate(values);
    ASSERT_EQ(objections.size(), 1U) << bad;
    EXPECT_EQ(objections[0].key, "http.public_url");
  }
}

TEST(validate, DatabaseUrlNamesAFileOrAServer) {
  for (const char* good : {"sqlite:///a.db", "sqlite:///with space/a.db", "postgres://h/d", "postgresql://u:p@h:5432/d",
                           "postgresql:///d?host=/run/postgresql"}) {
    auto values = sound();
    values.database.url = good;
    EXPECT_TRUE(validate(values).empty()) << good;
  }
  for (const char* bad :
       {"sqlite://a.db", "sqlite:///", "sqlite:a.db", "/a.db", "mysql://h/d", "postgresql:h", "postgresql://h/d e"}) {
    auto values = sound();
    values.database.url = bad;
    const auto objections = validate(values);
    ASSERT_EQ(objections.size(), 1U) << bad;
    EXPECT_EQ(objections[0].key, "database.url");
  }
  auto values = sound();
  values.database.url = "postgresql://ann:hidden@h/d e";
  const auto told = validate(values).at(0).message;
  EXPECT_NE(told.find("%20"), std::string::npos) << told;
  EXPECT_EQ(told.find("hidden"), std::string::npos) << told;
}

TEST(validate, CertificateAuthoritiesCanBeRead) {
  const auto folder = std::filesystem::path(testing::TempDir()) / ("penstock_ca_" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "ca.pem") << "-";
  auto values = sound();
  values.http.ca_file = folder / "ca.pem";
  EXPECT_TRUE(validate(values).empty());
  for (const auto& bad : {folder, folder / "missing.pem"}) {
    values.http.ca_file = bad;
    const auto objections = validate(values);
    ASSERT_EQ(objections.size(), 1U) << bad;
    EXPECT_EQ(objections[0].key, "http.ca_file");
    EXPECT_NE(objections[0].message.find(bad.string()), std::string::npos);
  }
  std::filesystem::remove_all(folder);
}

} // namespace
} // namespace penstock::config
