#pragma once

#include <array>
#include <filesystem>

#include "core/error.hpp"
#include "storage/secret_box.hpp"

namespace penstock::storage {

using key_material = std::array<unsigned char, secret_box::key_bytes>;

/// Reads a key: 32 bytes as base64 in one line. `not_found` when there is no such file, `bad_configuration` when
/// group or others have any right to it or when it holds no key; the message says what to do.
/// libsodium must be initialised.
[[nodiscard]] result<key_material> read_key_file(const std::filesystem::path& file);

/// As read_key_file, and makes the file first where there is none: mode 0600, complete or not there at all, and when
/// two processes make it at once both get the same key.
[[nodiscard]] result<key_material> read_or_make_key_file(const std::filesystem::path& file);

} // namespace penstock::storage
