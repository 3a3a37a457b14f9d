#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <string_view>

#include "core/error.hpp"

namespace penstock::storage {

/// Authenticated encryption of secrets at rest (libsodium secretbox: XSalsa20-Poly1305, random nonce in front).
/// Thread-safe after construction. The key never leaves it.
class secret_box {
public:
  static constexpr std::size_t key_bytes = 32;

  /// Reads the key file (base64), or makes it (mode 0600) when it is missing and `create` is set.
  /// Refuses a file that others may read.
  [[nodiscard]] static result<secret_box> open(const std::filesystem::path& key_file, bool create);
  /// A key of the moment, for tests.
  [[nodiscard]] static secret_box ephemeral();

  ~secret_box();
  secret_box(secret_box&&) noexcept;
  secret_box& operator=(secret_box&&) noexcept;

  /// Seals `plain` for one purpose ("credential/123"): it opens under that purpose only.
  [[nodiscard]] std::string seal(std::string_view plain, std::string_view purpose) const;
  /// storage_failed if the text was altered, sealed under another key, or for another purpose.
  [[nodiscard]] result<std::string> open_sealed(std::string_view sealed, std::string_view purpose) const;

private:
  secret_box() = default;
  std::array<unsigned char, key_bytes> key_{};
};

} // namespace penstock::storage
