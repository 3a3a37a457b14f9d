#include "storage/lock_file.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace penstock::storage {

result<lock_file> lock_file::take(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0)
    return failure(error_code::bad_configuration, "cannot write " + path.string() + ": " + std::strerror(errno) +
                                                    " (the folder must exist and belong to this user)");
  lock_file lock{descriptor};
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    std::array<char, 32> holder{};
    const auto length = ::pread(descriptor, holder.data(), holder.size() - 1, 0);
    std::string process = length > 0 ? std::string{holder.data(), static_cast<std::size_t>(length)} : "unknown";
    process.erase(process.find_last_not_of('\n') + 1);
    return failure(error_code::unavailable, "process " + process + " uses this database already (" + path.string() +
                                              " is locked): stop it, or give this node a database of its own");
  }
  const auto text = std::to_string(::getpid()) + "\n";
  if (::ftruncate(descriptor, 0) != 0 || ::pwrite(descriptor, text.data(), text.size(), 0) < 0)
    return failure(error_code::storage_full, "cannot write " + path.string() + ": " + std::strerror(errno));
  return lock;
}

lock_file::~lock_file() {
  if (descriptor_ >= 0)
    ::close(descriptor_);
}

lock_file::lock_file(lock_file&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

lock_file& lock_file::operator=(lock_file&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

} // namespace penstock::storage
