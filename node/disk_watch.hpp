#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>

#include "core/error.hpp"

namespace penstock::node {

/// Closes the node's intake before its disk is full, while there is room to finish and store what runs, and opens it
/// when there is a tenth more than the limit again. Not thread-safe.
class disk_watch {
public:
  using space_reader = std::function<std::optional<std::int64_t>()>; ///< free bytes; nullopt: not known
  using intake_setter = std::function<void(std::optional<error> closed_because)>;

  /// `least` in bytes; 0: never closes.
  disk_watch(std::int64_t least, space_reader free_space, intake_setter set_intake);

  /// Looks at the disk, and says so where something changed.
  void look();

private:
  const std::int64_t least_;
  const space_reader free_space_;
  const intake_setter set_intake_;
  bool closed_ = false;
};

/// Bytes that a process without privileges may still write to the disk of `folder`.
[[nodiscard]] std::optional<std::int64_t> free_space_of(const std::filesystem::path& folder);

} // namespace penstock::node
