#pragma once

#include <optional>
#include <string_view>

#include "core/error.hpp"

namespace penstock::storage {

/// The seam for injected faults: asked before each call that reaches the database ("begin", "commit", the name of a
/// statement). An answer makes the call fail with that error instead of running.
class fault_injector {
public:
  virtual ~fault_injector() = default;
  [[nodiscard]] virtual std::optional<error> before(std::string_view call) = 0;
  /// Whether the connection breaks when the call has been carried out, before its answer comes. Asked of "begin",
  /// "commit" and the like, where the database is reached over a connection.
  [[nodiscard]] virtual bool loses_answer_of(std::string_view /*call*/) { return false; }
};

} // namespace penstock::storage
