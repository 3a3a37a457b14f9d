#pragma once

#include <cstdint>
#include <exception>
#include <utility>

#include "core/error.hpp"

namespace penstock::storage {

/// Whom a failure is charged to.
enum class storage_blame : std::uint8_t {
  unit,     ///< what was asked: it fails again whenever it is asked, and nothing beside it does
  database, ///< disk, memory, locks: whatever comes meets the same, and may pass later
  moment    ///< another node's transaction, which is over now: the same work is run again at once
};

/// What a code says where nobody knows better: injected faults choose by it.
[[nodiscard]] constexpr storage_blame blame_of(error_code code) noexcept {
  return code == error_code::storage_busy || code == error_code::storage_full ? storage_blame::database
                                                                              : storage_blame::unit;
}

/// How the database's refusals travel inside this room. It never leaves it: the seams answer with its error.
class storage_exception : public std::exception {
public:
  explicit storage_exception(error problem) : problem_(std::move(problem)), blame_(blame_of(problem_.code)) {}
  storage_exception(error problem, storage_blame blame) : problem_(std::move(problem)), blame_(blame) {}
  [[nodiscard]] storage_blame blame() const noexcept { return blame_; }
  [[nodiscard]] const error& problem() const noexcept { return problem_; }
  [[nodiscard]] const char* what() const noexcept override { return problem_.message.c_str(); }

private:
  error problem_;
  storage_blame blame_;
};

} // namespace penstock::storage
