// How `events tail` goes on when its connection breaks: against a server that does what each test says.
#include <thread>

#include <boost/asio.hpp>
#include <gmock/gmock.h>

#include "tests/end_to_end/node_fixture.hpp"

namespace penstock::end_to_end {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using testing::HasSubstr;
using testing::Not;

/// Answers one connection after the other with the given bytes and closes each; keeps what was asked.
class scripted_node {
public:
  explicit scripted_node(std::vector<std::string> answers)
      : acceptor_(context_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
        thread_([this, texts = std::move(answers)] {
          for (const auto& each : texts) {
            boost::system::error_code wrong;
            tcp::socket socket(context_);
            if (acceptor_.accept(socket, wrong))
              return;
            std::string header;
            asio::read_until(socket, asio::dynamic_buffer(header), "\r\n\r\n", wrong);
            asked_.push_back(header);
            asio::write(socket, asio::buffer(each), wrong);
          }
        }) {}
  ~scripted_node() {
    if (thread_.joinable()) {
      // Wakes an accept that nobody came for.
      ::shutdown(acceptor_.native_handle(), SHUT_RDWR);
      thread_.join();
    }
  }
  scripted_node(const scripted_node&) = delete;
  scripted_node& operator=(const scripted_node&) = delete;

  [[nodiscard]] std::string url() const {
    boost::system::error_code ignored;
    return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint(ignored).port());
  }
  /// When all answers are given.
  [[nodiscard]] std::vector<std::string> asked() {
    thread_.join();
    return asked_;
  }

private:
  asio::io_context context_;
  tcp::acceptor acceptor_;
  std::vector<std::string> asked_;
  std::thread thread_;
};

/// The start of a stream of events, whose chunks end with the connection.
std::string stream_of(const std::string& text) {
  std::ostringstream size;
  size << std::hex << text.size();
  return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n" + size.str() +
         "\r\n" + text + "\r\n";
}

const std::string refusal = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

class events_tail : public with_node {
protected:
  ended_program tail(const scripted_node& node) const {
    return cli({"events", "tail", "--live", "--url", node.url(), "--token", "t"});
  }
};

TEST_F(events_tail, GoesOnFromTheStartWhenNothingWasHeardBeforeTheBreak) {
  scripted_node node({stream_of("retry: 2000\nid: 41\n\n"),
                      stream_of("retry: 2000\nid: 41\n\nid: 42\nevent: test.missed\n"
                                "data: {\"type\":\"test.missed\"}\n\n"),
                      refusal});
  const auto told = tail(node);
  const auto asked = node.asked();
  EXPECT_THAT(asked[0], Not(HasSubstr("Last-Event-ID")));
  EXPECT_THAT(asked[1], HasSubstr("Last-Event-ID: 41\r\n"));
  EXPECT_THAT(asked[2], HasSubstr("Last-Event-ID: 42\r\n"));
  EXPECT_THAT(told.out, HasSubstr("test.missed"));
  EXPECT_EQ(told.status, 1) << "the last answer is final";
}

TEST_F(events_tail, LiveEventsLeaveThePositionAlone) {
  const std::string live = "event: job.progress\ndata: {\"type\":\"job.progress\"}\n\n";
  scripted_node node({stream_of("id: 7\n\n" + live), stream_of("id\n\n" + live), refusal});
  EXPECT_EQ(tail(node).status, 1);
  const auto asked = node.asked();
  EXPECT_THAT(asked[1], HasSubstr("Last-Event-ID: 7\r\n"));
  EXPECT_THAT(asked[2], HasSubstr("Last-Event-ID: 7\r\n")) << "an empty id is no position";
}

} // namespace
} // namespace penstock::end_to_end
