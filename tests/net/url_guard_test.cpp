#include "net/url_guard.hpp"

#include <gtest/gtest.h>

#include "tests/net/loopback.hpp"

namespace penstock::net::testing {
namespace {

url_guard allowing(const std::vector<std::string>& hosts) { return url_guard(*host_list::parse(hosts)); }

TEST(url_guard, RefusesWhatIsNoHostOfTheInternetInEveryForm) {
  const url_guard guard;
  for (const auto* address : {"https://127.0.0.1/",
                              "https://127.0.0.1./",
                              "https://[::1]/",
                              "https://[::ffff:127.0.0.1]/",
                              "https://[::ffff:7f00:1]/",
                              "https://[::127.0.0.1]/",
                              "https://[64:ff9b::7f00:1]/",
                              "https://0.0.0.0/",
                              "https://[::]/",
                              "https://10.0.0.1/",
                              "https://192.168.1.1:8443/",
                              "https://172.16.0.1/",
                              "https://100.64.0.1/",
                              "https://169.254.169.254/latest/meta-data/",
                              "https://[fd00:ec2::254]/",
                              "https://[fe80::1]/",
                              "https://224.0.0.1/",
                              "https://255.255.255.255/",
                              "https://192.0.2.1/",
                              "https://[2002:7f00:1::]/",
                              "https://localhost/",
                              "https://LocalHost./",
                              "https://a.localhost/",
                              "http://localhost/",
                              "http://example.org/",
                              "https://me:pw@example.org/"}) {
    const auto target = parse_url(address);
    ASSERT_TRUE(target) << address;
    for (const bool final : {false, true}) {
      const auto allowed = guard.check_unresolved(*target, final);
      ASSERT_FALSE(allowed) << address;
      EXPECT_EQ(allowed.error().code, error_code::bad_configuration);
      EXPECT_EQ(allowed.error().cls(), error_class::final) << "nobody should try again";
      EXPECT_EQ(allowed.error().message.find('\n'), std::string::npos);
      EXPECT_EQ(allowed.error().message.find("pw"), std::string::npos);
    }
  }
  for (const auto* address :
       {"https://example.org/", "https://8.8.8.8/", "https://[2606:4700::1111]/", "https://localhost.example.org/"})
    EXPECT_TRUE(guard.check_unresolved(*parse_url(address), true)) << address;
}

TEST(url_guard, OddFormsOfIpv4AreNoUrls) {
  for (const auto* host :
       {"2130706433", "017700000001", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "127.1", "127.0.1", "1.2.3.4.5",
        "127.0.0.01", "256.1.1.1", "1.2.3.4..", "0x7f", "10.0x1", "[::1%25lo]", "[127.0.0.1]", "%3127.0.0.1"})
    EXPECT_FALSE(parse_url("https://" + std::string(host) + "/")) << host;
  EXPECT_EQ(parse_url("https://127.0.0.1./")->host, "127.0.0.1");
  EXPECT_TRUE(parse_url("https://1e100.example/"));
  EXPECT_TRUE(parse_url("https://10.example/"));
}

TEST(url_guard, MessageSaysWhatToSetAndNotWhereANamePoints) {
  const url_guard guard;
  const auto refused = guard.check(*parse_url("https://crm.example/x?secret=1"), *parse_ip_address("10.9.8.7"));
  EXPECT_EQ(refused.error().message,
            "no request is sent to https://crm.example: it has a private address; if it is meant, "
            "add \"crm.example\" to http.allow_private_hosts");
}

TEST(url_guard, ListedHostsMayBeAnythingAndSpeakHttp) {
  const auto inside = *parse_ip_address("10.1.2.3");
  const auto outside = *parse_ip_address("8.8.8.8");
  const auto by_name = allowing({"crm.example", "*.corp.example"});
  EXPECT_TRUE(by_name.check(*parse_url("http://crm.example/"), inside));
  EXPECT_TRUE(by_name.check(*parse_url("http://a.corp.example./"), inside));
  EXPECT_FALSE(by_name.check(*parse_url("https://corp.example/"), inside));
  EXPECT_FALSE(by_name.check(*parse_url("http://other.example/"), outside));
  const auto by_address = allowing({"10.1.0.0/16"});
  EXPECT_TRUE(by_address.check(*parse_url("http://any.example/"), inside));
  EXPECT_FALSE(by_address.check(*parse_url("https://any.example/"), *parse_ip_address("10.2.0.1")));
  EXPECT_TRUE(by_address.check_unresolved(*parse_url("http://any.example/"), false)) << "its address may be listed";
  EXPECT_FALSE(by_address.check_unresolved(*parse_url("http://any.example/"), true));
  EXPECT_TRUE(allowing({"127.0.0.1"}).check_unresolved(*parse_url("http://localhost:8090/"), false));
}

/// A name service that gives another answer each time.
host_resolver answers(std::vector<std::vector<std::string>> texts) {
  auto turns = std::make_shared<std::vector<std::vector<std::string>>>(std::move(texts));
  return [turns](std::string) -> asio::awaitable<result<std::vector<ip_address>>> {
    std::vector<ip_address> now;
    for (const auto& text : turns->front())
      now.push_back(*parse_ip_address(text));
    if (turns->size() > 1)
      turns->erase(turns->begin());
    co_return now;
  };
}

class guarded_client : public loopback_test {
protected:
  void serve_and_guard(const std::vector<std::string>& allowed, host_resolver resolve) {
    serve([this](http_server_request) -> asio::awaitable<http_reply> {
      ++served;
      http_reply reply = text_reply("here");
      co_return reply;
    });
    make_client({.guard = std::make_shared<const url_guard>(allowing(allowed)), .resolve = std::move(resolve)});
  }
  result<http_response> ask(const std::string& host) {
    http_request request;
    request.url = "http://" + host + ":" + std::to_string(port) + "/";
    request.fresh_connection = true;
    return send(std::move(request));
  }
  std::atomic<int> served = 0;
};

TEST_F(guarded_client, NameThatTurnsInwardIsRefusedAtTheNextConnection) {
  serve_and_guard({"127.0.0.1"}, answers({{"127.0.0.1"}, {"127.0.0.2"}, {"127.0.0.1"}}));
  EXPECT_TRUE(ask("rebinding.example"));
  const auto turned = ask("rebinding.example");
  ASSERT_FALSE(turned);
  EXPECT_EQ(turned.error().code, error_code::bad_configuration);
  EXPECT_TRUE(ask("rebinding.example"));
  EXPECT_EQ(served, 2);
}

TEST_F(guarded_client, OfSeveralAddressesTheRefusedOnesArePassedOver) {
  serve_and_guard({"127.0.0.1"}, answers({{"10.0.0.1", "127.0.0.2", "127.0.0.1"}}));
  EXPECT_TRUE(ask("both.example"));
  EXPECT_EQ(served, 1);
}

TEST_F(guarded_client, NothingIsSentToARefusedHost) {
  serve_and_guard({}, answers({{"127.0.0.1"}}));
  for (const auto* host : {"inside.example", "127.0.0.1", "localhost"})
    EXPECT_EQ(ask(host).error().code, error_code::bad_configuration) << host;
  EXPECT_EQ(served, 0);
}

TEST_F(guarded_client, ListedNameIsReachedWhereverItPoints) {
  serve_and_guard({"crm.example"}, answers({{"127.0.0.1"}}));
  EXPECT_TRUE(ask("crm.example"));
  EXPECT_TRUE(ask("CRM.example."));
  EXPECT_FALSE(ask("other.example"));
  EXPECT_EQ(served, 2);
}

TEST_F(guarded_client, RedirectInwardIsAnAnswerAndNotFollowed) {
  serve([](http_server_request request) -> asio::awaitable<http_reply> {
    http_reply reply = text_reply("go on");
    reply.status = request.target == "/" ? 302 : 200;
    reply.headers.add("Location", "http://169.254.169.254/latest/meta-data/");
    co_return reply;
  });
  make_client({.guard = std::make_shared<const url_guard>(allowing({"127.0.0.1"}))});
  EXPECT_EQ(get(url("/"))->status, 302);
}

} // namespace
} // namespace penstock::net::testing
