#include "net/sse.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace penstock::net {
namespace {

using namespace std::chrono_literals;

std::vector<std::string> parse(std::string_view text, std::size_t step = 1) {
  sse_parser parser;
  std::vector<std::string> seen;
  for (; !text.empty(); text.remove_prefix(std::min(step, text.size())))
    EXPECT_TRUE(parser.put(text.substr(0, step),
                           [&](const sse_event& e) { seen.push_back(e.id + '|' + e.event + '|' + e.data); }));
  return seen;
}

using lines = std::vector<std::string>;

TEST(sse, FormattedEventsAreReadBack) {
  const sse_event event{"17", "sync.completed", "{\"a\":1}\nsecond\n"};
  for (const std::size_t step : {1u, 2u, 1000u})
    EXPECT_EQ(parse(format_sse(event) + format_sse_comment("still here") + format_sse(event), step),
              (lines{"17|sync.completed|{\"a\":1}\nsecond\n", "17|sync.completed|{\"a\":1}\nsecond\n"}));
}

TEST(sse, LineBreaksCannotSmuggleFields) {
  EXPECT_EQ(format_sse({"1\nevent: evil", "a\r\ndata: b", "x\rid: 9"}),
            "id: 1event: evil\nevent: adata: b\ndata: x\ndata: id: 9\n\n");
}

// The examples of the WHATWG text, 9.2.6.
TEST(sse, StandardExamples) {
  EXPECT_EQ(parse("data: YHOO\ndata: +2\ndata: 10\n\n"), lines{"||YHOO\n+2\n10"});
  EXPECT_EQ(parse(": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n"),
            (lines{"1||first event", "||second event"}));
  EXPECT_EQ(parse("data\n\ndata\ndata\n\ndata:"), (lines{"||", "||\n"}));
  EXPECT_EQ(parse("data:test\n\ndata: test\n\n"), (lines{"||test", "||test"}));
}

TEST(sse, AllLineEndsAreUnderstood) {
  for (const std::size_t step : {1u, 3u, 100u})
    EXPECT_EQ(parse("\xEF\xBB\xBF"
                    "data: a\r\rdata: b\r\n\r\ndata: c\n\n",
                    step),
              (lines{"||a", "||b", "||c"}));
}

TEST(sse, IdLastsAndEventDoesNot) {
  EXPECT_EQ(parse("id: 5\nevent: e\ndata: a\n\ndata: b\n\n"), (lines{"5|e|a", "5||b"}));
  EXPECT_EQ(parse("event: lost\n\ndata: b\n\n"), lines{"||b"});
  EXPECT_EQ(parse(std::string_view("id: 1\nid: a\0b\ndata: x\n\n", 23)), lines{"1||x"});
}

TEST(sse, RetryIsMilliseconds) {
  sse_parser parser;
  const auto ignore = [](const sse_event&) {};
  EXPECT_TRUE(parser.put("retry: 1500\nretry: soon\nunknown: x\nid: 7\n\n", ignore));
  EXPECT_EQ(parser.retry(), 1500ms);
  EXPECT_EQ(parser.last_event_id(), "7");
}

TEST(sse, IdOfAnEventWithoutDataCountsOnceItIsComplete) {
  sse_parser parser;
  std::vector<std::string> ids;
  const auto note = [&](const sse_event& event) { ids.push_back(event.id); };
  EXPECT_TRUE(parser.put("id: 7\n\n", note));
  EXPECT_EQ(parser.last_event_id(), "7");
  EXPECT_TRUE(ids.empty()) << "there is nothing to hand on";
  EXPECT_TRUE(parser.put("data: has no id of its own\n\nid: 8\ndata: is cut off\n", note));
  EXPECT_EQ(ids, lines{"7"});
  EXPECT_EQ(parser.last_event_id(), "7") << "the event 8 was not seen whole and must come again";
}

TEST(sse, EventsAreBounded) {
  sse_parser parser(100);
  const auto ignore = [](const sse_event&) {};
  EXPECT_TRUE(parser.put("data: " + std::string(50, 'a') + "\n", ignore));
  EXPECT_FALSE(parser.put("data: " + std::string(60, 'a') + "\n", ignore));
}

} // namespace
} // namespace penstock::net
