#include "storage/row_code.hpp"

#include <sodium.h>

#include <array>
#include <bit>
#include <cstring>

#include "storage/storage_exception.hpp"

namespace penstock::storage {
namespace {

enum class mark : char { null, integer, real, text };

void put_varint(std::uint64_t value, std::string& bytes) {
  for (; value >= 0x80; value >>= 7)
    bytes += static_cast<char>(value | 0x80);
  bytes += static_cast<char>(value);
}

[[noreturn]] void damaged() {
  throw storage_exception(error{error_code::storage_failed, "a row of the copy is damaged"});
}

std::uint64_t take_varint(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    if (bytes.empty())
      damaged();
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80)
      return value;
  }
  damaged();
}

struct encoder {
  std::string& bytes;
  void operator()(std::monostate) const { bytes += static_cast<char>(mark::null); }
  void operator()(std::int64_t value) const {
    bytes += static_cast<char>(mark::integer);
    put_varint((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63), bytes);
  }
  void operator()(double value) const {
    bytes += static_cast<char>(mark::real);
    auto bits = std::bit_cast<std::uint64_t>(value);
    for (int i = 0; i < 8; ++i, bits >>= 8)
      bytes += static_cast<char>(bits & 0xff);
  }
  void operator()(const std::string& value) const {
    bytes += static_cast<char>(mark::text);
    put_varint(value.size(), bytes);
    bytes += value;
  }
};

std::string_view take(std::string_view& bytes, std::uint64_t length) {
  if (length > bytes.size())
    damaged();
  const auto part = bytes.substr(0, length);
  bytes.remove_prefix(length);
  return part;
}

} // namespace

void encode_row(const table_row& row, std::string& bytes) {
  for (const auto& value : row)
    std::visit(encoder{bytes}, value);
}

void decode_row(std::string_view& bytes, std::size_t values, table_row& row) {
  row.resize(values);
  for (auto& value : row)
    switch (static_cast<mark>(take(bytes, 1).front())) {
      case mark::null: value = std::monostate{}; break;
      case mark::integer: {
        const auto zigzag = take_varint(bytes);
        value = static_cast<std::int64_t>((zigzag >> 1) ^ (~(zigzag & 1) + 1));
        break;
      }
      case mark::real: {
        std::uint64_t bits = 0;
        const auto raw = take(bytes, 8);
        for (int i = 7; i >= 0; --i)
          bits = (bits << 8) | static_cast<unsigned char>(raw[static_cast<std::size_t>(i)]);
        value = std::bit_cast<double>(bits);
        break;
      }
      case mark::text: {
        const auto length = take_varint(bytes);
        value = std::string{take(bytes, length)};
        break;
      }
      default: damaged();
    }
}

void row_sum::add(std::string_view encoded) {
  std::array<std::uint64_t, 2> parts{};
  crypto_generichash(reinterpret_cast<unsigned char*>(parts.data()), sizeof parts,
                     reinterpret_cast<const unsigned char*>(encoded.data()), encoded.size(), nullptr, 0);
  ++rows_;
  low_ += parts[0];
  high_ += parts[1];
}

std::string row_sum::text() const {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  for (const auto part : {high_, low_})
    for (int shift = 60; shift >= 0; shift -= 4)
      hex += digits[(part >> shift) & 15];
  return hex;
}

} // namespace penstock::storage
