#pragma once

#include "core/error.hpp"

namespace penstock::node {

/// What the program ends with. A contract: scripts rely on the numbers.
struct exit_status {
  static constexpr int done = 0;
  static constexpr int failed = 1; ///< also a followed job that failed
  static constexpr int wrong_usage = 2;
  static constexpr int unreachable = 3;        ///< no node answers
  static constexpr int bad_configuration = 78; ///< EX_CONFIG of sysexits.h

  /// Of what kept a command from its work: wrong settings are told apart, since starting again does not help.
  [[nodiscard]] static constexpr int of(error_code code) noexcept {
    return code == error_code::bad_configuration ? bad_configuration : failed;
  }
};

} // namespace penstock::node
