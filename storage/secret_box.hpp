#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "core/error.hpp"

namespace penstock::storage {

/// Authenticated encryption of secrets at rest (libsodium secretbox: XSalsa20-Poly1305, random nonce in front). It follows
/// its key file: what is sealed or opened after the file was replaced is so with the keys that it holds then.
/// Thread-safe, also while its key is changed. Keys never leave it. One that was moved from is good for nothing.
class secret_box {
public:
  static constexpr std::size_t key_bytes = 32;

  /// Reads the key file (key_file.hpp), or makes it (mode 0600) when it is missing and `create` is set.
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

  // A change of the key (key_rotation.hpp). Each step is durable in the key file before it holds here.
  /// A new key seals from now on, the one before still opens. Where that is so already nothing changes.
  [[nodiscard]] result<void> add_key();
  /// Nothing that the former key sealed opens any more.
  [[nodiscard]] result<void> drop_former_key();
  [[nodiscard]] bool has_former_key() const;

  /// Whether the key that seals now sealed this.
  [[nodiscard]] bool is_current(std::string_view sealed, std::string_view purpose) const;
  /// Tells one key from another, and nothing of the key: 16 hexadecimal digits.
  [[nodiscard]] std::string fingerprint() const;
  /// Whether it is that of a key that opens here.
  [[nodiscard]] bool knows(std::string_view fingerprint) const;

private:
  struct inside;
  explicit secret_box(std::unique_ptr<inside> keys);

  std::unique_ptr<inside> inside_;
};

} // namespace penstock::storage
