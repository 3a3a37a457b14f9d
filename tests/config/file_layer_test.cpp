#include "config/file_layer.hpp"

#include <gmock/gmock.h>

#include "tests/config/loading.hpp"

namespace penstock::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct mistake {
  const char* file;
  const char* line;
};

class file_mistakes : public loading {
protected:
  /// Each file has one mistake, told in one line with the way out.
  void expect_each(std::initializer_list<mistake> table) {
    request.connectors = {monzo_like()};
    for (const auto& each : table) {
      write("penstock.toml", each.file);
      EXPECT_THAT(problem_lines(), ElementsAre(std::string("penstock.toml:") + each.line)) << each.file;
    }
  }
};

TEST_F(file_mistakes, NamesThatNobodyDeclaredAreToldWithTheNearest) {
  expect_each({
    mistake{"htpp.listen = 'x'", "1: htpp: unknown section, did you mean 'http'?"},
    mistake{"lisen = 'x'", "1: lisen: unknown key"},
    mistake{"http = 'x'", "1: http: is a section: write [http] and its keys below"},
    mistake{"\n[[http]]\nlisten = 'x'", "2: http: is a section: write [http] and its keys below"},
    mistake{"connectors = 1", "1: connectors: is a section: write [connectors] and its keys below"},
    mistake{"[http]\nLISTENN = 'x'", "2: http.LISTENN: unknown key, did you mean 'listen'?"},
    mistake{"[http.listen]\nport = 1", "1: http.listen: needs text in quotes, not a section"},
    mistake{"[http]\nzzz = 1", "2: http.zzz: unknown key"},
    mistake{"[connectors.monza]\nclient_id = 'x'", "1: connectors.monza: unknown section, did you mean 'monzo'?"},
    mistake{"[connectors.monzo]\nclientid = 'x'",
            "2: connectors.monzo.clientid: unknown key, did you mean 'client_id'?"},
    mistake{"[connectors.monzo.sync]\ndelya = '1s'",
            "2: connectors.monzo.sync.delya: unknown key, did you mean 'sync.delay'?"},
    mistake{"[connectors.monzo]\nsync = 1", "2: connectors.monzo.sync: unknown key"},
    mistake{"[queues.'My queue']\nconcurrency = 1", "1: queues.My queue: a name has 1 to 64 of a-z, 0-9, '-' and '_'"},
    mistake{"[cluster]\njoin = 'x'", "1: cluster: not in this version of Penstock yet; remove it"},
    mistake{"[mail]\nhost = 'x'", "1: mail: not in this version of Penstock yet; remove it"},
    mistake{"[retention]\nsync_logs = '400d'",
            "2: retention.sync_logs: not in this version of Penstock yet; remove it"},
    mistake{"[connectors.workstudio]", "1: connectors.workstudio: not in this version of Penstock yet; remove it"},
  });
}

TEST_F(file_mistakes, ValuesOfAWrongTypeOrOutOfBoundsAreToldWithWhatToWrite) {
  expect_each({
    mistake{"[node]\nname = 5", "2: node.name: needs text in quotes, not a whole number"},
    mistake{"[node]\nname = true", "2: node.name: needs text in quotes, not true or false"},
    mistake{"[node]\nname = 2024-01-01", "2: node.name: needs text in quotes, not a date or time"},
    mistake{"[connectors.monzo]\npage = '5'", "2: connectors.monzo.page: needs a whole number, not text"},
    mistake{"[connectors.monzo]\npage = 5.5", "2: connectors.monzo.page: needs a whole number, not a fraction"},
    mistake{"[connectors.monzo]\npage = 201", "2: connectors.monzo.page: must be between 1 and 200"},
    mistake{"[connectors.monzo]\npage = -1", "2: connectors.monzo.page: must be between 1 and 200"},
    mistake{"[connectors.monzo]\npots = 'true'", "2: connectors.monzo.pots: needs true or false, not text"},
    mistake{"[connectors.monzo]\nscopes = 'a'",
            "2: connectors.monzo.scopes: needs a list of texts such as [\"a\", \"b\"], not text"},
    mistake{"[connectors.monzo]\nscopes = ['a', 1]",
            "2: connectors.monzo.scopes: needs a list of texts such as [\"a\", \"b\"], and one item is a whole number"},
    mistake{"[node]\nshutdown_timeout = 30",
            "2: node.shutdown_timeout: needs a duration in quotes such as \"30s\", not a whole number"},
    mistake{"[node]\nshutdown_timeout = '61m'", "2: node.shutdown_timeout: must be between 0s and 1h"},
    mistake{"[connectors.monzo]\nsync.delay = '0s'", "2: connectors.monzo.sync.delay: must be longer than zero"},
    mistake{"[connectors.monzo]\nroom = '1023B'", "2: connectors.monzo.room: must be between 1KB and 1GB"},
    mistake{"[connectors.monzo]\nroom = '1mb'",
            "2: connectors.monzo.room: '1mb' is not a size (write it like 512B, 64KB, 16MB, 1GB)"},
    mistake{"[connectors.monzo]\nclient_secret = 77123",
            "2: connectors.monzo.client_secret: needs text in quotes, not a whole number"},
    mistake{"[log]\nformat = 'jsonn'", "2: log.format: must be one of text, json, did you mean 'json'?"},
    mistake{"[http]\nlisten = '127.0.0.1:65536'",
            "2: http.listen: '127.0.0.1:65536' has no port from 0 to 65535 (write an IP address and a port, as "
            "127.0.0.1:8080 or [::1]:8080)"},
  });
}

TEST_F(loading, DurationThatDoesNotParseSaysHowToWriteIt) {
  write("penstock.toml", "[retention]\nevents = '30 days'\n");
  const auto lines = problem_lines();
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_THAT(lines[0], HasSubstr("penstock.toml:2: retention.events: '30 days' is not a duration"));
  EXPECT_THAT(lines[0], HasSubstr("30s"));
}

TEST_F(loading, QueueNamedAlmostLikeOneOfTheEngineIsMetWithAHint) {
  write("penstock.toml", "[queues.procses]\nconcurrency = 2\n[queues.mine]\nconcurrency = 2\n");
  const auto loaded = load_well();
  EXPECT_THAT(loaded.hints, ElementsAre("penstock.toml: [queues.procses] is a name of its own, did you mean "
                                        "'process'?"));
  EXPECT_EQ(loaded.values.queue("procses").concurrency, 2);
}

} // namespace
} // namespace penstock::config
