#include "storage/key_file.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
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

/// A complete file under a name of its own is linked to the wanted name: link(2) fails if somebody was faster.
result<void> make_key_file(const std::filesystem::path& file) {
  std::string draft = file.string() + ".XXXXXX";
  const auto trouble = [&](int code) {
    return failure(code == ENOSPC ? error_code::storage_full : error_code::storage_failed,
                   "cannot make the key file " + file.string() + ": " + system_text(code));
  };
  const descriptor out{::mkostemp(draft.data(), O_CLOEXEC)}; // mode 0600
  if (!out)
    return trouble(errno);
  key_material key;
  randombytes_buf(key.data(), key.size());
  std::array<char, sodium_base64_ENCODED_LEN(secret_box::key_bytes, sodium_base64_VARIANT_ORIGINAL)> text{};
  sodium_bin2base64(text.data(), text.size(), key.data(), key.size(), sodium_base64_VARIANT_ORIGINAL);
  text.back() = '\n'; // in place of the terminating zero
  int problem = 0;
  if (!write_all(out, {text.data(), text.size()}) || (::link(draft.c_str(), file.c_str()) != 0 && errno != EEXIST))
    problem = errno;
  sodium_memzero(key.data(), key.size());
  sodium_memzero(text.data(), text.size());
  ::unlink(draft.c_str());
  if (problem != 0)
    return trouble(problem);
  const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path{"."};
  const descriptor directory{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!directory || ::fsync(directory.get()) != 0)
    return trouble(errno);
  return {};
}

} // namespace

result<key_material> read_key_file(const std::filesystem::path& file) {
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
  key_material key;
  std::size_t length = 0;
  const char* end = nullptr;
  const bool decoded = sodium_base642bin(key.data(), key.size(), text->data(), text->size(), " \r\n", &length, &end,
                                         sodium_base64_VARIANT_ORIGINAL) == 0 &&
                       end == text->data() + text->size() && length == key.size();
  sodium_memzero(text->data(), text->size());
  if (!decoded)
    return failure(error_code::bad_configuration,
                   "the key file " + name + " does not hold 32 bytes in base64: restore it from its backup");
  return key;
}

result<key_material> read_or_make_key_file(const std::filesystem::path& file) {
  auto key = read_key_file(file);
  if (key || key.error().code != error_code::not_found)
    return key;
  if (auto made = make_key_file(file); !made)
    return failure(std::move(made).error());
  return read_key_file(file);
}

} // namespace penstock::storage
