#include "net/outgoing_proxy.hpp"

#include <atomic>
#include <mutex>

#include "net/message_writer.hpp"
#include "tests/net/loopback.hpp"
#include "tests/net/test_certificates.hpp"

namespace penstock::net::testing {
namespace {

using asio::ip::tcp;

TEST(outgoing_proxy, ReadsItsAddressAndKeepsThePasswordToItself) {
  const auto plain = parse_outgoing_proxy("http://Proxy.example:3128");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->host, "proxy.example");
  EXPECT_EQ(plain->port, 3128);
  EXPECT_EQ(plain->authorization, "");
  EXPECT_EQ(parse_outgoing_proxy("http://proxy.example/")->port, 80);
  EXPECT_EQ(parse_outgoing_proxy("http://Aladdin:open%20sesame@p:1/")->authorization,
            "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  for (const auto* bad : {"", "proxy.example:3128", "https://p:1", "socks5://p:1", "http://p:1/x", "http://p:1/?q",
                          "http://p:1#f", "http://hunter2:%zz@p:1"}) {
    const auto refused = parse_outgoing_proxy(bad);
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().message.find("hunter2"), std::string::npos);
  }
}

/// A proxy on a thread of its own. It reaches any host at one port of this machine.
class small_proxy {
public:
  explicit small_proxy(std::uint16_t target, std::string answer = "HTTP/1.1 200 Connection established\r\n\r\n")
      : target_(target), answer_(std::move(answer)),
        acceptor_(context_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)), thread_([this] { work(); }) {}
  ~small_proxy() {
    asio::post(context_, [this] { context_.stop(); });
    thread_.join();
  }

  [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  [[nodiscard]] std::vector<std::string> heads() const {
    const std::scoped_lock lock(mutex_);
    return heads_;
  }

private:
  void work() {
    asio::co_spawn(context_, accept(), asio::detached);
    context_.run();
  }
  asio::awaitable<void> accept() {
    for (;;) {
      auto socket = co_await acceptor_.async_accept(asio::use_awaitable);
      asio::co_spawn(context_, serve(std::move(socket)), asio::detached);
    }
  }
  asio::awaitable<void> serve(tcp::socket client) {
    std::string seen;
    const auto length =
      co_await asio::async_read_until(client, asio::dynamic_buffer(seen), "\r\n\r\n", asio::use_awaitable);
    {
      const std::scoped_lock lock(mutex_);
      heads_.push_back(seen.substr(0, length));
    }
    const bool tunnels = seen.starts_with("CONNECT ");
    if (tunnels)
      co_await asio::async_write(client, asio::buffer(answer_), asio::use_awaitable);
    if (tunnels && !answer_.starts_with("HTTP/1.1 200"))
      co_return;
    tcp::socket server(context_);
    const tcp::endpoint there(asio::ip::address_v4::loopback(), target_);
    co_await server.async_connect(there, asio::use_awaitable);
    if (!tunnels)
      co_await asio::async_write(server, asio::buffer(seen), asio::use_awaitable);
    auto both = std::make_shared<std::pair<tcp::socket, tcp::socket>>(std::move(client), std::move(server));
    asio::co_spawn(
      context_, [both] { return pass(both, both->first, both->second); }, asio::detached);
    co_await pass(both, both->second, both->first);
  }
  static asio::awaitable<void> pass(std::shared_ptr<void>, tcp::socket& from, tcp::socket& to) {
    std::array<char, 4096> bytes{};
    for (;;) {
      const auto count = co_await from.async_read_some(asio::buffer(bytes), asio::use_awaitable);
      co_await asio::async_write(to, asio::buffer(bytes, count), asio::use_awaitable);
    }
  }

  const std::uint16_t target_;
  const std::string answer_;
  asio::io_context context_;
  tcp::acceptor acceptor_;
  mutable std::mutex mutex_;
  std::vector<std::string> heads_; ///< guarded by mutex_
  std::thread thread_;
};

class through_proxy : public loopback_test {
protected:
  void serve_names(bool tls) {
    const auto authority = make_identity({.name = "Test Authority"});
    write_identity(own.path, "ca", authority);
    write_identity(own.path, "host", make_identity({.alternative_names = "DNS:api.example"}, &authority));
    http_server_config config;
    if (tls) {
      config.tls_certificate = own.path / "host.pem";
      config.tls_key = own.path / "host.key";
    }
    serve(
      [](http_server_request request) -> asio::awaitable<http_reply> {
        http_reply reply = text_reply(request.target + " of " + std::string(request.headers.value_or("Host", "")));
        co_return reply;
      },
      config);
  }
  void use(const small_proxy& proxy, const std::vector<std::string>& allowed = {}, const std::string& who = "") {
    make_client({.ca_file = own.path / "ca.pem",
                 .guard = std::make_shared<const url_guard>(*host_list::parse(allowed)),
                 .proxy = std::make_shared<const outgoing_proxy>(
                   *parse_outgoing_proxy("http://" + who + "127.0.0.1:" + std::to_string(proxy.port())))});
  }

