#include "config/load.hpp"

#include <gmock/gmock.h>

#include "tests/config/loading.hpp"

namespace penstock::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(loading, NothingAtAllGivesTheDocumentedDefaults) {
  const auto loaded = load_well();
  EXPECT_FALSE(loaded.file);
  const auto& values = loaded.values;
  EXPECT_EQ(values.node.data_dir, "/home/ann/.local/share/penstock");
  EXPECT_EQ(values.node.name, "pump");
  EXPECT_EQ(values.node.shutdown_timeout, std::chrono::seconds(30));
  EXPECT_EQ(values.node.min_free_space, 256 << 20);
  EXPECT_EQ(values.database.url, "sqlite:///home/ann/.local/share/penstock/penstock.db");
  EXPECT_EQ(values.database.sync, synchronous::full);
  EXPECT_EQ(values.http.listen.address, "127.0.0.1");
  EXPECT_EQ(values.http.listen.port, 8080);
  EXPECT_EQ(values.http.public_url, "");
  EXPECT_EQ(values.http.max_body, 16 << 20);
  EXPECT_EQ(values.http.ca_file, "");
  EXPECT_EQ(values.secrets.key_file, "/home/ann/.local/share/penstock/secrets.key");
  EXPECT_EQ(values.retention.completed_jobs, std::chrono::days(7));
  EXPECT_EQ(values.retention.failed_jobs, std::chrono::days(30));
  EXPECT_EQ(values.retention.events, std::chrono::days(30));
  EXPECT_EQ(values.retention.occurrences, std::chrono::days(7));
  EXPECT_EQ(values.retention.sweep_every, std::chrono::minutes(1));
  EXPECT_EQ(values.log.level, log_level::info);
  EXPECT_EQ(values.log.format, log_format::text);
  EXPECT_EQ(values.log.file, "");
  std::vector<std::pair<std::string, int>> queues;
  for (const auto& [name, queue] : values.queues)
    queues.emplace_back(name, queue.concurrency);
  EXPECT_THAT(queues, ElementsAre(std::pair("bank-import", 4), std::pair("circuits", 1), std::pair("default", 4),
                                  std::pair("fetch", 8), std::pair("init", 2), std::pair("modules", 4),
                                  std::pair("process", 4), std::pair("webhook", 8)));
  EXPECT_EQ(values.queue("made-on-first-use").concurrency, 4);
}

TEST_F(loading, QueuesHaveLimitsAndThresholdsOfTheirOwn) {
  write("penstock.toml", R"(
[queues.slow]
limit = "600/m"
tenant_concurrency = 2
timeout = "7s"
max_attempts = 3
backoff = "list 1s 1m"
keep_failed = "90d"
warn_waiting = 5
)");
  const auto values = load_well().values;
  const auto slow = values.queue("slow");
  ASSERT_TRUE(slow.limit);
  EXPECT_EQ(slow.limit->refill, 600);
  EXPECT_EQ(slow.tenant_concurrency, 2);
  EXPECT_EQ(slow.timeout, std::chrono::seconds(7));
  EXPECT_EQ(slow.max_attempts, 3);
  EXPECT_EQ(slow.backoff, backoff_policy::list({std::chrono::seconds(1), std::chrono::minutes(1)}));
  EXPECT_EQ(slow.keep_failed, std::chrono::days(90));
  EXPECT_FALSE(slow.keep_completed);
  EXPECT_EQ(slow.warn_waiting, 5);
  ASSERT_TRUE(values.queue("bank-import").limit);
  EXPECT_EQ(values.queue("bank-import").limit->refill, 10);
  EXPECT_FALSE(values.queue("default").limit);
  write("penstock.toml", "[queues.slow]\nlimit = \"often\"\n");
  EXPECT_THAT(problem_lines(), ElementsAre(testing::HasSubstr("a rate is written as 10/s")));
  write("penstock.toml", "[queues.slow]\nbackoff = \"now and then\"\n");
  EXPECT_THAT(problem_lines(), ElementsAre(testing::HasSubstr("queues.slow.backoff: backoff 'now and then'")));
}

