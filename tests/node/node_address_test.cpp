#include "node/commands/node_address.hpp"

#include <sstream>

#include <gmock/gmock.h>

#include "node/private_files.hpp"
#include "tests/node/command_run.hpp"

namespace penstock::node {
namespace {

class node_address_of : public command_run {
protected:
  node_address_of() {
    write("penstock.toml", "[node]\ndata_dir = 'data'\n[http]\nlisten = '127.0.0.1:4567'\n");
    std::filesystem::create_directories(directory_ / "data");
    token = read_or_make_token(token_file(directory_ / "data")).value();
  }

  [[nodiscard]] tl::expected<node_address, command_failure> find(const std::string& url = {},
                                                                 const std::string& given_token = {}) {
    config::surroundings here;
    here.working_directory = directory_;
    here.environment = environment;
    here.environment.try_emplace("HOME", directory_.string());
    const session with{.out = nowhere, .err = nowhere, .clock = clock, .here = here, .url = url, .token = given_token};
    return find_node(with);
  }

  std::ostringstream nowhere;
  std::string token;
};

TEST_F(node_address_of, ConfiguredNodeAndItsTokenFileAreFound) {
  const auto found = find();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->url, "http://127.0.0.1:4567");
  EXPECT_EQ(found->token, token);
}

TEST_F(node_address_of, FlagWinsOverEnvironmentOverConfiguration) {
  environment = {{"PENSTOCK_URL", "http://127.0.0.1:1"}, {"PENSTOCK_TOKEN", "e"}};
  EXPECT_EQ(find()->url, "http://127.0.0.1:1");
  EXPECT_EQ(find()->token, "e");
  EXPECT_EQ(find("http://127.0.0.1:2/", "f")->url, "http://127.0.0.1:2");
  EXPECT_EQ(find("http://127.0.0.1:2/", "f")->token, "f");
}

TEST_F(node_address_of, TokenFileIsNotSentToAnotherMachine) {
  EXPECT_EQ(find("https://sync.example.org")->token, "");
  EXPECT_EQ(find("http://127.example.org")->token, "");
  EXPECT_EQ(find("http://localhost:9")->token, token);
}

TEST_F(node_address_of, WithAnyPortTheNodesNoteTellsWhichItGot) {
  write("penstock.toml", "[node]\ndata_dir = 'data'\n[http]\nlisten = '127.0.0.1:0'\n");
  write("data/node.url", "http://127.0.0.1:7890\n");
  EXPECT_EQ(find()->url, "http://127.0.0.1:7890");
  std::filesystem::remove(directory_ / "data" / "node.url");
  const auto none = find();
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().status, exit_status::unreachable);
}

TEST_F(node_address_of, NodeWithTlsIsReachedByHttpsAndKnownByItsCertificate) {
  write("node.pem", "");
  write("node.key", "");
  write("ca.pem", "");
  write("penstock.toml", "[node]\ndata_dir = 'data'\n[http]\nlisten = '0.0.0.0:4567'\nca_file = 'ca.pem'\n"
                         "tls.certificate = 'node.pem'\ntls.key = 'node.key'\n");
  EXPECT_EQ(find()->url, "https://127.0.0.1:4567");
  EXPECT_EQ(find()->known_certificate, directory_ / "node.pem");
  EXPECT_EQ(find()->ca_file, directory_ / "ca.pem");
  const auto other = find("https://sync.example.org", "t");
  EXPECT_EQ(other->known_certificate, "");
  EXPECT_EQ(other->ca_file, directory_ / "ca.pem");
  environment["PENSTOCK_CA_FILE"] = "/elsewhere.pem";
  EXPECT_EQ(find("https://sync.example.org", "t")->ca_file, "/elsewhere.pem");
}

TEST_F(node_address_of, MissingTokenFileIsNoErrorButAnAdvice) {
  std::filesystem::remove(token_file(directory_ / "data"));
  const auto found = find();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->token, "");
  EXPECT_THAT(found->token_advice, testing::HasSubstr("there is no token file"));
}

} // namespace
} // namespace penstock::node
