#pragma once

#include <string>
#include <string_view>

#include "storage/table_copy.hpp"

namespace penstock::storage {

/// Appends a row: for each value a mark (0 NULL, 1 integer, 2 real, 3 text), integers as zigzag varints, reals as eight
/// bytes, texts behind their length as varint.
void encode_row(const table_row& row, std::string& bytes);

/// Takes a row of so many values off the front of `bytes`. Throws storage_exception for what encode_row never made.
void decode_row(std::string_view& bytes, std::size_t values, table_row& row);

} // namespace penstock::storage
