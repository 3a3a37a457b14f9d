#pragma once

#include <array>
#include <filesystem>
#include <optional>

#include "core/error.hpp"
#include "storage/secret_box.hpp"

namespace penstock::storage {

using key_material = std::array<unsigned char, secret_box::key_bytes>;

/// The keys of a file. Two while a rotation goes on: both open what they sealed.
struct key_ring {
  key_material current{}; ///< seals; the file's first line
  std::optional<key_material> former{};
};

/// Wipes both.
void forget_keys(key_ring& keys) noexcept;

/// Reads keys: 32 bytes as base64 in a line, one line or two. `not_found` when there is no such file,
/// `bad_configuration` when group or others have any right to it or when it holds no key; the message says what to do.
/// libsodium must be initialised.
[[nodiscard]] result<key_ring> read_key_file(const std::filesystem::path& file);

/// As read_key_file, and makes the file with one key first where there is none: mode 0600, complete or not there at all,
/// and when two processes make it at once both get the same key.
[[nodiscard]] result<key_ring> read_or_make_key_file(const std::filesystem::path& file);

/// Puts these keys into the place of those that the file holds: at once or not at all, and durable when it returns. Of a
/// link the file that it names.
[[nodiscard]] result<void> replace_key_file(const std::filesystem::path& file, const key_ring& keys);

} // namespace penstock::storage
