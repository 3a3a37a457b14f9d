#include "sandbox/sandbox_server.hpp"

#include <future>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include "net/beast_http_client.hpp"
#include "net/io_runtime.hpp"
#include "net/oauth2.hpp"
#include "net/url.hpp"
#include "tests/sandbox/small_sandbox.hpp"

namespace penstock::sandbox::testing {
namespace {

constexpr auto patience = 20s;

/// The real server on a loopback socket, and the project's own client in front of it.
class sandbox_server_test : public ::testing::Test {
protected:
  sandbox_server_test() { runtime.start(); }

  void start(sandbox_settings settings = {}) {
    settings.port = 0;
    settings.data.accounts = 1;
    settings.data.transactions = 150;
    server = std::make_unique<sandbox_server>(std::move(settings), clock, make_stand_ins);
    const auto port = server->start();
    ASSERT_TRUE(port) << port.error().message;
    base = "http://127.0.0.1:" + std::to_string(*port);
    auto made = net::beast_http_client::make(runtime.executor(), {});
    ASSERT_TRUE(made) << made.error().message;
    client = std::move(*made);
  }

  template <class T>
  T run(net::asio::awaitable<T> work) {
    auto done = net::asio::co_spawn(runtime.executor(), std::move(work), net::asio::use_future);
    if (done.wait_for(patience) != std::future_status::ready)
      throw std::runtime_error("no answer");
    return done.get();
  }
  result<net::http_response> send(std::string method, const std::string& path, std::string body = {}) {
    net::http_request request;
    request.method = std::move(method);
    request.url = base + path;
    request.body = std::move(body);
    request.headers.add("Authorization", "Bearer " + token);
    return run(client->send(std::move(request)));
  }
  void sign_in() {
    const net::oauth2_provider provider{.authorize_url = base + "/monzo/authorize",
                                        .token_url = base + "/monzo/oauth2/token",
                                        .client_id = "client",
                                        .client_secret = "secret",
                                        .redirect_uri = base + "/nowhere"};
    net::http_request consent;
    consent.url = net::authorization_url(provider, "state").value();
    const auto led_back = run(client->send(std::move(consent)));
    ASSERT_TRUE(led_back);
    const auto back = net::parse_url(led_back->headers.value_or("Location", ""));
    ASSERT_TRUE(back);
    net::oauth2_client oauth(*client, clock, provider);
    const auto query = net::parse_query(back->query);
    const auto code = net::find_parameter(query, "code").value_or("");
    const auto grant = run(oauth.exchange_code(std::string(code)));
    ASSERT_TRUE(grant) << grant.error().message;
    token = grant->access_token;
  }

  manual_clock clock{today};
  net::io_runtime runtime{1};
  std::unique_ptr<sandbox_server> server;
  std::unique_ptr<net::beast_http_client> client;
  std::string base, token = "none";
};

TEST_F(sandbox_server_test, OurOAuthClientSignsInAndReadsAPage) {
  start();
  sign_in();
  const auto accounts = send("GET", "/monzo/accounts");
  ASSERT_TRUE(accounts);
  const auto id = text_at(json::parse(accounts->body).at("accounts").at(0).as_object(), "id");
  const auto page = send("GET", "/monzo/transactions?limit=100&expand%5B%5D=merchant&account_id=" + id);
  ASSERT_TRUE(page);
  EXPECT_EQ(json::parse(page->body).at("transactions").as_array().size(), 100u);
}

TEST_F(sandbox_server_test, CutAnswersAreErrorsWorthAnotherTry) {
  start();
  sign_in();
  for (const auto* fault : {"dropped", "dropped_midway", "truncated"}) {
    ASSERT_EQ(
      send("POST", "/sandbox/faults", std::string("{\"") + fault + "\":{\"times\":1,\"path\":\"/accounts\"}}")->status,
      200);
    net::http_request once;
    once.method = "GET";
    once.url = base + "/monzo/accounts";
    once.headers.add("Authorization", "Bearer " + token);
    once.fresh_connection = true;
    const auto answer = run(client->send(std::move(once)));
    ASSERT_FALSE(answer) << fault;
    EXPECT_EQ(classify(answer.error().code), error_class::retryable) << answer.error().message;
  }
  EXPECT_EQ(send("GET", "/monzo/accounts")->status, 200);
}

TEST_F(sandbox_server_test, OptionsThatCannotBeAreToldBeforeItListens) {
  const auto told = [&](sandbox_settings settings) {
    settings.port = 0;
    return sandbox_server(std::move(settings), clock, make_stand_ins).start().error();
  };
  sandbox_settings wrong_fault, wrong_folder, wrong_host;
  wrong_fault.faults = {"eror_500=1"};
  wrong_folder.served_folder = "/nowhere/at/all";
  wrong_host.host = "nowhere";
  EXPECT_EQ(told(wrong_fault).code, error_code::invalid_argument);
  EXPECT_NE(told(wrong_fault).message.find("error_500"), std::string::npos);
  EXPECT_EQ(told(wrong_folder).code, error_code::invalid_argument);
  EXPECT_EQ(told(wrong_host).code, error_code::bad_configuration);
}

TEST_F(sandbox_server_test, StopsWhileAnAnswerIsBeingHeldBack) {
  sandbox_settings slow;
  slow.latency = std::chrono::hours(1);
  start(slow);
  net::http_request request;
  request.url = base + "/monzo/accounts";
  auto pending = net::asio::co_spawn(runtime.executor(), client->send(std::move(request)), net::asio::use_future);
  const auto begun = std::chrono::steady_clock::now();
  server->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);
  ASSERT_EQ(pending.wait_for(patience), std::future_status::ready);
  EXPECT_FALSE(pending.get());
}

} // namespace
} // namespace penstock::sandbox::testing
