#include "storage/secret_box.hpp"

#include <sodium.h>
#include <sys/stat.h>

#include <array>
#include <mutex>
#include <optional>
#include <shared_mutex>
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
  purpose_key(const key_material& key, std::string_view purpose) {
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

std::optional<std::vector<unsigned char>> unwrap(std::string_view sealed) {
  if (!sealed.starts_with(format_mark))
    return std::nullopt;
  sealed.remove_prefix(format_mark.size());
  if (sealed.empty())
    return std::nullopt;
  std::vector<unsigned char> box(sealed.size());
  std::size_t length = 0;
  const char* end = nullptr;
  if (sodium_base642bin(box.data(), box.size(), sealed.data(), sealed.size(), nullptr, &length, &end,
                        sodium_base64_VARIANT_ORIGINAL) != 0 ||
      end != sealed.data() + sealed.size() || length < crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES)
    return std::nullopt;
  box.resize(length);
  return box;
}

std::optional<std::string> open_box(const std::vector<unsigned char>& box, const key_material& key,
                                    std::string_view purpose) {
  std::string plain(box.size() - crypto_secretbox_NONCEBYTES - crypto_secretbox_MACBYTES, '\0');
  const purpose_key used{key, purpose};
  if (crypto_secretbox_open_easy(reinterpret_cast<unsigned char*>(plain.data()),
                                 box.data() + crypto_secretbox_NONCEBYTES, box.size() - crypto_secretbox_NONCEBYTES,
                                 box.data(), used.data()) != 0)
    return std::nullopt;
  return plain;
}

std::string fingerprint_of(const key_material& key) {
  constexpr std::size_t bytes_told = 8;
  const purpose_key whole{key, "fingerprint"};
  std::array<char, 2 * bytes_told + 1> digits{};
  return sodium_bin2hex(digits.data(), digits.size(), whole.data(), bytes_told);
}

} // namespace

/// Which file stands under a name: one that is replaced is another.
struct file_stamp {
  std::uint64_t device = 0, inode = 0;
  std::int64_t seconds = 0, nanoseconds = 0;
  friend bool operator==(const file_stamp&, const file_stamp&) = default;

  [[nodiscard]] static file_stamp of(const std::filesystem::path& file) noexcept {
    struct stat facts {};
    if (::stat(file.c_str(), &facts) != 0)
      return {};
    return {facts.st_dev, facts.st_ino, facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec};
  }
};

struct secret_box::inside {
  std::filesystem::path file; ///< empty: the keys live here alone
  mutable std::shared_mutex mutex;
  key_ring keys;
  file_stamp stamp;

  ~inside() { forget_keys(keys); }

  result<void> replace(key_ring wanted) {
    if (!file.empty())
      if (auto written = replace_key_file(file, wanted); !written) {
        forget_keys(wanted);
        return written;
      }
    forget_keys(keys);
    keys = wanted;
    forget_keys(wanted);
    stamp = file_stamp::of(file);
    return {};
  }

  /// Takes over what another process put into the key file. One that cannot be read is tried again the next time.
  void follow_file() {
    if (file.empty())
      return;
    const auto now = file_stamp::of(file);
    {
      const std::shared_lock lock(mutex);
      if (now == stamp)
        return;
    }
    const std::unique_lock lock(mutex);
    auto read = read_key_file(file);
    if (!read)
      return;
    stamp = now;
    forget_keys(keys);
    keys = *read;
    forget_keys(*read);
  }
};

result<secret_box> secret_box::open(const std::filesystem::path& key_file, bool create) {
  ensure_sodium();
  auto made = std::make_unique<inside>();
  made->stamp = file_stamp::of(key_file); // before it is read: a later one is read again
  auto keys = create ? read_or_make_key_file(key_file) : read_key_file(key_file);
  if (!keys)
    return failure(std::move(keys).error());
  made->file = key_file;
  made->keys = *keys;
  forget_keys(*keys);
  return secret_box{std::move(made)};
}

secret_box secret_box::ephemeral() {
  ensure_sodium();
  auto made = std::make_unique<inside>();
  randombytes_buf(made->keys.current.data(), made->keys.current.size());
  return secret_box{std::move(made)};
}

secret_box::secret_box(std::unique_ptr<inside> keys) : inside_(std::move(keys)) {}
secret_box::~secret_box() = default;
secret_box::secret_box(secret_box&&) noexcept = default;
secret_box& secret_box::operator=(secret_box&&) noexcept = default;

std::string secret_box::seal(std::string_view plain, std::string_view purpose) const {
  inside_->follow_file();
  std::vector<unsigned char> box(crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + plain.size());
  randombytes_buf(box.data(), crypto_secretbox_NONCEBYTES);
  const std::shared_lock lock(inside_->mutex);
  const purpose_key key{inside_->keys.current, purpose};
  crypto_secretbox_easy(box.data() + crypto_secretbox_NONCEBYTES, reinterpret_cast<const unsigned char*>(plain.data()),
                        plain.size(), box.data(), key.data());
  std::string text(sodium_base64_encoded_len(box.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(text.data(), text.size(), box.data(), box.size(), sodium_base64_VARIANT_ORIGINAL);
  text.pop_back(); // the terminating zero
  text.insert(0, format_mark);
  return text;
}

result<std::string> secret_box::open_sealed(std::string_view sealed, std::string_view purpose) const {
  const auto box = unwrap(sealed);
  if (!box)
    return unreadable();
  inside_->follow_file();
  const std::shared_lock lock(inside_->mutex);
  auto plain = open_box(*box, inside_->keys.current, purpose);
  if (!plain && inside_->keys.former)
    plain = open_box(*box, *inside_->keys.former, purpose);
  if (!plain)
    return unreadable();
  return std::move(*plain);
}

result<void> secret_box::add_key() {
  inside_->follow_file();
  const std::unique_lock lock(inside_->mutex);
  if (inside_->keys.former)
    return {};
  key_ring wanted{{}, inside_->keys.current};
  randombytes_buf(wanted.current.data(), wanted.current.size());
  return inside_->replace(wanted);
}

result<void> secret_box::drop_former_key() {
  inside_->follow_file();
  const std::unique_lock lock(inside_->mutex);
  if (!inside_->keys.former)
    return {};
  return inside_->replace({inside_->keys.current, std::nullopt});
}

bool secret_box::has_former_key() const {
  inside_->follow_file();
  const std::shared_lock lock(inside_->mutex);
  return inside_->keys.former.has_value();
}

bool secret_box::is_current(std::string_view sealed, std::string_view purpose) const {
  const auto box = unwrap(sealed);
  inside_->follow_file();
  const std::shared_lock lock(inside_->mutex);
  return box && open_box(*box, inside_->keys.current, purpose);
}

std::string secret_box::fingerprint() const {
  inside_->follow_file();
  const std::shared_lock lock(inside_->mutex);
  return fingerprint_of(inside_->keys.current);
}

bool secret_box::knows(std::string_view fingerprint) const {
  inside_->follow_file();
  const std::shared_lock lock(inside_->mutex);
  return fingerprint == fingerprint_of(inside_->keys.current) ||
         (inside_->keys.former && fingerprint == fingerprint_of(*inside_->keys.former));
}

} // namespace penstock::storage