TEST_F(loading, NobodyIsToldOfFailuresUnlessADsnIsSet) {
  EXPECT_EQ(load_well().values.sentry.dsn, "");
  write("penstock.toml", "[sentry]\ndsn = 'https://KEY@sentry.example/42'\nrelease = 'r7'\n");
  const auto values = load_well().values;
  EXPECT_EQ(values.sentry.dsn, "https://KEY@sentry.example/42");
  EXPECT_EQ(values.sentry.environment, "production");
  EXPECT_EQ(values.sentry.release, "r7");
  EXPECT_EQ(values.sentry.repeat_after, std::chrono::minutes(5));
}

TEST_F(loading, RootsServiceKeepsItsDataInVarLib) {
  request.here.as_root = true;
  EXPECT_EQ(load_well().values.database.url, "sqlite:///var/lib/penstock/penstock.db");
}

TEST_F(loading, WithoutHomeTheDataDirectoryMustBeSet) {
  request.here.environment.erase("HOME");
  EXPECT_THAT(problem_lines(), ElementsAre("node.data_dir: no home directory is known: set it"));
}

TEST_F(loading, DataDirectoryMovesDatabaseAndKeyFile) {
  write("penstock.toml", "[node]\ndata_dir = '.penstock'\n");
  const auto values = load_well().values;
  EXPECT_EQ(values.node.data_dir, directory_ / ".penstock");
  EXPECT_EQ(values.database.url, "sqlite://" + (directory_ / ".penstock/penstock.db").string());
  EXPECT_EQ(values.secrets.key_file, directory_ / ".penstock/secrets.key");
}

TEST_F(loading, TildeIsTheHomeDirectory) {
  write("penstock.toml", "[secrets]\nkey_file = '~/keys/penstock'\n");
  EXPECT_EQ(load_well().values.secrets.key_file, "/home/ann/keys/penstock");
}

TEST_F(loading, EveryKeyReachesItsPlace) {
  for (const auto* file : {"ca.pem", "node.pem", "node.key"})
    write(file, "");
  write("penstock.toml", R"(
node = {data_dir = "/data", name = "east", shutdown_timeout = "1m30s", min_free_space = "2GB"}
[database]
url = "sqlite:///elsewhere/penstock.db"
synchronous = "normal"
[http]
listen = "[::1]:9000"
public_url = "https://sync.example.org/penstock/"
max_body = "64KB"
ca_file = "ca.pem"
tls.certificate = "node.pem"
tls.key = "node.key"
trusted_proxies = ["127.0.0.1", "10.0.0.0/8"]
cors_origins = ["https://app.example.org", "http://localhost:3000"]
rate_limit = "600/m"
rate_burst = 25
allow_private_hosts = ["crm.corp.example", "*.lan.example", "10.1.0.0/16"]
outgoing_proxy = "http://proxy.example:3128"
[queues.fetch]
concurrency = 3
[queues.mine]
concurrency = 9
[retention]
completed_jobs = "1d"
sweep_every = "10s"
failed_jobs = "2d"
events = "3d"
[log]
level = "debug"
format = "json"
file = "/var/log/penstock.log"
file_size = "1MB"
files_kept = 2
)");
  const auto values = load_well().values;
  EXPECT_EQ(values.node.name, "east");
  EXPECT_EQ(values.node.shutdown_timeout, std::chrono::seconds(90));
  EXPECT_EQ(values.node.min_free_space, 2LL << 30);
  EXPECT_EQ(values.database.url, "sqlite:///elsewhere/penstock.db");
  EXPECT_EQ(values.database.sync, synchronous::normal);
  EXPECT_EQ(values.http.listen.address, "::1");
  EXPECT_EQ(values.http.listen.port, 9000);
  EXPECT_EQ(values.http.public_url, "https://sync.example.org/penstock");
  EXPECT_EQ(values.http.max_body, 65536);
  EXPECT_EQ(values.http.ca_file, directory_ / "ca.pem");
  EXPECT_EQ(values.http.tls_certificate, directory_ / "node.pem");
  EXPECT_EQ(values.http.tls_key, directory_ / "node.key");
  ASSERT_EQ(values.http.trusted_proxies.size(), 2U);
  EXPECT_EQ(to_string(values.http.trusted_proxies[1]), "10.0.0.0/8");
  EXPECT_EQ(values.http.cors_origins.size(), 2U);
  EXPECT_EQ(values.http.rate_limit, (token_rate{25, 600, std::chrono::minutes(1)}));
  EXPECT_TRUE(values.http.allow_private_hosts.has_name("a.lan.example"));
  EXPECT_TRUE(values.http.allow_private_hosts.has_address(*parse_ip_address("10.1.9.9")));
  EXPECT_EQ(values.http.outgoing_proxy, "http://proxy.example:3128");
  EXPECT_EQ(values.queue("fetch").concurrency, 3);
  EXPECT_EQ(values.queue("mine").concurrency, 9);
  EXPECT_EQ(values.retention.completed_jobs, std::chrono::days(1));
  EXPECT_EQ(values.retention.sweep_every, std::chrono::seconds(10));
  EXPECT_EQ(values.retention.failed_jobs, std::chrono::days(2));
  EXPECT_EQ(values.retention.events, std::chrono::days(3));
  EXPECT_EQ(values.log.level, log_level::debug);
  EXPECT_EQ(values.log.format, log_format::json);
  EXPECT_EQ(values.log.file, "/var/log/penstock.log");
  EXPECT_EQ(values.log.file_size, 1 << 20);
  EXPECT_EQ(values.log.files_kept, 2);
}

