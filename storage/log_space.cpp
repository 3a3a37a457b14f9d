#include "storage/log_space.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>

namespace penstock::storage {
namespace {

class open_file {
public:
  open_file(const std::string& path, mode_t mode)
      : handle_(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, mode)) {}
  ~open_file() {
    if (handle_ >= 0)
      ::close(handle_);
  }
  open_file(const open_file&) = delete;
  open_file& operator=(const open_file&) = delete;
  [[nodiscard]] int handle() const noexcept { return handle_; }

private:
  const int handle_;
};

constexpr std::size_t piece = 1 << 20;
constexpr mode_t sqlite_default = 0644;

} // namespace

void lay_out_log(const std::string& database_file, std::int64_t bytes) {
  if (bytes <= 0)
    return;
  struct stat of_database {};
  const bool exists = ::stat(database_file.c_str(), &of_database) == 0;
  const open_file log(database_file + "-wal", exists ? of_database.st_mode & 0777 : sqlite_default);
  struct stat of_log {};
  if (log.handle() < 0 || ::fstat(log.handle(), &of_log) != 0)
    return;
  const auto zeros = std::make_unique<std::array<char, piece>>();
  zeros->fill(0);
  for (auto at = of_log.st_size; at < bytes;) {
    const auto wanted = std::min<std::size_t>(piece, static_cast<std::size_t>(bytes - at));
    const auto written = ::pwrite(log.handle(), zeros->data(), wanted, at);
    if (written <= 0) {
      // Taking the last room of a disk for later would leave none for now.
      static_cast<void>(::ftruncate(log.handle(), of_log.st_size));
      return;
    }
    at += written;
  }
  static_cast<void>(::fsync(log.handle()));
}

} // namespace penstock::storage
