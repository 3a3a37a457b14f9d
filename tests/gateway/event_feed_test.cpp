#include "gateway/event_feed.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

namespace penstock::gateway {
namespace {

std::shared_ptr<const event> at(std::int64_t position, std::string type = "a.b") {
  event one;
  one.position = position;
  one.type = std::move(type);
  return std::make_shared<const event>(std::move(one));
}

TEST(event_feed, NotesWhileItsReaderReadsTheBacklog) {
  event_feed feed({}, false, 10, {});
  EXPECT_TRUE(feed.offer(at(4)));
  EXPECT_TRUE(feed.offer(at(5)));
  EXPECT_EQ(feed.noted(), 5);
  EXPECT_TRUE(feed.take().events.empty()) << "the store has them";
  EXPECT_FALSE(feed.go_live(4)) << "number 5 must be read first";
  EXPECT_TRUE(feed.go_live(5));
}

TEST(event_feed, KeepsInOrderOnceLive) {
  event_feed feed({}, false, 10, {});
  ASSERT_TRUE(feed.go_live(0));
  EXPECT_TRUE(feed.offer(at(1)));
  EXPECT_TRUE(feed.offer(at(2)));
  const auto batch = feed.take();
  ASSERT_EQ(batch.events.size(), 2u);
  EXPECT_EQ(batch.events[0]->position, 1);
  EXPECT_EQ(batch.events[1]->position, 2);
  EXPECT_TRUE(feed.take().events.empty());
}

TEST(event_feed, FullBufferIsRefusedAndTheReasonReachesTheReader) {
  event_feed feed({}, false, 2, {});
  ASSERT_TRUE(feed.go_live(0));
  EXPECT_TRUE(feed.offer(at(1)));
  EXPECT_TRUE(feed.offer(at(2)));
  EXPECT_FALSE(feed.offer(at(3)));
  feed.dropped("too slow");
  const auto batch = feed.take();
  EXPECT_EQ(batch.events.size(), 2u) << "what was kept is still sent";
  EXPECT_EQ(batch.dropped, "too slow");
}

TEST(event_feed, LooksNeitherAtOthersEventsNorCountsThem) {
  event_choice choice;
  choice.type_glob = "job.*";
  event_feed feed(choice, false, 1, {});
  EXPECT_TRUE(feed.offer(at(7, "queue.paused")));
  EXPECT_EQ(feed.noted(), 0);
  ASSERT_TRUE(feed.go_live(0));
  EXPECT_TRUE(feed.offer(at(8, "job.failed")));
  EXPECT_TRUE(feed.offer(at(9, "queue.paused"))) << "not its event: no reason to drop it";
  EXPECT_EQ(feed.take().events.size(), 1u);
}

TEST(event_bell, RingsBeforeAndAfterTheWaitBegins) {
  boost::asio::io_context context;
  const auto bell = std::make_shared<event_bell>(context.get_executor());
  int rounds = 0;
  boost::asio::co_spawn(
    context,
    [&]() -> net::asio::awaitable<void> {
      for (;;) {
        co_await bell->wait();
        ++rounds;
      }
    },
    boost::asio::detached);
  bell->ring_later();
  context.poll();
  EXPECT_EQ(rounds, 1);
  bell->ring_later();
  bell->ring_later();
  context.poll();
  EXPECT_GE(rounds, 2);
  EXPECT_LE(rounds, 3);
}

} // namespace
} // namespace penstock::gateway
