#pragma once

namespace penstock::node {

/// What the program ends with. A contract: scripts rely on the numbers.
struct exit_status {
  static constexpr int done = 0;
  static constexpr int failed = 1; ///< also a followed job that failed
  static constexpr int wrong_usage = 2;
  static constexpr int unreachable = 3;        ///< no node answers
  static constexpr int bad_configuration = 78; ///< EX_CONFIG of sysexits.h
};

} // namespace penstock::node
