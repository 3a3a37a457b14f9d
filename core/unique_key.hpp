#pragma once

#include <string>
#include <string_view>

#include "core/ids.hpp"

namespace penstock {

/// The longest text that `unique_key_text` gives, in bytes.
inline constexpr std::size_t longest_unique_key = 255;

/// The storage text of a unique key: equal exactly when organisation, kind and key all are. Readable as
/// "ORGANISATION:LENGTH OF KIND:KIND:KEY", the length keeping ':' in a kind from being taken for a separator. Where
/// kind and key together are longer than 200 bytes it is "ORGANISATION:#" and 32 hexadecimal digits, the 128-bit
/// FNV-1a hash of the rest: alike keys are possible in theory only, or by intent within one's own organisation.
[[nodiscard]] std::string unique_key_text(organisation_id organisation, std::string_view kind, std::string_view key);

/// The 128-bit FNV-1a hash (draft-eastlake-fnv) as 32 hexadecimal digits. Spreads well, protects from nobody.
[[nodiscard]] std::string fnv1a_128_hex(std::string_view bytes);

} // namespace penstock