TEST_F(loading, AllMistakesOfAllLayersAreToldAtOnce) {
  write("penstock.toml", R"([http]
listne = "127.0.0.1:1"
max_body = 5
[nodes]
name = "x"
[queues.fetch]
concurrency = 0
)");
  request.here.environment["PENSTOCK_HTTP__LISTNE"] = "127.0.0.1:2";
  request.here.environment["PENSTOCK_LOG__LEVEL"] = "infos";
  request.flags["log.fromat"] = "json";
  request.flags["http.listen"] = "localhost:99999";
  EXPECT_THAT(
    problem_lines(),
    ElementsAre("penstock.toml:2: http.listne: unknown key, did you mean 'listen'?",
                "penstock.toml:3: http.max_body: needs a size in quotes such as \"16MB\", not a whole number",
                "penstock.toml:4: nodes: unknown section, did you mean 'node'?",
                "penstock.toml:7: queues.fetch.concurrency: must be between 1 and 1000",
                "environment: PENSTOCK_HTTP__LISTNE: names no setting, did you mean 'PENSTOCK_HTTP__LISTEN'?",
                "environment: PENSTOCK_LOG__LEVEL: must be one of debug, info, warn, error, did you mean 'info'?",
                "command line: log.fromat: unknown key, did you mean 'log.format'?",
                "command line: http.listen: 'localhost:99999' has no port from 0 to 65535 (write an IP address and a "
                "port, as 127.0.0.1:8080 or [::1]:8080)"));
}

TEST_F(loading, ConnectorsGetTheirSectionsWithEveryTypeAndEnabled) {
  request.connectors = {monzo_like()};
  write("penstock.toml", R"([connectors.monzo]
client_id = "id"
page = 50
pots = false
sync.delay = "2s"
room = "64KB"
scopes = ["a", "b"]
)");
  const auto values = load_well().values;
  const auto& monzo = values.connectors.at("monzo");
  EXPECT_TRUE(monzo.boolean("enabled"));
  EXPECT_EQ(monzo.text("client_id"), "id");
  EXPECT_TRUE(monzo.is_set("client_id"));
  EXPECT_EQ(monzo.text("client_secret"), "");
  EXPECT_FALSE(monzo.is_set("client_secret"));
  EXPECT_EQ(monzo.integer("page"), 50);
  EXPECT_FALSE(monzo.boolean("pots"));
  EXPECT_EQ(monzo.time("sync.delay"), std::chrono::seconds(2));
  EXPECT_EQ(monzo.integer("room"), 65536);
  EXPECT_THAT(monzo.list("scopes"), ElementsAre("a", "b"));
}

TEST_F(loading, ConnectorThatNobodyMentionsIsAtItsDefaults) {
  auto connector = monzo_like();
  connector.enabled_default = false;
  request.connectors = {connector};
  const auto values = load_well().values;
  const auto& monzo = values.connectors.at("monzo");
  EXPECT_FALSE(monzo.boolean("enabled"));
  EXPECT_EQ(monzo.integer("page"), 100);
  EXPECT_EQ(monzo.time("sync.delay"), std::chrono::milliseconds(500));
  EXPECT_THAT(monzo.list("scopes"), ElementsAre("accounts", "pots"));
}

