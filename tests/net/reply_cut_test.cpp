#include "tests/net/loopback.hpp"

namespace penstock::net::testing {
namespace {

class reply_cut_test : public loopback_test {
protected:
  void serve_cut(reply_cut cut) {
    serve([cut](http_server_request) -> asio::awaitable<http_reply> {
      http_reply reply = text_reply("0123456789");
      reply.cut = cut;
      co_return reply;
    });
  }
  std::string all_of_reply() {
    raw_connection peer(port);
    peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    return peer.read_all();
  }
};

TEST_F(reply_cut_test, BeforeTheHeadNothingIsSent) {
  serve_cut({.before_head = true});
  EXPECT_EQ(all_of_reply(), "");
}

TEST_F(reply_cut_test, InTheBodyTheWholeLengthIsPromisedAndAPartSent) {
  serve_cut({.body_bytes = 4});
  const auto reply = all_of_reply();
  EXPECT_NE(reply.find("Content-Length: 10\r\n"), std::string::npos) << reply;
  EXPECT_TRUE(reply.ends_with("\r\n\r\n0123")) << reply;
}

TEST_F(reply_cut_test, OurClientCallsItATruncatedBodyOrALostConnection) {
  serve_cut({.body_bytes = 4});
  const auto answer = get(url("/"));
  ASSERT_FALSE(answer);
  EXPECT_EQ(classify(answer.error().code), error_class::retryable) << answer.error().message;
}

} // namespace
} // namespace penstock::net::testing
