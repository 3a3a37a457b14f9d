#include "net/pkce.hpp"

#include <array>
#include <span>
#include <stdexcept>

#include <openssl/evp.h>
#include <openssl/rand.h>

namespace penstock::net {

namespace {

/// RFC 4648, 5, without padding. Takes 32 bytes: 10 groups of three and two bytes over.
std::string base64url(std::span<const unsigned char, 32> bytes) {
  std::array<unsigned char, 45> text{};
  const int size = EVP_EncodeBlock(text.data(), bytes.data(), static_cast<int>(bytes.size()));
  std::string out(text.begin(), text.begin() + size);
  for (char& c : out)
    c = c == '+' ? '-' : c == '/' ? '_' : c;
  out.erase(out.find('='));
  return out;
}

} // namespace

std::string make_pkce_verifier() {
  std::array<unsigned char, 32> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
    throw std::runtime_error("OpenSSL has no random numbers");
  return base64url(bytes);
}

std::string pkce_challenge(std::string_view verifier) {
  std::array<unsigned char, 32> digest{};
  if (EVP_Digest(verifier.data(), verifier.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("OpenSSL has no SHA-256");
  return base64url(digest);
}

} // namespace penstock::net
