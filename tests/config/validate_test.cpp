#include "config/validate.hpp"

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
  for (const char* good :
       {"sqlite:///a.db", "sqlite:///with space/a.db", "postgresql://u:p@h:5432/d?sslmode=require"}) {
    auto values = sound();
    values.database.url = good;
    EXPECT_TRUE(validate(values).empty()) << good;
  }
  for (const char* bad :
       {"sqlite://a.db", "sqlite:///", "sqlite:a.db", "/a.db", "mysql://h/d", "postgres://h/d", "postgresql://h/d d"}) {
    auto values = sound();
    values.database.url = bad;
    const auto objections = validate(values);
    ASSERT_EQ(objections.size(), 1U) << bad;
    EXPECT_EQ(objections[0].key, "database.url");
  }
}

} // namespace
} // namespace penstock::config
