#include "storage/secret_box.hpp"

#include <sodium.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "storage/key_file.hpp"

namespace penstock::storage {
namespace {

constexpr std::string_view format_mark = "v1:";
constexpr std::string_view context = "penstock sealed text, version 1: ";
static_assert(secret_box::key_bytes == crypto_secretbox_KEYBYTES);

void ensure_sodium() {
  // Returns 1 when it was initialised before; may be called from any thread.
  if (sodium_init() < 0)
    throw std::runtime_error("libsodium cannot be initialised");
}

/// A key of its own for each purpose (keyed BLAKE2b of the purpose), so that a text sealed for one purpose does not
/// open under another although secretbox knows no associated data.
class purpose_key {
public:
  purpose_key(const std::array<unsigned char, secret_box::key_bytes>& key, std::string_view purpose) {
    std::string text{context};
    text += purpose;
    crypto_generichash(bytes_.data(), bytes_.size(), reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                       key.data(), key.size());
  }
  ~purpose_key() { sodium_memzero(bytes_.data(), bytes_.size()); }
  purpose_key(const purpose_key&) = delete;
  purpose_key& operator=(const purpose_key&) = delete;
  [[nodiscard]] const unsigned char* data() const noexcept { return bytes_.data(); }

private:
  std::array<unsigned char, secret_box::key_bytes> bytes_{};
};

auto unreadable() {
  return failure(error_code::storage_failed,
                 "a stored secret does not open: it was altered, or sealed under another key file");
}

} // namespace

result<secret_box> secret_box::open(const std::filesystem::path& key_file, bool create) {
  ensure_sodium();
  auto key = create ? read_or_make_key_file(key_file) : read_key_file(key_file);
  if (!key)
    return failure(std::move(key).error());
  secret_box box;
  box.key_ = *key;
  sodium_memzero(key->data(), key->size());
  return box;
}

secret_box secret_box::ephemeral() {
  ensure_sodium();
  secret_box box;
  randombytes_buf(box.key_.data(), box.key_.size());
  return box;
}

secret_box::~secret_box() { sodium_memzero(key_.data(), key_.size()); }

secret_box::secret_box(secret_box&& other) noexcept : key_(other.key_) {
  sodium_memzero(other.key_.data(), other.key_.size());
}

secret_box& secret_box::operator=(secret_box&& other) noexcept {
  if (this != &other) {
    key_ = other.key_;
    sodium_memzero(other.key_.data(), other.key_.size());
  }
  return *this;
}

std::string secret_box::seal(std::string_view plain, std::string_view purpose) const {
  std::vector<unsigned char> box(crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + plain.size());
  randombytes_buf(box.data(), crypto_secretbox_NONCEBYTES);
  const purpose_key key{key_, purpose};
  crypto_secretbox_easy(box.data() + crypto_secretbox_NONCEBYTES, reinterpret_cast<const unsigned char*>(plain.data()),
                        plain.size(), box.data(), key.data());
  std::string text(sodium_base64_encoded_len(box.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(text.data(), text.size(), box.data(), box.size(), sodium_base64_VARIANT_ORIGINAL);
  text.pop_back(); // the terminating zero
  text.insert(0, format_mark);
  return text;
}

result<std::string> secret_box::open_sealed(std::string_view sealed, std::string_view purpose) const {
  if (!sealed.starts_with(format_mark))
    return unreadable();
  sealed.remove_prefix(format_mark.size());
  if (sealed.empty())
    return unreadable();
  std::vector<unsigned char> box(sealed.size());
  std::size_t length = 0;
  const char* end = nullptr;
  if (sodium_base642bin(box.data(), box.size(), sealed.data(), sealed.size(), nullptr, &length, &end,
                        sodium_base64_VARIANT_ORIGINAL) != 0 ||
      end != sealed.data() + sealed.size() || length < crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES)
    return unreadable();
  std::string plain(length - crypto_secretbox_NONCEBYTES - crypto_secretbox_MACBYTES, '\0');
  const purpose_key key{key_, purpose};
  if (crypto_secretbox_open_easy(reinterpret_cast<unsigned char*>(plain.data()),
                                 box.data() + crypto_secretbox_NONCEBYTES, length - crypto_secretbox_NONCEBYTES,
                                 box.data(), key.data()) != 0)
    return unreadable();
  return plain;
}

} // namespace penstock::storage
