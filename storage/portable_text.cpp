#include "storage/portable_text.hpp"

#include <cstring>

#include <simdjson.h>
#include <sodium.h>

#include "storage/storage_exception.hpp"

namespace penstock::storage {
namespace {

constexpr std::string_view mark = "\x01"
                                  "b64:";
constexpr std::string_view replacement = "\xEF\xBF\xBD";

bool has_nul(std::string_view text) noexcept {
  return !text.empty() && std::memchr(text.data(), 0, text.size()) != nullptr;
}

/// The length of the character that starts at `at`; 0 where none does.
std::size_t character_at(std::string_view text, std::size_t at) noexcept {
  for (std::size_t length = 1; length <= 4 && at + length <= text.size(); ++length)
    if (simdjson::validate_utf8(text.data() + at, length))
      return length;
  return 0;
}

} // namespace

bool is_portable(std::string_view text) noexcept {
  return !has_nul(text) && simdjson::validate_utf8(text.data(), text.size());
}

void mend_text(std::string& text) {
  if (is_portable(text))
    return;
  std::string mended;
  mended.reserve(text.size() + 16);
  for (std::size_t at = 0; at < text.size();) {
    const auto length = text[at] == '\0' ? 0 : character_at(text, at);
    if (length == 0) {
      mended += replacement;
      ++at;
    } else {
      mended.append(text, at, length);
      at += length;
    }
  }
  text = std::move(mended);
}

std::string to_portable(std::string_view body) {
  if (is_portable(body) && !body.starts_with(mark))
    return std::string{body};
  constexpr int variant = sodium_base64_VARIANT_ORIGINAL;
  std::string stored{mark};
  std::string coded(sodium_base64_encoded_len(body.size(), variant), '\0');
  sodium_bin2base64(coded.data(), coded.size(), reinterpret_cast<const unsigned char*>(body.data()), body.size(),
                    variant);
  coded.pop_back(); // its terminating NUL
  return stored + coded;
}

std::string from_portable(std::string stored) {
  if (!stored.starts_with(mark))
    return stored;
  std::string body(stored.size(), '\0');
  std::size_t length = 0;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(body.data()), body.size(), stored.data() + mark.size(),
                        stored.size() - mark.size(), nullptr, &length, nullptr, sodium_base64_VARIANT_ORIGINAL) != 0)
    throw storage_exception(error{error_code::storage_failed, "a stored body is damaged"});
  body.resize(length);
  return body;
}

std::size_t whole_characters(std::string_view text, std::size_t most) noexcept {
  if (text.size() <= most)
    return text.size();
  const auto continues = [&](std::size_t at) { return (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80; };
  for (std::size_t back = 0; back < 4 && back < most; ++back)
    if (!continues(most - back))
      return most - back;
  return most; // no text: cut anywhere
}

} // namespace penstock::storage
