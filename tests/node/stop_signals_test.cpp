#include "node/stop_signals.hpp"

#include <unistd.h>

#include <csignal>
#include <thread>

#include <gtest/gtest.h>

namespace penstock::node {
namespace {

/// To the whole process, as from outside: it stays pending until somebody waits for it.
void send_to_this_process(int signal) { ASSERT_EQ(::kill(::getpid(), signal), 0); }

TEST(stop_signals, TermAndInterruptStopAndHangupReloads) {
  stop_signals signals;
  send_to_this_process(SIGTERM);
  EXPECT_EQ(signals.wait(), stop_signals::kind::stop);
  send_to_this_process(SIGINT);
  EXPECT_EQ(signals.wait(), stop_signals::kind::stop);
  send_to_this_process(SIGHUP);
  EXPECT_EQ(signals.wait(), stop_signals::kind::reload);
}

TEST(stop_signals, AnyThreadCanWakeWhoWaits) {
  stop_signals signals;
  std::thread other([&signals] { signals.wake(); });
  EXPECT_EQ(signals.wait(), stop_signals::kind::woken);
  other.join();
}

TEST(stop_signals, WhatNobodyWaitsForAnyMoreEndsNothing) {
  {
    stop_signals signals;
    signals.wake();
    send_to_this_process(SIGHUP);
  }
  stop_signals signals;
  send_to_this_process(SIGTERM);
  EXPECT_EQ(signals.wait(), stop_signals::kind::stop);
}

} // namespace
} // namespace penstock::node
