#include "net/token_hash.hpp"

#include <stdexcept>

#include <openssl/evp.h>

namespace penstock::net {

token_hash hash_token(std::string_view token) {
  token_hash digest{};
  if (EVP_Digest(token.data(), token.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("OpenSSL has no SHA-256");
  return digest;
}

std::string to_hex(const token_hash& hash) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * hash.size());
  for (const auto byte : hash)
    text.append({digits[byte >> 4U], digits[byte & 15U]});
  return text;
}

} // namespace penstock::net
