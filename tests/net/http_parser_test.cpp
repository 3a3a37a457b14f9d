#include "net/http_parser.hpp"

#include <gtest/gtest.h>

namespace penstock::net {
namespace {

constexpr std::size_t header_limit = 1024;
constexpr std::size_t body_limit = 100;

/// Feeds `text` in pieces of `step` bytes, keeping what is not consumed; returns what is left over.
template <class Parser>
std::string feed(Parser& parser, std::string_view text, std::size_t step = std::string_view::npos) {
  std::string unread;
  while (!text.empty() && !parser.complete() && parser.failure() == parse_failure::none) {
    unread += text.substr(0, step);
    text.remove_prefix(std::min(step, text.size()));
    unread.erase(0, parser.put(unread));
  }
  return unread + std::string(text);
}

constexpr std::string_view post = "POST /a%20b?c=d HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nX-Two: 2\r\n\r\nhello";

TEST(request_parser, ReadsTheSameInPiecesOfAnySize) {
  for (std::size_t step = 1; step <= post.size(); ++step) {
    request_parser parser(header_limit, body_limit);
    EXPECT_EQ(feed(parser, post, step), "") << step;
    ASSERT_TRUE(parser.complete()) << step;
    EXPECT_TRUE(parser.keep_alive());
    const auto request = parser.take();
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.path(), "/a%20b");
    EXPECT_EQ(request.query(), "c=d");
    EXPECT_EQ(request.headers.find("x-two"), "2");
    EXPECT_EQ(request.body, "hello");
  }
}

TEST(request_parser, EndOfAChunkedBodyMayComeByteByByteAndBeAskedAboutTwice) {
  request_parser parser(header_limit, body_limit);
  std::string unread = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n";
  for (const std::string_view more : {"", "", "\r", "", "\n"}) {
    EXPECT_FALSE(parser.complete());
    unread += more;
    unread.erase(0, parser.put(unread));
    EXPECT_EQ(parser.failure(), parse_failure::none);
  }
  ASSERT_TRUE(parser.complete());
  EXPECT_EQ(parser.take().body, "a");
}

TEST(request_parser, WhatProgramsReadDifferentlyIsMalformed) {
  for (const std::string_view text : {
         "GET / HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n",
         "GET / HTTP/1.1\r\nHost: x\r\nX: a\r\n\tb\r\nY: c\r\n\r\n",
         "POST / HTTP/1.1\r\nHost: x\r\nContent-Length:\r\n 2\r\n\r\n{}",
         "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
         "POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
         "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
         "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}x",
         "POST / HTTP/1.1\r\nHost: x\r\nContent-Length : 2\r\n\r\n{}",
         "GET / HTTP/1.1\nHost: x\n\n",
         "GET / HTTP/1.1\r\nHost: x\r\nX: a\rb\r\n\r\n",
       })
    for (std::size_t step = 1; step <= text.size(); ++step) {
      request_parser parser(header_limit, body_limit);
      feed(parser, text, step);
      EXPECT_FALSE(parser.complete()) << text << " in pieces of " << step;
      if (step == text.size()) {
        EXPECT_EQ(parser.failure(), parse_failure::malformed) << text;
      }
    }
  request_parser parser(header_limit, body_limit);
  feed(parser, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n a\n b");
  EXPECT_TRUE(parser.complete()) << "a body may have any lines";
}

TEST(request_parser, PipelinedRequestsAreReadOneByOne) {
  request_parser parser(header_limit, body_limit);
  const auto rest = feed(parser, std::string(post) + "GET / HTTP/1.1\r\nHost: y\r\n\r\n");
  EXPECT_EQ(parser.take().body, "hello");
  EXPECT_EQ(feed(parser, rest), "");
  ASSERT_TRUE(parser.complete());
  EXPECT_EQ(parser.take().headers.find("host"), "y");
}

TEST(request_parser, ChunksAreJoinedAndTrailersStayOutOfTheHeader) {
  constexpr std::string_view text = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                                    "5;ext=1\r\nhello\r\n6\r\n world\r\n0\r\nX-Role: admin\r\n\r\n";
  for (std::size_t step = 1; step <= text.size(); ++step) {
    request_parser parser(header_limit, body_limit);
    feed(parser, text, step);
    ASSERT_TRUE(parser.complete()) << step;
    const auto request = parser.take();
    EXPECT_EQ(request.body, "hello world");
    EXPECT_FALSE(request.headers.contains("X-Role"));
  }
}

parse_failure failure_of(std::string_view text) {
  request_parser parser(header_limit, body_limit);
  feed(parser, text);
  return parser.failure();
}

TEST(request_parser, AmbiguousMessagesAreMalformed) {
  for (const auto* text :
       {"GET / HTTP/1.1\r\n\r\n",                                                                     // no Host
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",                                               // two
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",             //
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", //
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",                              //
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n",                     //
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",                                   //
        "GET / HTTP/2.0\r\nHost: a\r\n\r\n",                                                          //
        "GET /\r\n\r\n",                                                                              //
        "GET / HTTP/1.1\r\nHost : a\r\n\r\n",                                                         //
        "\x16\x03\x01\x02 a TLS hello\r\n\r\n"})
    EXPECT_EQ(failure_of(text), parse_failure::malformed) << text;
}

TEST(request_parser, BrokenChunksAreMalformed) {
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(failure_of(head + "zz\r\n"), parse_failure::malformed);
  EXPECT_EQ(failure_of(head + "5\r\nhelloXX\r\n"), parse_failure::malformed);
  EXPECT_EQ(failure_of(head + "fffffffffffffffffffff\r\n"), parse_failure::malformed);
}

TEST(request_parser, HeaderIsLimitedHoweverItComes) {
  const std::string big = "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(3 * header_limit, 'x') + "\r\n\r\n";
  EXPECT_EQ(failure_of(big), parse_failure::header_too_large);
  std::string many = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (std::size_t i = 0; i < header_limit; ++i)
    many += "A: b\r\n";
  for (const std::size_t step : {1u, 7u, 64u, 500u}) {
    request_parser parser(header_limit, body_limit);
    feed(parser, many, step);
    EXPECT_EQ(parser.failure(), parse_failure::header_too_large) << step;
  }
}

TEST(request_parser, NumberOfFieldsIsLimited) {
  std::string many = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 200; ++i)
    many += "A: b\r\n";
  request_parser parser(64 * 1024, body_limit);
  feed(parser, many + "\r\n");
  EXPECT_EQ(parser.failure(), parse_failure::header_too_large);
}

TEST(request_parser, BodyIsLimitedBeforeItIsRead) {
  EXPECT_EQ(failure_of("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 101\r\n\r\n"), parse_failure::body_too_large);
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(failure_of(head + "32\r\n" + std::string(50, 'a') + "\r\n33\r\n"), parse_failure::body_too_large);
}

TEST(request_parser, KeepAliveFollowsVersionAndConnection) {
  const auto keeps = [](std::string_view text) {
    request_parser parser(header_limit, body_limit);
    feed(parser, text);
    return parser.complete() && parser.keep_alive();
  };
  EXPECT_TRUE(keeps("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(keeps("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
}

TEST(response_parser, ReadsAnAnswerInPiecesOfAnySize) {
  constexpr std::string_view text = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
                                    "HTTP/1.1 201 Created\r\nContent-Length: 2\r\nX: y\r\n\r\nok";
  for (std::size_t step = 1; step <= text.size(); ++step) {
    response_parser parser(header_limit, body_limit, false);
    feed(parser, text, step);
    ASSERT_TRUE(parser.complete()) << step;
    const auto answer = parser.take();
    EXPECT_EQ(answer.status, 201);
    EXPECT_FALSE(answer.headers.contains("Link"));
    EXPECT_EQ(answer.body, "ok");
  }
}

TEST(response_parser, EndOfConnectionCompletesAnAnswerWithoutLength) {
  response_parser parser(header_limit, body_limit, false);
  feed(parser, "HTTP/1.1 200 OK\r\n\r\nall there is");
  EXPECT_FALSE(parser.complete());
  parser.put_end();
  ASSERT_TRUE(parser.complete());
  EXPECT_FALSE(parser.keep_alive());
  EXPECT_EQ(parser.take().body, "all there is");
}

TEST(response_parser, EarlyEndIsToldAtEveryByte) {
  const std::string_view lengths = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
  const std::string_view chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
  for (const auto whole : {lengths, chunks}) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      response_parser parser(header_limit, body_limit, false);
      feed(parser, whole.substr(0, size));
      parser.put_end();
      EXPECT_EQ(parser.failure(), parse_failure::ended_early) << size;
    }
  }
}

TEST(response_parser, HeadAndEmptyStatusesHaveNoBody) {
  response_parser head(header_limit, body_limit, true);
  feed(head, "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n");
  EXPECT_TRUE(head.complete());
  response_parser none(header_limit, body_limit, false);
  feed(none, "HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_TRUE(none.complete());
  EXPECT_TRUE(none.keep_alive());
}

TEST(response_parser, SinkGetsGoodBodiesWithoutLimitAndMayStop) {
  std::string seen;
  response_parser parser(header_limit, body_limit, false);
  parser.on_body([&](std::string_view bytes) {
    seen += bytes;
    return seen.size() < 500;
  });
  feed(parser, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n12c\r\n" + std::string(300, 'a') + "\r\n12c\r\n" +
                 std::string(300, 'b') + "\r\n");
  EXPECT_EQ(parser.failure(), parse_failure::stopped);
  EXPECT_EQ(seen.size(), 600u);
  EXPECT_EQ(parser.take().status, 200);
}

TEST(response_parser, SinkDoesNotGetOtherAnswers) {
  std::string seen;
  response_parser parser(header_limit, body_limit, false);
  parser.on_body([&](std::string_view bytes) {
    seen += bytes;
    return true;
  });
  feed(parser, "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
  ASSERT_TRUE(parser.complete());
  EXPECT_EQ(seen, "");
  EXPECT_EQ(parser.take().body, "no");
}

} // namespace
} // namespace penstock::net
