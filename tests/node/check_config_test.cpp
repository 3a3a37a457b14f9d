#include <gmock/gmock.h>

#include "node/exit_status.hpp"
#include "tests/node/command_run.hpp"

namespace penstock::node {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class check_config : public command_run {};

TEST_F(check_config, ThreeMistakesAreNamedAtOnce) {
  write("penstock.toml", "[http]\nlistne = '127.0.0.1:1'\nmax_body = 5\n[log]\nlevel = 'loud'\n");
  const auto told = run({"check-config"});
  EXPECT_EQ(told.status, exit_status::bad_configuration);
  EXPECT_EQ(told.out, "");
  EXPECT_EQ(std::count(told.err.begin(), told.err.end(), '\n'), 3) << told.err;
  EXPECT_THAT(told.err, AllOf(HasSubstr("penstock.toml:2: http.listne: unknown key, did you mean 'listen'?"),
                              HasSubstr("penstock.toml:3: http.max_body"), HasSubstr("penstock.toml:5: log.level")));
}

TEST_F(check_config, AConnectorsMistakesAreNamedBesideTheOthers) {
  write("penstock.toml", "[http]\nlistne = '127.0.0.1:1'\n[connectors.monzo]\nbase_url = 'api.monzo.com'\n"
                         "auth_url = 'nowhere'\npage_size = 101\n");
  const auto told = run({"check-config"});
  EXPECT_EQ(told.status, exit_status::bad_configuration);
  EXPECT_EQ(std::count(told.err.begin(), told.err.end(), '\n'), 4) << told.err;
  EXPECT_THAT(told.err, AllOf(HasSubstr("penstock.toml:2: http.listne"),
                              HasSubstr("penstock.toml:4: connectors.monzo.base_url: is not a URL"),
                              HasSubstr("penstock.toml:5: connectors.monzo.auth_url: is not a URL"),
                              HasSubstr("penstock.toml:6: connectors.monzo.page_size")));
}

TEST_F(check_config, DescribedListIsCalledLikeNothingThatIsThere) {
  const std::vector<std::pair<std::string, std::string>> table{
    {"[connectors.http_json.shop]\ntable = 'jobs'\n",
     "penstock.toml:2: connectors.http_json.shop.table: 'jobs' is called as"},
    {"[connectors.http_json.audit]\n", "connectors.http_json.audit.table: 'audit' is called as"},
    {"[connectors.http_json.shop]\ntable = 'sqlite_x'\n",
     "penstock.toml:2: connectors.http_json.shop.table: 'sqlite_x'"},
    {"[connectors.http_json.shop]\ntable = 'v_x'\n", "penstock.toml:2: connectors.http_json.shop.table: 'v_x'"},
    {"[connectors.http_json.shop]\ntable = 'monzo_transactions'\n",
     "penstock.toml:2: connectors.http_json.shop.table: 'monzo_transactions' is a table of the connector monzo"},
    {"[connectors.http_json.shop]\ntable = 'monzo_pots'\n[connectors.monzo]\nenabled = false\n",
     "penstock.toml:2: connectors.http_json.shop.table: 'monzo_pots' is a table of the connector monzo"},
    {"[connectors.http_json.monzo]\ntable = 'mine'\n",
     "connectors.http_json.monzo: the connector monzo has a service of this name: call the table something else"},
  };
  for (const auto& [text, line] : table) {
    auto whole = text;
    const auto second = text.find("\n[");
    const std::string rest = "base_url = 'https://shop.example'\n";
    second == std::string::npos ? whole += rest : whole.insert(second + 1, rest);
    write("penstock.toml", whole);
    const auto told = run({"check-config"});
    EXPECT_EQ(told.status, exit_status::bad_configuration) << text;
    EXPECT_THAT(told.err, HasSubstr(line));
    EXPECT_EQ(std::count(told.err.begin(), told.err.end(), '\n'), 1) << told.err;
    EXPECT_THAT(told.err, HasSubstr("penstock.toml:"));
  }
}

TEST_F(check_config, AddressThatTheGuardWouldRefuseIsAMistakeUntilItIsListed) {
  for (const auto* address : {"http://127.0.0.1:8090/monzo", "https://10.1.2.3", "http://localhost", "https://[::1]/",
                              "http://api.example"}) {
    write("penstock.toml", std::string("[connectors.monzo]\nbase_url = '") + address + "'\n");
    const auto told = run({"check-config"});
    EXPECT_EQ(told.status, exit_status::bad_configuration) << address;
    EXPECT_THAT(told.err, AllOf(HasSubstr("penstock.toml:2: connectors.monzo.base_url: no request is sent to"),
                                HasSubstr("http.allow_private_hosts")));
  }
  environment["PENSTOCK_HTTP__ALLOW_PRIVATE_HOSTS"] = "127.0.0.1, 10.1.0.0/16, ::1, api.example";
  for (const auto* address : {"http://127.0.0.1:8090/monzo", "https://10.1.2.3", "http://localhost", "https://[::1]/",
                              "http://api.example"}) {
    write("penstock.toml", std::string("[connectors.monzo]\nbase_url = '") + address + "'\n");
    EXPECT_EQ(run({"check-config"}).status, exit_status::done) << address;
  }
}

TEST_F(check_config, TlsFilesThatCannotBeUsedAreAMistake) {
  write("penstock.toml", "[http]\ntls.certificate = 'none.pem'\ntls.key = 'none.key'\n");
  const auto told = run({"check-config"});
  EXPECT_EQ(told.status, exit_status::bad_configuration);
  EXPECT_THAT(told.err, HasSubstr("penstock.toml:2: http.tls.certificate: cannot use the TLS certificate"));
  EXPECT_THAT(told.err, HasSubstr("none.pem"));
}

TEST_F(check_config, WrongProxyIsAMistakeThatDoesNotShowItsPassword) {
  write("penstock.toml", "[http]\noutgoing_proxy = 'socks5://me:hunter2@proxy.example'\n");
  const auto told = run({"check-config"});
  EXPECT_EQ(told.status, exit_status::bad_configuration);
  EXPECT_THAT(told.err, HasSubstr("penstock.toml:2: http.outgoing_proxy: is no address of a proxy"));
  EXPECT_EQ(told.err.find("hunter2"), std::string::npos);
}

TEST_F(check_config, WrongDsnIsAMistakeThatDoesNotShowItsKey) {
  for (const auto& [dsn, why] : {std::pair("https://hunter2@sentry.example", "has no project behind the host"),
                                 std::pair("hunter2", "is not a usable URL"),
                                 std::pair("http://hunter2@127.0.0.1:9000/1", "http.allow_private_hosts"),
                                 std::pair("http://hunter2@sentry.example/1", "write https")}) {
    write("penstock.toml", std::string("[sentry]\ndsn = '") + dsn + "'\n");
    const auto told = run({"check-config"});
    EXPECT_EQ(told.status, exit_status::bad_configuration) << dsn;
    EXPECT_THAT(told.err, AllOf(HasSubstr("penstock.toml:2: sentry.dsn: "), HasSubstr(why)));
    EXPECT_EQ(told.err.find("hunter2"), std::string::npos) << told.err;
  }
  environment["PENSTOCK_HTTP__ALLOW_PRIVATE_HOSTS"] = "127.0.0.1";
  write("penstock.toml", "[sentry]\ndsn = 'http://KEY@127.0.0.1:9000/1'\n");
  EXPECT_EQ(run({"check-config"}).status, exit_status::done);
}

TEST_F(check_config, ServeRefusesWithTheSameLines) {
  write("penstock.toml", "[http]\nlistne = '127.0.0.1:1'\nmax_body = 5\n[log]\nlevel = 'loud'\n");
  const auto told = run({"serve"});
  EXPECT_EQ(told.status, exit_status::bad_configuration);
  EXPECT_EQ(told.err, run({"check-config"}).err);
}

TEST_F(check_config, WhatThisVersionCannotOpenIsAMistake) {
  write("penstock.toml", "[database]\nurl = 'mysql://u:p@h/d'\n[http]\nca_file = 'missing.pem'\n");
  for (const auto* command : {"check-config", "serve", "migrate"}) {
    const auto told = run({command});
    EXPECT_EQ(told.status, exit_status::bad_configuration) << command;
    EXPECT_THAT(told.err, AllOf(HasSubstr("penstock.toml:2: database.url: must be sqlite"),
                                HasSubstr("penstock.toml:4: http.ca_file: cannot read")));
  }
}

TEST_F(check_config, CommandsThatNeedTheConfigurationRefuseToo) {
  write("penstock.toml", "[http]\nlisten = 'everywhere'\n");
  EXPECT_EQ(run({"queue", "status"}).status, exit_status::bad_configuration);
}

TEST_F(check_config, WithoutFileDefaultsAreWell) {
  const auto told = run({"check-config"});
  EXPECT_EQ(told.status, exit_status::done) << told.err;
  EXPECT_THAT(told.out, HasSubstr("no configuration file"));
}

TEST_F(check_config, ShippedFileIsWhatTheProgramPrints) {
  std::ifstream stream(std::string(PENSTOCK_SOURCE_DIR) + "/config/penstock.toml");
  const std::string shipped{std::istreambuf_iterator<char>(stream), {}};
  EXPECT_EQ(run({"check-config", "--print-example"}).out, shipped)
    << "run: penstock check-config --print-example > config/penstock.toml";
}

} // namespace
} // namespace penstock::node
