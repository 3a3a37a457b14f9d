#pragma once

#include <array>
#include <string>
#include <string_view>

namespace penstock::net {

/// A token or another secret of ours as it is kept: its SHA-256. They are long and random, so that no slow hash is needed,
/// and to find one by its hash tells nobody anything about another.
using token_hash = std::array<unsigned char, 32>;

[[nodiscard]] token_hash hash_token(std::string_view token);
/// 64 hexadecimal digits, as the store keeps it.
[[nodiscard]] std::string to_hex(const token_hash& hash);

} // namespace penstock::net