TEST_F(loading, FileIsOverriddenByEnvironmentAndThatByFlags) {
  request.connectors = {monzo_like()};
  const auto page = [this] { return load_well().values.connectors.at("monzo").integer("page"); };
  EXPECT_EQ(page(), 100);
  write("penstock.toml", "[connectors.monzo]\npage = 1\n");
  EXPECT_EQ(page(), 1);
  request.here.environment["PENSTOCK_CONNECTORS__MONZO__PAGE"] = "2";
  EXPECT_EQ(page(), 2);
  request.flags["connectors.monzo.page"] = "3";
  EXPECT_EQ(page(), 3);
}

TEST_F(loading, LaterLayerDoesNotHideAMistakeOfAnEarlierOne) {
  write("penstock.toml", "[http]\nlisten = 8080\n");
  request.flags["http.listen"] = "127.0.0.1:9000";
  EXPECT_THAT(problem_lines(), ElementsAre("penstock.toml:2: http.listen: needs text in quotes, not a whole number"));
}

TEST_F(loading, ProblemOfTheWholeNamesTheLayerThatSetTheValue) {
  write("penstock.toml", "[http]\n\npublic_url = \"sync.example.org\"\n");
  request.here.environment["PENSTOCK_DATABASE__URL"] = "mysql://ann:hidden@db/x";
  const auto lines = problem_lines();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0], "environment: database.url: must be sqlite:///path/penstock.db or "
                      "postgresql://user:password@host:port/database");
  EXPECT_THAT(lines[1], HasSubstr("penstock.toml:3: http.public_url: must be an http:// or https:// address"));
}

TEST_F(loading, HttpAtTheEdgeHasDefaultsThatHarmNobody) {
  const auto values = load_well().values;
  EXPECT_FALSE(values.http.has_tls());
  EXPECT_EQ(values.http.rate_limit, (token_rate{100'000, 100'000, std::chrono::seconds(1)}));
  EXPECT_TRUE(values.http.trusted_proxies.empty());
  EXPECT_TRUE(values.http.cors_origins.empty());
  request.here.environment["PENSTOCK_HTTP__RATE_LIMIT"] = "off";
  EXPECT_EQ(load_well().values.http.rate_limit, std::nullopt);
  request.here.environment["PENSTOCK_HTTP__RATE_LIMIT"] = "600/m";
  EXPECT_EQ(load_well().values.http.rate_limit->capacity, 10) << "what comes in a second";
}

TEST_F(loading, MistakesAtTheEdgeSayWhatToWrite) {
  struct mistake {
    const char *text, *told;
  };
  for (const auto& [text, told] : {
         mistake{"tls.key = 'none.key'", "penstock.toml:2: http.tls.key: a certificate and its key go together"},
         mistake{"tls.certificate = 'none.pem'", "http.tls.certificate and http.tls.key, or neither"},
         mistake{"trusted_proxies = ['proxy.example']",
                 "penstock.toml:2: http.trusted_proxies: 'proxy.example' is no IP address"},
         mistake{"trusted_proxies = ['10.1.0.0/8']", "write 10.0.0.0/8"},
         mistake{"cors_origins = ['*', 'https://a.example']", "goes alone"},
         mistake{"cors_origins = ['https://a.example/']", "is no origin"},
         mistake{"cors_origins = ['a.example']", "is no origin"},
         mistake{"cors_origins = ['null']", "is no origin"},
         mistake{"rate_limit = 'fast'", "a rate is written as 10/s, 600/m or 100/30s, or off"},
         mistake{"allow_private_hosts = ['http://a.example']", "penstock.toml:2: http.allow_private_hosts: "},
         mistake{"allow_private_hosts = ['*']", "is no host"},
       }) {
    write("penstock.toml", std::string("[http]\n") + text + "\n");
    const auto lines = problem_lines();
    ASSERT_FALSE(lines.empty()) << text;
    EXPECT_THAT(lines[0], HasSubstr(told)) << text;
  }
}

TEST_F(loading, SyntaxErrorNamesTheLineAndOtherLayersAreStillChecked) {
  write("penstock.toml", "[http]\nlisten = \"127.0.0.1:1\"\npublic_url = = 5\n");
  request.flags["nothing"] = "1";
  const auto lines = problem_lines();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_THAT(lines[0], testing::StartsWith("penstock.toml:3: not valid TOML: "));
  EXPECT_EQ(lines[1], "command line: nothing: unknown key");
}

} // namespace
} // namespace penstock::config
