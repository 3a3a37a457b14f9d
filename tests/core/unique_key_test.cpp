#include "core/unique_key.hpp"

#include <set>

#include <gtest/gtest.h>

#include "core/random.hpp"

namespace penstock {
namespace {

constexpr organisation_id org{7};

TEST(unique_key, IsReadableWhenShort) {
  EXPECT_EQ(unique_key_text(org, "monzo.transaction_pull", "acc_1"), "7:22:monzo.transaction_pull:acc_1");
  EXPECT_EQ(unique_key_text({}, "", ""), "0:0::");
}

TEST(unique_key, FieldsCannotBeMistakenForEachOther) {
  const std::string longer(300, 'x');
  const std::vector<std::string> parts{"", "a", ":", "a:", ":a", "1:a", "#", "0", "7:1:a", longer, longer + ":"};
  std::set<std::string> texts;
  std::size_t made = 0;
  for (const std::int64_t organisation : {0, 1, 7, 71})
    for (const auto& kind : parts)
      for (const auto& key : parts) {
        texts.insert(unique_key_text({organisation}, kind, key));
        ++made;
      }
  EXPECT_EQ(texts.size(), made);
}

TEST(unique_key, IsBounded) {
  for (const std::size_t size : {0u, 100u, 199u, 200u, 201u, 10'000u}) {
    const auto text = unique_key_text({INT64_MIN}, std::string(size / 2, 'k'), std::string(size - size / 2, 'v'));
    EXPECT_LE(text.size(), longest_unique_key) << size;
    EXPECT_EQ(text.find('#') != std::string::npos, size > 200) << size;
  }
}

TEST(unique_key, LongKeysThatDifferInOneByteDiffer) {
  const std::string base(5000, 'k');
  std::set<std::string> texts{unique_key_text(org, "kind", base)};
  for (std::size_t i = 0; i < base.size(); i += 37) {
    auto changed = base;
    changed[i] = 'l';
    EXPECT_TRUE(texts.insert(unique_key_text(org, "kind", changed)).second) << i;
  }
}

TEST(unique_key, IsStable) {
  // Stored texts must keep their meaning: python3 -c 'h=0x6c62272e07bb014262b821756295c58d
  // for b in b"4:kind:"+b"v"*201: h=(h^b)*0x1000000000000000000013B%2**128
  // print("%032x"%h)'
  EXPECT_EQ(unique_key_text(org, "kind", std::string(201, 'v')), "7:#818e346ba678ccf97f2fd7ede86961a5");
}

TEST(unique_key, HashMatchesPublishedVectors) {
  // As in the tests of Go's hash/fnv.
  EXPECT_EQ(fnv1a_128_hex(""), "6c62272e07bb014262b821756295c58d");
  EXPECT_EQ(fnv1a_128_hex("a"), "d228cb696f1a8caf78912b704e4a8964");
  EXPECT_EQ(fnv1a_128_hex("abc"), "a68d622cec8b5822836dbc7977af7f3b");
}

} // namespace
} // namespace penstock
