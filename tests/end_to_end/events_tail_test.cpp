// How `events tail` goes on when its connection breaks: against a server that does what each test says.
#include <sstream>

#include <gmock/gmock.h>

#include "tests/end_to_end/node_fixture.hpp"
#include "tests/end_to_end/scripted_node.hpp"

namespace penstock::end_to_end {
namespace {

using testing::HasSubstr;
using testing::Not;

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
  ASSERT_EQ(asked.size(), 3U);
  EXPECT_THAT(asked[0], Not(HasSubstr("Last-Event-ID")));
  EXPECT_THAT(asked[1], HasSubstr("Last-Event-ID: 41\r\n"));
  EXPECT_THAT(asked[2], HasSubstr("Last-Event-ID: 42\r\n"));
  EXPECT_THAT(told.out, HasSubstr("test.missed"));
  EXPECT_THAT(told.err, HasSubstr("trying again"));
  EXPECT_EQ(told.status, 1) << "the last answer is final";
}

TEST_F(events_tail, LiveEventsLeaveThePositionAlone) {
  const std::string live = "event: job.progress\ndata: {\"type\":\"job.progress\"}\n\n";
  scripted_node node({stream_of("id: 7\n\n" + live), stream_of("id\n\n" + live), refusal});
  EXPECT_EQ(tail(node).status, 1);
  const auto asked = node.asked();
  ASSERT_EQ(asked.size(), 3U);
  EXPECT_THAT(asked[1], HasSubstr("Last-Event-ID: 7\r\n"));
  EXPECT_THAT(asked[2], HasSubstr("Last-Event-ID: 7\r\n")) << "an empty id is no position";
}

} // namespace
} // namespace penstock::end_to_end
