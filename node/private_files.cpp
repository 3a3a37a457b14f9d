#include "node/private_files.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <string_view>
#include <system_error>

namespace penstock::node {
namespace {

constexpr std::size_t token_bytes = 32;
constexpr std::size_t largest_token_file = 1024;

std::string system_text(int code) { return std::generic_category().message(code); }

auto cannot(std::string_view what, const std::filesystem::path& path, int code) {
  return failure(error_code::bad_configuration,
                 "cannot " + std::string(what) + " " + path.string() + ": " + system_text(code));
}

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return ::fsync(file) == 0;
}

/// A complete file of a name of its own beside the wanted one, mode 0600.
result<std::string> write_draft(const std::filesystem::path& file, std::string_view text) {
  std::string draft = file.string() + ".XXXXXX";
  const int out = ::mkostemp(draft.data(), O_CLOEXEC);
  if (out < 0)
    return cannot("write", file, errno);
  const bool written = write_all(out, text);
  const int problem = errno;
  ::close(out);
  if (written)
    return draft;
  ::unlink(draft.c_str());
  return cannot("write", file, problem);
}

result<std::string> make_token() {
  if (sodium_init() < 0)
    return failure(error_code::internal, "libsodium does not start: is there a source of randomness?");
  std::array<unsigned char, token_bytes> bytes;
  randombytes_buf(bytes.data(), bytes.size());
  constexpr int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  std::array<char, sodium_base64_ENCODED_LEN(token_bytes, variant)> text{};
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), variant);
  return std::string(text.data());
}

} // namespace

std::filesystem::path token_file(const std::filesystem::path& data_dir) { return data_dir / "admin.token"; }
std::filesystem::path url_file(const std::filesystem::path& data_dir) { return data_dir / "node.url"; }

void keep_new_files_private() noexcept { static_cast<void>(::umask(S_IRWXG | S_IRWXO)); }

result<void> make_private_directory(const std::filesystem::path& directory) {
  std::error_code problem;
  if (directory.has_parent_path())
    std::filesystem::create_directories(directory.parent_path(), problem);
  if (problem)
    return cannot("make the directory", directory, problem.value());
  if (::mkdir(directory.c_str(), S_IRWXU) != 0 && errno != EEXIST)
    return cannot("make the directory", directory, errno);
  if (!std::filesystem::is_directory(directory, problem))
    return cannot("use", directory, ENOTDIR);
  if (::access(directory.c_str(), W_OK | X_OK) != 0)
    return failure(error_code::bad_configuration, "cannot write to the data directory " + directory.string() + ": " +
                                                    system_text(errno) + "; change its owner or set node.data_dir");
  return {};
}

result<std::string> read_token(const std::filesystem::path& file) {
  std::error_code problem;
  const bool exists = std::filesystem::exists(file, problem);
  if (!exists && !problem)
    return failure(error_code::not_found, "there is no token file " + file.string());
  std::ifstream in(file, std::ios::binary);
  std::string text(largest_token_file, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (problem || (!in && !in.eof()))
    return failure(error_code::forbidden, "cannot read the token file " + file.string());
  text.resize(static_cast<std::size_t>(in.gcount()));
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' '))
    text.pop_back();
  if (text.empty() || text.find_first_of(" \r\n\t") != std::string::npos)
    return failure(error_code::bad_configuration, "the token file " + file.string() +
                                                    " holds no token: remove it, and the next start makes a new one");
  return text;
}

result<std::string> read_or_make_token(const std::filesystem::path& file) {
  struct stat facts {};
  if (::stat(file.c_str(), &facts) == 0) {
    if ((facts.st_mode & (S_IRWXG | S_IRWXO)) != 0)
      return failure(error_code::bad_configuration, "others than its owner have rights to the token file " +
                                                      file.string() + ": run chmod 600 " + file.string());
    return read_token(file);
  }
  auto token = make_token();
  if (!token)
    return token;
  if (auto written = write_private_file(file, *token + "\n"); !written)
    return failure(std::move(written.error()));
  return token;
}

result<void> write_private_file(const std::filesystem::path& file, const std::string& text) {
  const auto draft = write_draft(file, text);
  if (!draft)
    return failure(draft.error());
  if (::rename(draft->c_str(), file.c_str()) == 0)
    return {};
  const int problem = errno;
  ::unlink(draft->c_str());
  return cannot("write", file, problem);
}

} // namespace penstock::node
