// How a node starts, refuses to start, and stops.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <optional>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>

#include "net/beast_http_client.hpp"
#include "tests/end_to_end/node_fixture.hpp"

namespace penstock::end_to_end {
namespace {

using testing::HasSubstr;

class node_start_stop : public with_node {
protected:
  [[nodiscard]] unsigned mode_of(const std::string& name) const {
    struct stat facts {};
    return ::stat((options.directory / "data" / name).c_str(), &facts) == 0 ? facts.st_mode & 0777U : 0U;
  }

  /// Status of a GET without a token; 0: no answer.
  [[nodiscard]] int status_of(const std::string& path) const {
    net::asio::io_context context;
    auto http = net::beast_http_client::make(context.get_executor()).value();
    net::http_request request;
    request.url = node_url() + path;
    int status = 0;
    net::asio::co_spawn(context, http->send(std::move(request)),
                        [&](const std::exception_ptr&, result<net::http_response> answer) {
                          if (answer)
                            status = answer->status;
                          context.stop();
                        });
    context.run_for(30s);
    return status;
  }

  /// One line, so that logs and people can take it.
  static void expect_one_line(const std::string& text) {
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
    EXPECT_THAT(text, testing::StartsWith("penstock: "));
  }
};

/// A socket that listens, so that nobody else can on its port.
class taken_port {
public:
  taken_port() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(socket_, reinterpret_cast<sockaddr*>(&address), size) == 0 && ::listen(socket_, 1) == 0 &&
        ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) == 0)
      port_ = ntohs(address.sin_port);
  }
  ~taken_port() { ::close(socket_); }
  taken_port(const taken_port&) = delete;
  taken_port& operator=(const taken_port&) = delete;
  [[nodiscard]] std::string number() const { return std::to_string(port_); }

private:
  int socket_;
  int port_ = 0;
};

TEST_F(node_start_stop, EmptyDirectoryBecomesAReadyNode) {
  const auto node = start_node();
  EXPECT_THAT(node->out(), HasSubstr("serves at " + node_url()));
  EXPECT_THAT(node->out(), HasSubstr((options.directory / "data" / "admin.token").string()));
  EXPECT_EQ(status_of("/healthz"), 200);
  EXPECT_EQ(status_of("/readyz"), 200);
  EXPECT_EQ(status_of("/api/v1/queues"), 401);
  EXPECT_EQ(mode_of(""), 0700U);
  EXPECT_EQ(mode_of("secrets.key"), 0600U);
  EXPECT_EQ(mode_of("admin.token"), 0600U);
  EXPECT_EQ(mode_of("penstock.db"), 0600U);
  stop_node(*node);
  EXPECT_EQ(node_url(), "") << "the note of the address goes with the node";
}

TEST_F(node_start_stop, DatabaseIsPrivateInADirectoryThatIsNot) {
  const auto data = options.directory / "data";
  const auto open_it = [&] {
    std::filesystem::remove_all(data);
    std::filesystem::create_directory(data);
    ASSERT_EQ(::chmod(data.c_str(), 0755), 0);
  };
  open_it();
  {
    const auto node = start_node();
    for (const auto* name : {"penstock.db", "penstock.db-wal", "penstock.db-shm", "node.url"})
      EXPECT_EQ(mode_of(name), 0600U) << name;
    stop_node(*node);
  }
  open_it();
  EXPECT_EQ(cli({"migrate"}).status, 0);
  EXPECT_EQ(mode_of("penstock.db"), 0600U);
}

TEST_F(node_start_stop, SecondNodeOnTheSameDatabaseIsRefused) {
  const auto first = start_node();
  const auto second = cli({"serve"});
  EXPECT_EQ(second.status, 1);
  expect_one_line(second.err);
  EXPECT_THAT(second.err, HasSubstr(std::to_string(first->pid())));
  EXPECT_EQ(cli({"migrate"}).status, 1) << "nor may anybody else write";
  EXPECT_EQ(status_of("/readyz"), 200) << "the first one goes on";
}

TEST_F(node_start_stop, PortInUseIsRefused) {
  const taken_port taken;
  options.environment["PENSTOCK_HTTP__LISTEN"] = "127.0.0.1:" + taken.number();
  const auto told = cli({"serve"});
  EXPECT_EQ(told.status, 1);
  expect_one_line(told.err);
  EXPECT_THAT(told.err, HasSubstr(taken.number()));
}

TEST_F(node_start_stop, WrongConfigurationIsRefusedWithEveryMistake) {
  configure("shutdown_timeout = \"soon\"\nnmae = \"x\"\n[log]\nformat = \"xml\"\n");
  const auto told = cli({"serve"});
  EXPECT_EQ(told.status, 78);
  EXPECT_EQ(std::count(told.err.begin(), told.err.end(), '\n'), 3) << told.err;
  EXPECT_FALSE(std::filesystem::exists(options.directory / "data"));
}

