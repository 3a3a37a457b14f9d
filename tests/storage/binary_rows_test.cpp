#include "storage/binary_rows.hpp"

#include <gtest/gtest.h>

namespace penstock::storage {
namespace {

using namespace std::string_literals;

TEST(binary_rows, FollowTheManual) {
  binary_rows rows;
  rows.clear();
  rows.begin_row(5);
  rows.add(std::int16_t{-2});
  rows.add(std::int32_t{258});
  rows.add(std::int64_t{1} << 40);
  rows.add("ab");
  rows.add_null();
  rows.close();
  EXPECT_EQ(rows.bytes(), "PGCOPY\n\xff\r\n\0"s + "\0\0\0\0"s + "\0\0\0\0"s + "\0\5"s + "\0\0\0\2\xff\xfe"s +
                            "\0\0\0\4\0\0\1\2"s + "\0\0\0\x8\0\0\1\0\0\0\0\0"s + "\0\0\0\2ab"s + "\xff\xff\xff\xff"s +
                            "\xff\xff"s);
}

TEST(binary_rows, BeginAnew) {
  binary_rows rows;
  rows.clear();
  const auto empty = rows.bytes();
  rows.begin_row(1);
  rows.add("x");
  rows.clear();
  EXPECT_EQ(rows.bytes(), empty);
}

} // namespace
} // namespace penstock::storage
