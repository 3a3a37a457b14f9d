#include "net/token_hash.hpp"

#include <memory>
#include <stdexcept>

#include <openssl/evp.h>

namespace penstock::net {
namespace {

struct release {
  void operator()(EVP_MD* algorithm) const noexcept { EVP_MD_free(algorithm); }
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};

/// One a thread, since each request hashes its token: EVP_Digest looks for the algorithm and makes a context each time,
/// which takes five times as long as the hash.
class hasher {
public:
  [[nodiscard]] bool hash(std::string_view text, token_hash& digest) noexcept {
    if (!algorithm_)
      algorithm_.reset(EVP_MD_fetch(nullptr, "SHA256", nullptr));
    if (!context_)
      context_.reset(EVP_MD_CTX_new());
    return algorithm_ && context_ && EVP_DigestInit_ex(context_.get(), algorithm_.get(), nullptr) == 1 &&
           EVP_DigestUpdate(context_.get(), text.data(), text.size()) == 1 &&
           EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) == 1;
  }

private:
  std::unique_ptr<EVP_MD, release> algorithm_;
  std::unique_ptr<EVP_MD_CTX, release> context_;
};

} // namespace

token_hash hash_token(std::string_view token) {
  thread_local hasher own;
  token_hash digest{};
  if (!own.hash(token, digest))
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
