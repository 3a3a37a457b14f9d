#include "config/environment_layer.hpp"

#include <gmock/gmock.h>

#include "tests/config/loading.hpp"

namespace penstock::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class environment : public loading {
protected:
  environment() { request.connectors = {monzo_like()}; }
  void set(const char* name, const char* text) { request.here.environment[name] = text; }
};

TEST_F(environment, SetsKeysOfEveryTypeFromText) {
  set("PENSTOCK_CONNECTORS__MONZO__CLIENT_ID", "id");
  set("PENSTOCK_CONNECTORS__MONZO__PAGE", "7");
  set("PENSTOCK_CONNECTORS__MONZO__POTS", "0");
  set("PENSTOCK_CONNECTORS__MONZO__SYNC__DELAY", "3s");
  set("PENSTOCK_CONNECTORS__MONZO__ROOM", "2KB");
  set("PENSTOCK_CONNECTORS__MONZO__SCOPES", "a, b ,,c");
  set("PENSTOCK_CONNECTORS__MONZO__ENABLED", "false");
  const auto values = load_well().values;
  const auto& monzo = values.connectors.at("monzo");
  EXPECT_EQ(monzo.text("client_id"), "id");
  EXPECT_EQ(monzo.integer("page"), 7);
  EXPECT_FALSE(monzo.boolean("pots"));
  EXPECT_EQ(monzo.time("sync.delay"), std::chrono::seconds(3));
  EXPECT_EQ(monzo.integer("room"), 2048);
  EXPECT_THAT(monzo.list("scopes"), ElementsAre("a", "b", "c"));
  EXPECT_FALSE(monzo.boolean("enabled"));
}

TEST_F(environment, NamesOfTheSystemDocumentsWorkAndOursWin) {
  set("MONZO_CLIENT_ID", "document");
  set("MONZO_CLIENT_SECRET", "secret");
  EXPECT_EQ(load_well().values.connectors.at("monzo").text("client_id"), "document");
  EXPECT_EQ(load_well().values.connectors.at("monzo").text("client_secret"), "secret");
  set("PENSTOCK_CONNECTORS__MONZO__CLIENT_ID", "ours");
  EXPECT_EQ(load_well().values.connectors.at("monzo").text("client_id"), "ours");
}

TEST_F(environment, EmptyVariableCountsAsNotSet) {
  set("MONZO_CLIENT_ID", "");
  set("PENSTOCK_CONNECTORS__MONZO__PAGE", "");
  const auto values = load_well().values;
  EXPECT_FALSE(values.connectors.at("monzo").is_set("client_id"));
  EXPECT_EQ(values.connectors.at("monzo").integer("page"), 100);
}

TEST_F(environment, QueuesAreNamedWithUnderscoresForDashes) {
  write("penstock.toml", "[queues.my-own]\nconcurrency = 2\n");
  set("PENSTOCK_QUEUES__BANK_IMPORT__CONCURRENCY", "6");
  set("PENSTOCK_QUEUES__MY_OWN__CONCURRENCY", "7");
  set("PENSTOCK_QUEUES__EXTRA__CONCURRENCY", "8");
  const auto values = load_well().values;
  EXPECT_EQ(values.queue("bank-import").concurrency, 6);
  EXPECT_EQ(values.queue("my-own").concurrency, 7);
  EXPECT_EQ(values.queue("extra").concurrency, 8);
  EXPECT_EQ(values.queues.size(), 10U);
}

TEST_F(environment, UnknownNamesWithOurPrefixAreMistakes) {
  set("PENSTOCK_CONNECTORS__MONZO__CLIENT_IDD", "x");
  set("PENSTOCK_QUEUES__FETCH__CONCURENCY", "8");
  set("PENSTOCK_ZZZZZZZZ", "x");
  set("PENSTOCK_CLUSTER__LISTEN", "x");
  EXPECT_THAT(problem_lines(),
              ElementsAre("environment: PENSTOCK_CLUSTER__LISTEN: not in this version of Penstock yet; remove it",
                          "environment: PENSTOCK_CONNECTORS__MONZO__CLIENT_IDD: names no setting, did you mean "
                          "'PENSTOCK_CONNECTORS__MONZO__CLIENT_ID'?",
                          "environment: PENSTOCK_QUEUES__FETCH__CONCURENCY: names no setting, did you mean "
                          "'PENSTOCK_QUEUES__FETCH__CONCURRENCY'?",
                          "environment: PENSTOCK_ZZZZZZZZ: names no setting"));
}

TEST_F(environment, NamesThatTheProgramsReadThemselvesAreFine) {
  set("PENSTOCK_URL", "http://127.0.0.1:1");
  set("PENSTOCK_TOKEN", "t");
  set("PENSTOCK_LONG", "1");
  EXPECT_THAT(problem_lines(), IsEmpty());
}

TEST_F(environment, OtherEnginesVariablesAreMetWithAHint) {
  set("REDIS_HOST", "localhost");
  set("REDIS_PORT", "6379");
  set("QUEUE_CONNECTION", "redis");
  set("BANK_SYNC_ENABLED", "true");
  const auto hints = load_well().hints;
  ASSERT_EQ(hints.size(), 3U);
  EXPECT_THAT(hints[0], HasSubstr("BANK_SYNC_ENABLED has no effect"));
  EXPECT_THAT(hints[1], HasSubstr("QUEUE_CONNECTION has no effect"));
  EXPECT_THAT(hints[2], HasSubstr("REDIS_HOST, REDIS_PORT: no effect"));
}

TEST_F(environment, ValueOfASecretIsNeverRepeated) {
  auto connector = monzo_like();
  connector.settings.push_back({.key = "mode", .type = setting_type::secret, .choices = {"abc", "abd"}});
  request.connectors = {connector};
  set("PENSTOCK_CONNECTORS__MONZO__MODE", "hidden-value");
  set("PENSTOCK_DATABASE__URL", "mysql://ann:hidden-value@db");
  const auto lines = problem_lines();
  ASSERT_EQ(lines.size(), 2U);
  for (const auto& line : lines)
    EXPECT_THAT(line, testing::Not(HasSubstr("hidden")));
}

} // namespace
} // namespace penstock::config
