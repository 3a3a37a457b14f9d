#include "storage/key_file.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <string_view>
#include <system_error>

namespace penstock::storage {
namespace {

constexpr std::size_t largest_file = 256;

class descriptor {
public:
  explicit descriptor(int fd) noexcept : fd_(fd) {}
  ~descriptor() {
    if (fd_ >= 0)
      ::close(fd_);
  }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  [[nodiscard]] explicit operator bool() const noexcept { return fd_ >= 0; }
  [[nodiscard]] int get() const noexcept { return fd_; }

private:
  int fd_;
};

std::string system_text(int code) { return std::generic_category().message(code); }

result<std::string> read_small(const descriptor& file, const std::string& name) {
  std::string text(largest_file + 1, '\0');
  std::size_t filled = 0;
  while (filled < text.size()) {
    const auto got = ::read(file.get(), text.data() + filled, text.size() - filled);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return failure(error_code::storage_failed, "cannot read the key file " + name + ": " + system_text(errno));
    if (got == 0)
      break;
    filled += static_cast<std::size_t>(got);
  }
  text.resize(filled);
  return text;
}

bool write_all(const descriptor& file, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(file.get(), text.data(), text.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return ::fsync(file.get()) == 0;
}

auto cannot_write(const std::filesystem::path& file, int code) {
  return failure(code == ENOSPC ? error_code::storage_full : error_code::storage_failed,
                 "cannot write the key file " + file.string() + ": " + system_text(code));
}

std::string line_of(const key_material& key) {
  std::string text(sodium_base64_ENCODED_LEN(secret_box::key_bytes, sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(text.data(), text.size(), key.data(), key.size(), sodium_base64_VARIANT_ORIGINAL);
  text.back() = '\n'; // in place of the terminating zero
  return text;
}

/// Writes a complete file under a name of its own (mode 0600); `place` gives it the wanted one, and says whether it has.
template <class Place>
result<void> write_beside(const std::filesystem::path& file, const key_ring& keys, Place place) {
  std::string draft = file.string() + ".XXXXXX";
  const descriptor out{::mkostemp(draft.data(), O_CLOEXEC)};
  if (!out)
    return cannot_write(file, errno);
  auto text = line_of(keys.current);
  if (keys.former) {
    auto second = line_of(*keys.former);
    text.reserve(text.size() + second.size());
    text += second;
    sodium_memzero(second.data(), second.size());
  }
  // A file that root replaces stays its owner's: the node must be able to read it.
  struct stat before {};
  if (::stat(file.c_str(), &before) == 0 && before.st_uid != ::geteuid() &&
      ::fchown(out.get(), before.st_uid, before.st_gid) != 0) {
    const int refused = errno;
    ::unlink(draft.c_str());
    return cannot_write(file, refused);
  }
  int problem = 0;
  if (!write_all(out, text) || !place(draft.c_str(), file.c_str()))
    problem = errno;
  sodium_memzero(text.data(), text.size());
  ::unlink(draft.c_str());
  if (problem != 0)
    return cannot_write(file, problem);
  const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path{"."};
  const descriptor directory{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!directory || ::fsync(directory.get()) != 0)
    return cannot_write(file, errno);
  return {};
}

/// link(2) fails if somebody was faster.
result<void> make_key_file(const std::filesystem::path& file) {
  key_ring keys;
  randombytes_buf(keys.current.data(), keys.current.size());
  auto made = write_beside(
    file, keys, [](const char* draft, const char* wanted) { return ::link(draft, wanted) == 0 || errno == EEXIST; });
  forget_keys(keys);
  return made;
}

/// Takes a key off the front of `text`.
std::optional<key_material> take_key(std::string_view& text) {
  const auto length = text.find('\n');
  auto line = text.substr(0, length);
  text.remove_prefix(length == std::string_view::npos ? text.size() : length + 1);
  key_material key;
  std::size_t bytes = 0;
  const char* end = nullptr;
  if (sodium_base642bin(key.data(), key.size(), line.data(), line.size(), " \r", &bytes, &end,
                        sodium_base64_VARIANT_ORIGINAL) != 0 ||
      end != line.data() + line.size() || bytes != key.size())
    return std::nullopt;
  return key;
}

std::optional<key_ring> parse_keys(std::string_view text) {
  while (text.ends_with('\n') || text.ends_with('\r') || text.ends_with(' '))
    text.remove_suffix(1);
  const auto current = take_key(text);
  if (!current)
    return std::nullopt;
  key_ring keys{*current, std::nullopt};
  if (!text.empty()) {
    keys.former = take_key(text);
    if (!keys.former || !text.empty())
      return std::nullopt;
  }
  return keys;
}

} // namespace

void forget_keys(key_ring& keys) noexcept {
  sodium_memzero(keys.current.data(), keys.current.size());
  if (keys.former)
    sodium_memzero(keys.former->data(), keys.former->size());
  keys.former.reset();
}

result<key_ring> read_key_file(const std::filesystem::path& file) {
  const std::string name = file.string();
  const descriptor in{::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (!in && errno == ENOENT)
    return failure(error_code::not_found, "there is no key file " + name + ": restore it from its backup");
  if (!in)
    return failure(error_code::storage_failed, "cannot open the key file " + name + ": " + system_text(errno));
  struct stat facts {};
  if (::fstat(in.get(), &facts) != 0 || !S_ISREG(facts.st_mode))
    return failure(error_code::bad_configuration, "the key file " + name + " is not a regular file");
  if ((facts.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return failure(error_code::bad_configuration,
                   "others than its owner have rights to the key file " + name + ": run chmod 600 " + name);
  auto text = read_small(in, name);
  if (!text)
    return failure(std::move(text).error());
  auto keys = parse_keys(*text);
  sodium_memzero(text->data(), text->size());
  if (!keys)
    return failure(error_code::bad_configuration,
                   "the key file " + name + " does not hold 32 bytes in base64: restore it from its backup");
  return std::move(*keys);
}

result<key_ring> read_or_make_key_file(const std::filesystem::path& file) {
  auto key = read_key_file(file);
  if (key || key.error().code != error_code::not_found)
    return key;
  if (auto made = make_key_file(file); !made)
    return failure(std::move(made).error());
  return read_key_file(file);
}

result<void> replace_key_file(const std::filesystem::path& file, const key_ring& keys) {
  std::error_code unknown;
  auto place = std::filesystem::canonical(file, unknown);
  if (unknown)
    return cannot_write(file, unknown.value());
  return write_beside(place, keys, [](const char* draft, const char* wanted) { return ::rename(draft, wanted) == 0; });
}

} // namespace penstock::storage