TEST_F(node_start_stop, WhatTheConfigurationNamesMustBeUsable) {
  std::ofstream(options.directory / "no.pem") << "no certificate";
  const std::pair<std::string, std::string> rows[] = {
    {"PENSTOCK_HTTP__CA_FILE", (options.directory / "missing.pem").string()},
    {"PENSTOCK_HTTP__CA_FILE", (options.directory / "no.pem").string()},
    {"PENSTOCK_LOG__FILE", (options.directory / "no.pem" / "penstock.log").string()},
    {"PENSTOCK_DATABASE__URL", "mysql://u:p@127.0.0.1/d"},
  };
  for (const auto& [name, value] : rows) {
    options.environment[name] = value;
    const auto told = cli({"serve"});
    options.environment.erase(name);
    EXPECT_EQ(told.status, 78) << name << "=" << value;
    EXPECT_EQ(std::count(told.err.begin(), told.err.end(), '\n'), 1) << told.err;
  }
}

TEST_F(node_start_stop, MissingKeyBesideADatabaseIsRefused) {
  stop_node(*start_node());
  std::filesystem::remove(options.directory / "data" / "secrets.key");
  const auto told = cli({"serve"});
  EXPECT_EQ(told.status, 78);
  EXPECT_THAT(told.err, HasSubstr("restore the key from its backup"));
  EXPECT_FALSE(std::filesystem::exists(options.directory / "data" / "secrets.key"));
}

TEST_F(node_start_stop, UnknownCommandIsWrongUsage) {
  const auto told = cli({"server"});
  EXPECT_EQ(told.status, 2);
  expect_one_line(told.err);
}

TEST_F(node_start_stop, NodeThatIsNotThereIsUnreachable) {
  std::string url;
  {
    const taken_port nobody_listens_later;
    url = "http://127.0.0.1:" + nobody_listens_later.number();
  }
  for (const auto& words : std::vector<std::vector<std::string>>{
         {"queue", "status"}, {"jobs", "show", "1", "--follow"}, {"events", "tail"}, {"integrations", "list"}}) {
    auto with_url = words;
    with_url.insert(with_url.end(), {"--url", url});
    const auto told = cli(with_url);
    EXPECT_EQ(told.status, 3) << words[0];
    expect_one_line(told.err);
    EXPECT_THAT(told.err, HasSubstr(url));
  }
}

TEST_F(node_start_stop, IdleNodeStopsInUnderASecond) {
  // The best of some, since the machine that tests may be busy with others.
  auto best = std::chrono::steady_clock::duration::max();
  for (int i = 0; i < 4 && best > 1s; ++i) {
    const auto node = start_node();
    const auto begin = std::chrono::steady_clock::now();
    stop_node(*node);
    best = std::min(best, std::chrono::steady_clock::now() - begin);
  }
  EXPECT_LT(std::chrono::duration_cast<std::chrono::milliseconds>(best), 1000ms);
}

TEST_F(node_start_stop, ListenersDoNotDelayAStop) {
  const auto node = start_node();
  running_program tail(command({"events", "tail", "--live"}), options);
  const auto job = enqueue("probe.noop", "{}");
  EXPECT_TRUE(tail.prints("job.completed", 30s)) << tail.err();
  const auto begin = std::chrono::steady_clock::now();
  stop_node(*node);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
}

TEST_F(node_start_stop, WhatRunsAtAStopIsHandedBackAtNoCost) {
  configure("shutdown_timeout = \"100ms\"\n");
  std::string job;
  {
    const auto node = start_node();
    job = enqueue("probe.sleep", R"({"ms": 600000})");
    EXPECT_TRUE(eventually(30s, [&] { return state_of(job) == "active"; }));
    stop_node(*node);
  }
  const auto node = start_node();
  const auto again = ask({"jobs", "show", job});
  EXPECT_THAT(std::string(again.at("state").as_string()), testing::AnyOf("waiting", "active"));
  EXPECT_LE(again.at("attempt").as_int64(), 1);
  EXPECT_TRUE(again.at("errors").as_array().empty());
  EXPECT_EQ(cli({"jobs", "cancel", job}).status, 0);
}

TEST_F(node_start_stop, HangupReadsTheLogLevelAgain) {
  configure("[log]\nlevel = \"error\"\n");
  const auto node = start_node();
  EXPECT_EQ(node->err(), "");
  configure("[log]\nlevel = \"loud\"\n");
  node->signal(SIGHUP);
  EXPECT_TRUE(
    eventually(30s, [&] { return node->err().find("the configuration was not reloaded") != std::string::npos; }));
  configure("[log]\nlevel = \"info\"\n");
  node->signal(SIGHUP);
  EXPECT_TRUE(eventually(
    30s, [&] { return node->err().find("log.level and the files of http.tls were read again") != std::string::npos; }));
  stop_node(*node);
}

TEST_F(node_start_stop, SecondSignalEndsAtOnce) {
  configure("shutdown_timeout = \"10m\"\n");
  const auto node = start_node();
  const auto job = enqueue("probe.sleep", R"({"ms": 600000})");
  EXPECT_TRUE(eventually(30s, [&] { return state_of(job) == "active"; }));
  node->signal(SIGTERM);
  EXPECT_FALSE(node->wait(300ms)) << "the job may finish";
  node->signal(SIGTERM);
  EXPECT_EQ(node->wait(10s), 1);
}

} // namespace
} // namespace penstock::end_to_end
