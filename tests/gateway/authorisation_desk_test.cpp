#include "gateway/authorisation_desk.hpp"

#include <set>

#include <gtest/gtest.h>

namespace penstock::gateway {
namespace {

using namespace std::chrono_literals;

const timestamp noon = timestamp(std::chrono::sys_days(std::chrono::year(2026) / 6 / 1)) + 12h;
const authorisation_desk::target mine{"monzo", {5}};

TEST(authorisation_desk, LinkWorksOnce) {
  authorisation_desk desk;
  const auto link = desk.make_link("monzo", {5}, noon);
  EXPECT_EQ(link.expires_at, noon + 10min);
  EXPECT_EQ(desk.spend_link(link.code, mine, noon + 10min), mine);
  EXPECT_FALSE(desk.spend_link(link.code, mine, noon));
}

TEST(authorisation_desk, LinkEndsAfterTenMinutes) {
  authorisation_desk desk;
  const auto link = desk.make_link("monzo", {5}, noon);
  EXPECT_FALSE(desk.spend_link(link.code, mine, noon + 10min + 1us));
}

TEST(authorisation_desk, LinkIsForOneIntegrationOfOneService) {
  authorisation_desk desk;
  const auto a = desk.make_link("monzo", {5}, noon);
  EXPECT_FALSE(desk.spend_link(a.code, {"monzo", {6}}, noon));
  EXPECT_FALSE(desk.spend_link(a.code, mine, noon)) << "a try with the wrong integration spends it too";
  const auto b = desk.make_link("monzo", {5}, noon);
  EXPECT_FALSE(desk.spend_link(b.code, {"other", {5}}, noon));
}

TEST(authorisation_desk, UnknownCodesGiveNothing) {
  authorisation_desk desk;
  EXPECT_FALSE(desk.spend_link("", mine, noon));
  EXPECT_FALSE(desk.spend_link("guess", mine, noon));
  EXPECT_FALSE(desk.spend_state("guess", "monzo", noon));
}

TEST(authorisation_desk, StateIsForOneServiceAndWorksOnce) {
  authorisation_desk desk;
  const auto state = desk.open_state(mine, noon);
  EXPECT_EQ(desk.spend_state(state, "monzo", noon + 1min), mine);
  EXPECT_FALSE(desk.spend_state(state, "monzo", noon + 1min));
  EXPECT_FALSE(desk.spend_state(desk.open_state(mine, noon), "other", noon));
  EXPECT_FALSE(desk.spend_state(desk.open_state(mine, noon), "monzo", noon + 11min));
}

TEST(authorisation_desk, AStateIsNoLinkAndALinkNoState) {
  authorisation_desk desk;
  EXPECT_FALSE(desk.spend_link(desk.open_state(mine, noon), mine, noon));
  EXPECT_FALSE(desk.spend_state(desk.make_link("monzo", {5}, noon).code, "monzo", noon));
}

TEST(authorisation_desk, TheOldestMakesRoom) {
  authorisation_desk desk;
  const auto first = desk.make_link("monzo", {5}, noon);
  std::set<std::string> codes;
  std::string last;
  for (std::size_t i = 0; i < authorisation_desk::most; ++i)
    codes.insert(last = desk.make_link("monzo", {5}, noon + 1s).code);
  EXPECT_EQ(codes.size(), authorisation_desk::most) << "no code comes twice";
  EXPECT_FALSE(desk.spend_link(first.code, mine, noon + 1s));
  EXPECT_TRUE(desk.spend_link(last, mine, noon + 1s));
}

} // namespace
} // namespace penstock::gateway