  const certificate_folder own;
};

TEST_F(through_proxy, HttpsGoesThroughATunnelAndIsVerifiedEndToEnd) {
  serve_names(true);
  const small_proxy proxy(port);
  use(proxy, {}, "me:hunter2@");
  for (int i = 0; i < 2; ++i) {
    const auto answer = get("https://api.example/a?b=1");
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->body, "/a?b=1 of api.example");
  }
  EXPECT_EQ(proxy.heads(), std::vector<std::string>{"CONNECT api.example:443 HTTP/1.1\r\nHost: api.example:443\r\n"
                                                    "Proxy-Authorization: Basic bWU6aHVudGVyMg==\r\n\r\n"})
    << "one tunnel, used again";
  const auto other = get("https://other.example/");
  ASSERT_FALSE(other) << "the certificate is of api.example";
  EXPECT_EQ(other.error().message.find("hunter2"), std::string::npos);
}

TEST_F(through_proxy, PlainHttpIsAskedWithTheWholeAddress) {
  serve_names(false);
  const small_proxy proxy(port);
  // Without a guard, as http to a host of the internet needs one that lists it, and those are reached without the proxy.
  make_client(
    {.proxy = std::make_shared<const outgoing_proxy>(outgoing_proxy{"127.0.0.1", proxy.port(), "Basic eA=="})});
  const auto answer = get("http://old.example:8080/a?b=1");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body, "http://old.example:8080/a?b=1 of old.example:8080");
  EXPECT_NE(proxy.heads().front().find("Proxy-Authorization: Basic eA==\r\n"), std::string::npos);
}

TEST_F(through_proxy, WhatTheGuardCanJudgeWithoutAnAddressIsRefused) {
  serve_names(true);
  const small_proxy proxy(port);
  use(proxy, {"10.1.0.0/16"});
  for (const auto* refused :
       {"https://10.0.0.1/", "https://169.254.169.254/", "https://[::ffff:10.0.0.1]/", "https://localhost/",
        "https://a.localhost/", "https://127.0.0.1/", "http://api.example/", "http://any.corp.example/"})
    EXPECT_EQ(get(refused).error().code, error_code::bad_configuration) << refused;
  EXPECT_TRUE(proxy.heads().empty());
}

TEST_F(through_proxy, ThisMachineAndListedHostsAreReachedDirectly) {
  serve_names(false);
  const small_proxy proxy(port);
  use(proxy, {"127.0.0.1"});
  EXPECT_TRUE(get(url("/")));
  EXPECT_TRUE(get("http://localhost:" + std::to_string(port) + "/"));
  EXPECT_TRUE(proxy.heads().empty());
}

TEST_F(through_proxy, RefusalsOfTheProxyAreToldApart) {
  serve_names(true);
  struct row {
    const char *answer, *told;
    error_code code;
  };
  const row rows[] = {
    {"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "http.outgoing_proxy", error_code::bad_configuration},
    {"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", "403", error_code::network},
    {"HTTP/1.1 502 Bad Gateway\r\n\r\n", "502", error_code::network},
    {"SSH-2.0-OpenSSH_9.2\r\n\r\n", "something else than HTTP", error_code::network},
    {"HTTP/1.1 200 OK\r\n\r\nand more", "into the tunnel", error_code::network},
    {"", "ended the connection", error_code::network},
  };
  for (const auto& [answer, told, code] : rows) {
    const small_proxy proxy(port, answer);
    use(proxy);
    const auto got = get("https://api.example/");
    ASSERT_FALSE(got) << answer;
    EXPECT_EQ(got.error().code, code) << answer;
    EXPECT_NE(got.error().message.find(told), std::string::npos) << got.error().message;
  }
}

TEST_F(through_proxy, AnswerOfTheProxyWithoutEndIsGivenUp) {
  serve_names(true);
  const small_proxy proxy(port, "HTTP/1.1 200 OK\r\nX: " + std::string(40'000, 'x'));
  use(proxy);
  const auto got = get("https://api.example/");
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, error_code::network);
}

} // namespace
} // namespace penstock::net::testing
