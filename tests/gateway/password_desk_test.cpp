#include "gateway/password_desk.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

namespace penstock::gateway {
namespace {

class passwords : public ::testing::Test {
protected:
  template <class T>
  T run(net::asio::awaitable<T> work) {
    auto outcome = net::asio::co_spawn(context, std::move(work), net::asio::use_future);
    context.restart();
    context.run();
    return outcome.get();
  }
  net::asio::io_context context;
  password_desk desk{{.passes = 1, .memory = 8192}, context.get_executor()};
};

TEST_F(passwords, HashFitsItsPasswordAlone) {
  const auto hash = run(desk.hash("correct horse battery"));
  ASSERT_TRUE(hash);
  EXPECT_TRUE(hash->starts_with("$argon2id$")) << *hash;
  EXPECT_TRUE(run(desk.fits(*hash, "correct horse battery")).value());
  EXPECT_FALSE(run(desk.fits(*hash, "correct horse battery ")).value());
  EXPECT_FALSE(run(desk.fits(*hash, "")).value());
  EXPECT_NE(*run(desk.hash("correct horse battery")), *hash) << "each has a salt of its own";
}

TEST_F(passwords, NobodysHashFitsNothing) {
  EXPECT_FALSE(run(desk.fits("", "the password of nobody")).value());
  EXPECT_FALSE(run(desk.fits("no hash at all", "the password of nobody")).value());
}

TEST_F(passwords, TooShortAndTooLongOnesAreRefused) {
  for (const auto length : {0u, 11u, 1025u})
    EXPECT_EQ(run(desk.hash(std::string(length, 'a'))).error().code, error_code::invalid_argument) << length;
  for (const auto length : {12u, 1024u})
    EXPECT_TRUE(run(desk.hash(std::string(length, 'a')))) << length;
  const auto hash = run(desk.hash(std::string(1024, 'a')));
  EXPECT_FALSE(run(desk.fits(*hash, std::string(1025, 'a'))).value());
}

TEST_F(passwords, OnlySomeMayWait) {
  int refused = 0, done = 0;
  for (int i = 0; i < password_desk::most_waiting + 5; ++i)
    net::asio::co_spawn(
      context, desk.hash("correct horse battery"),
      [&](const std::exception_ptr&, const result<std::string>& outcome) { ++(outcome ? done : refused); });
  context.run();
  EXPECT_EQ(done, password_desk::most_waiting);
  EXPECT_EQ(refused, 5);
  EXPECT_TRUE(run(desk.hash("correct horse battery"))) << "those that are done make room";
}

TEST_F(passwords, HashesOnAThreadOfItsOwn) {
  password_desk apart{{.passes = 1, .memory = 8192}};
  const auto hash = run(apart.hash("correct horse battery"));
  ASSERT_TRUE(hash);
  EXPECT_TRUE(run(apart.fits(*hash, "correct horse battery")).value());
}

} // namespace
} // namespace penstock::gateway
