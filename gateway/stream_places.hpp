#pragma once

#include <cstddef>
#include <memory>

#include "core/error.hpp"
#include "gateway/caller.hpp"

namespace penstock::gateway {

/// How many event streams are open, by caller and in all. A stream holds a connection as long as its reader likes, and no
/// other gives way to it: without a bound one reader could keep everybody else out. Thread-safe; places outlive it.
class stream_places {
public:
  static constexpr std::size_t most_each = 32;

  /// `most`: in all, whoever reads.
  explicit stream_places(std::size_t most = 512);

  /// Held while the stream is open, and free again when the last copy is gone.
  using place = std::shared_ptr<const void>;
  /// `rate_limited` where the caller, or all of them, have as many as there may be. Somebody who signed in is one caller,
  /// however many sessions there are.
  [[nodiscard]] result<place> take(const caller& who);

private:
  struct counts;
  struct held;
  std::shared_ptr<counts> counts_;
};

} // namespace penstock::gateway
