#pragma once

#include <filesystem>
#include <string>

#include "core/error.hpp"

namespace penstock::node {

/// From now on new files of the process are for its owner alone, whoever makes them: SQLite gives its files what the
/// process allows. Call it before there are other threads.
void keep_new_files_private() noexcept;

/// Makes the directory and its parents where they are missing; the last one is for its owner alone (mode 0700).
/// `bad_configuration` when it cannot be made or written to; the message says what to do.
[[nodiscard]] result<void> make_private_directory(const std::filesystem::path& directory);

/// The administrator's token: 32 random bytes as base64url in one line. Made at first start, mode 0600. Refuses a file
/// that others may read.
[[nodiscard]] result<std::string> read_or_make_token(const std::filesystem::path& file);

/// Reads a token file as it stands. `not_found` when there is none, `forbidden` when it is another user's.
[[nodiscard]] result<std::string> read_token(const std::filesystem::path& file);

/// Replaces a small file at once (written beside it and renamed), mode 0600.
[[nodiscard]] result<void> write_private_file(const std::filesystem::path& file, const std::string& text);

[[nodiscard]] std::filesystem::path token_file(const std::filesystem::path& data_dir);
/// Holds the URL that a running node answers at: with port 0 nobody could know it.
[[nodiscard]] std::filesystem::path url_file(const std::filesystem::path& data_dir);

} // namespace penstock::node
