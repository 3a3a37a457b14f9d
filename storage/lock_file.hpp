#pragma once

#include <filesystem>

#include "core/error.hpp"

namespace penstock::storage {

/// Keeps a second node away from a database: a file beside it, locked as long as this lives. The system lets go of
/// the lock when the process dies, however it dies, so that none is ever stale.
class lock_file {
public:
  /// `unavailable`, naming the process that holds it.
  [[nodiscard]] static result<lock_file> take(const std::filesystem::path& path);

  ~lock_file();
  lock_file(lock_file&& other) noexcept;
  lock_file& operator=(lock_file&& other) noexcept;

private:
  explicit lock_file(int descriptor) noexcept : descriptor_(descriptor) {}

  int descriptor_;
};

} // namespace penstock::storage
