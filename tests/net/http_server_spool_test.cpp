#include <optional>
#include <string>
#include <vector>

#include "net/body_spool.hpp"
#include "tests/net/loopback.hpp"

// Large bodies that a server hands on piece by piece.
namespace penstock::net::testing {
namespace {

constexpr std::size_t kilobyte = 1024;

/// What became of the bodies of one server.
struct spooled {
  std::mutex mutex;
  std::vector<std::size_t> pieces;
  std::string all;
  int opened = 0, dropped = 0, handled = 0;
};

class noting_spool final : public body_spool {
public:
  noting_spool(spooled& notes, std::size_t most) : notes_(notes), most_(most) {}
  ~noting_spool() override {
    const std::scoped_lock lock(notes_.mutex);
    ++notes_.dropped;
  }
  asio::awaitable<std::optional<http_reply>> take(std::string piece) override {
    const std::scoped_lock lock(notes_.mutex);
    notes_.pieces.push_back(piece.size());
    notes_.all += piece;
    std::optional<http_reply> refusal;
    if (notes_.all.size() > most_)
      refusal = text_reply("too much for me", 507);
    co_return refusal;
  }

private:
  spooled& notes_;
  const std::size_t most_;
};

class http_server_spool : public loopback_test {
protected:
  /// Bodies for /large go to a spool that takes `most` bytes, those for /refused are refused.
  http_server_config config(std::size_t most = 100 * 1024 * kilobyte) {
    http_server_config made{.max_body = 300 * kilobyte};
    made.spool_over = 16 * kilobyte;
    made.body_limit = [](std::string_view, std::string_view target) {
      return target == "/large" ? std::size_t{8 * 1024 * kilobyte} : std::size_t{300 * kilobyte};
    };
    made.spool = [this, most](http_server_request head) -> asio::awaitable<spool_decision> {
      spool_decision decided;
      if (head.target == "/refused")
        decided.refusal = text_reply("no", 401);
      if (head.target == "/large") {
        const std::scoped_lock lock(notes.mutex);
        ++notes.opened;
        decided.spool = std::make_shared<noting_spool>(notes, most);
      }
      co_return decided;
    };
    return made;
  }
  http_handler whole() {
    return [this](http_server_request request) -> asio::awaitable<http_reply> {
      const std::scoped_lock lock(notes.mutex);
      ++notes.handled;
      notes.all += request.body;
      http_reply reply = text_reply(request.spool ? "spooled" : "in memory");
      co_return reply;
    };
  }
  static std::string text_of(std::size_t bytes) {
    std::string text;
    for (std::size_t i = 0; text.size() < bytes; ++i)
      text += std::to_string(i) + " ";
    text.resize(bytes);
    return text;
  }
  static std::string head(const std::string& target, std::size_t length) {
    return "POST " + target + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n";
  }

  spooled notes;
};

TEST_F(http_server_spool, LargeBodyComesInPiecesAndTheRestWithTheRequest) {
  serve(whole(), config());
  const auto body = text_of(1024 * kilobyte);
  raw_connection peer(port);
  peer.send(head("/large", body.size()) + body);
  EXPECT_NE(peer.read_reply().find("spooled"), std::string::npos);
  const std::scoped_lock lock(notes.mutex);
  EXPECT_EQ(notes.all, body);
  EXPECT_GT(notes.pieces.size(), 4u);
  for (const auto piece : notes.pieces)
    EXPECT_LE(piece, (16 + 64 + 1) * kilobyte);
}

TEST_F(http_server_spool, ChunkedBodyDoesToo) {
  serve(whole(), config());
  const auto body = text_of(200 * kilobyte);
  raw_connection peer(port);
  peer.send("POST /large HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (std::size_t at = 0; at < body.size(); at += 50 * kilobyte)
    peer.send("c800\r\n" + body.substr(at, 50 * kilobyte) + "\r\n");
  peer.send("0\r\n\r\n");
  EXPECT_NE(peer.read_reply().find("spooled"), std::string::npos);
  const std::scoped_lock lock(notes.mutex);
  EXPECT_EQ(notes.all, body);
}

TEST_F(http_server_spool, SmallBodiesAndThoseOfOthersStayInMemory) {
  serve(whole(), config());
  raw_connection peer(port);
  peer.send(head("/large", 1000) + text_of(1000));
  EXPECT_NE(peer.read_reply().find("in memory"), std::string::npos);
  const auto body = text_of(200 * kilobyte);
  peer.send(head("/other", body.size()) + body);
  EXPECT_NE(peer.read_reply().find("in memory"), std::string::npos);
  const std::scoped_lock lock(notes.mutex);
  EXPECT_EQ(notes.opened, 0);
  EXPECT_EQ(notes.handled, 2);
}

TEST_F(http_server_spool, EachTargetHasItsLimit) {
  serve(whole(), config());
  raw_connection small(port);
  small.send(head("/other", 301 * kilobyte));
  const auto refused = small.read_all();
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 413 ")) << refused;
  EXPECT_NE(refused.find(std::to_string(300 * kilobyte) + " bytes"), std::string::npos);
  raw_connection large(port);
  large.send(head("/large", 8 * 1024 * kilobyte + 1));
  const auto also = large.read_all();
  EXPECT_TRUE(also.starts_with("HTTP/1.1 413 ")) << also;
  EXPECT_NE(also.find(std::to_string(8 * 1024 * kilobyte) + " bytes"), std::string::npos);
}

TEST_F(http_server_spool, RefusalEndsTheRequestBeforeItsBody) {
  serve(whole(), config());
  raw_connection peer(port);
  peer.send(head("/refused", 250 * kilobyte) + text_of(100 * kilobyte));
  EXPECT_TRUE(peer.read_all().starts_with("HTTP/1.1 401 "));
  const std::scoped_lock lock(notes.mutex);
  EXPECT_EQ(notes.handled, 0);
}

TEST_F(http_server_spool, SpoolThatTakesNoMoreRefusesInTheMiddle) {
  serve(whole(), config(50 * kilobyte));
  raw_connection peer(port);
  peer.send(head("/large", 1024 * kilobyte) + text_of(400 * kilobyte));
  EXPECT_TRUE(peer.read_all().starts_with("HTTP/1.1 507 "));
  const std::scoped_lock lock(notes.mutex);
  EXPECT_EQ(notes.handled, 0);
  EXPECT_EQ(notes.dropped, 1);
}

TEST_F(http_server_spool, ClientThatGoesLeavesNothingBehind) {
  serve(whole(), config());
  {
    raw_connection peer(port);
    peer.send(head("/large", 1024 * kilobyte) + text_of(400 * kilobyte));
    peer.close();
  }
  const auto end = std::chrono::steady_clock::now() + patience;
  int dropped = 0;
  while (dropped == 0 && std::chrono::steady_clock::now() < end) {
    const std::scoped_lock lock(notes.mutex);
    dropped = notes.dropped;
  }
  EXPECT_EQ(dropped, 1);
  EXPECT_EQ(notes.handled, 0);
}

} // namespace
} // namespace penstock::net::testing
