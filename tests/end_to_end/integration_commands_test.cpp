// Commands about integrations, against a server that does what each test says.
#include <gmock/gmock.h>

#include "tests/end_to_end/node_fixture.hpp"
#include "tests/end_to_end/scripted_node.hpp"

namespace penstock::end_to_end {
namespace {

using testing::HasSubstr;

class integration_commands : public with_node {
protected:
  ended_program ask_of(const scripted_node& node, std::vector<std::string> words) const {
    words.insert(words.end(), {"--url", node.url(), "--token", "t"});
    return cli(std::move(words));
  }
};

TEST_F(integration_commands, AuthorizeWaitsForANewConsentWhateverTheStatus) {
  const auto shown = [](const std::string& at) {
    return scripted_node::json(R"({"id":"5","status":"idle","authorised_at":")" + at + R"("})");
  };
  const std::string link = R"({"url":"http://n/oauth/x/start","expires_at":"2026-06-01T12:10:00Z"})";
  scripted_node node({shown("2026-06-01T12:00:00Z"), scripted_node::json(link, "201 Created"),
                      shown("2026-06-01T12:00:00Z"), shown("2026-06-01T12:00:09Z")});
  const auto told = ask_of(node, {"integrations", "authorize", "5"});
  EXPECT_EQ(told.status, 0) << told.err;
  EXPECT_THAT(told.out, HasSubstr("integration 5 is authorised\n"));
  EXPECT_EQ(node.asked().size(), 4U) << "it asked until the credential was another one";
}

TEST_F(integration_commands, FollowedFetchTellsThatTheNodeWentAway) {
  scripted_node node({scripted_node::json(R"({"job_id":"9","deduplicated":false})", "202 Accepted")});
  const auto told = ask_of(node, {"integrations", "fetch", "5", "--follow"});
  EXPECT_EQ(told.status, 3);
  EXPECT_THAT(told.err, HasSubstr("no node answers at " + node.url()));
}

} // namespace
} // namespace penstock::end_to_end
