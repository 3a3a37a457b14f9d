// Makes one folder a small disk for a program that this is preloaded into: a write that makes a file there longer than
// the rest of its room allows is cut short, or fails with ENOSPC; writing over what is there goes on. Files that others
// put there, sparse ones too, take their length of the room. So a disk is full for any user, in any container. While a file
// `broken` lies there, syncs fail with EIO, as of a disk that does not take what was written.
//   SMALL_DISK_FOLDER   absolute path; files lie in it, not in folders of it
//   SMALL_DISK_BYTES    how large it is
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

template <class Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

const char* folder() { return std::getenv("SMALL_DISK_FOLDER"); }

long long room_left() {
  const char* size = std::getenv("SMALL_DISK_BYTES");
  long long left = size ? std::atoll(size) : 0;
  DIR* all = ::opendir(folder());
  if (!all)
    return left;
  while (const auto* each = ::readdir(all)) {
    struct stat found {};
    if (::fstatat(::dirfd(all), each->d_name, &found, 0) == 0 && S_ISREG(found.st_mode))
      left -= found.st_size;
  }
  ::closedir(all);
  return std::max(left, 0LL);
}

bool lies_there(int file) {
  const char* where = folder();
  if (!where)
    return false;
  char link[64];
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  char path[4096];
  const auto length = ::readlink(link, path, sizeof path - 1);
  const auto prefix = std::strlen(where);
  return length > static_cast<ssize_t>(prefix) && std::strncmp(path, where, prefix) == 0 && path[prefix] == '/';
}

/// How many of `bytes` at `at` may be written.
size_t allowed(int file, size_t bytes, off64_t at) {
  struct stat found {};
  if (bytes == 0 || !lies_there(file) || ::fstat(file, &found) != 0)
    return bytes;
  const auto end = at + static_cast<off64_t>(bytes);
  if (end <= found.st_size)
    return bytes;
  const auto last = found.st_size + room_left();
  return end <= last ? bytes : static_cast<size_t>(std::max<off64_t>(last - at, 0));
}

off64_t position(int file) {
  if ((::fcntl(file, F_GETFL) & O_APPEND) == 0)
    return ::lseek64(file, 0, SEEK_CUR);
  struct stat found {};
  return ::fstat(file, &found) == 0 ? found.st_size : 0;
}

int full() {
  errno = ENOSPC;
  return -1;
}

bool broken(int file) {
  if (!lies_there(file))
    return false;
  char path[4096];
  std::snprintf(path, sizeof path, "%s/broken", folder());
  return ::access(path, F_OK) == 0;
}

int sync(const char* name, int file) {
  if (broken(file)) {
    errno = EIO;
    return -1;
  }
  return next<int (*)(int)>(name)(file);
}

template <class Space>
int space_of(const char* name, const char* path, Space* told) {
  const int status = next<int (*)(const char*, Space*)>(name)(path, told);
  if (status == 0 && folder() && std::strncmp(path, folder(), std::strlen(folder())) == 0)
    told->f_bavail = told->f_bfree = static_cast<unsigned long>(room_left()) / told->f_frsize;
  return status;
}

} // namespace

extern "C" {

ssize_t write(int file, const void* from, size_t bytes) {
  const auto real = next<ssize_t (*)(int, const void*, size_t)>("write");
  if (!folder())
    return real(file, from, bytes);
  const auto fits = lies_there(file) ? allowed(file, bytes, position(file)) : bytes;
  return fits == 0 && bytes > 0 ? full() : real(file, from, fits);
}

ssize_t writev(int file, const struct iovec* from, int count) {
  if (lies_there(file) && count > 0)
    return write(file, from[0].iov_base, from[0].iov_len); // a short one: callers go on with the rest
  return next<ssize_t (*)(int, const struct iovec*, int)>("writev")(file, from, count);
}

ssize_t pwrite64(int file, const void* from, size_t bytes, off64_t at) {
  const auto fits = allowed(file, bytes, at);
  return fits == 0 && bytes > 0
           ? full()
           : next<ssize_t (*)(int, const void*, size_t, off64_t)>("pwrite64")(file, from, fits, at);
}

ssize_t pwrite(int file, const void* from, size_t bytes, off_t at) { return pwrite64(file, from, bytes, at); }

int ftruncate64(int file, off64_t size) noexcept {
  return allowed(file, 1, size - 1) == 0 ? full() : next<int (*)(int, off64_t)>("ftruncate64")(file, size);
}

int ftruncate(int file, off_t size) noexcept { return ftruncate64(file, size); }

int posix_fallocate(int file, off_t at, off_t bytes) {
  if (allowed(file, static_cast<size_t>(bytes), at) < static_cast<size_t>(bytes))
    return ENOSPC;
  return next<int (*)(int, off_t, off_t)>("posix_fallocate")(file, at, bytes);
}

int fsync(int file) { return sync("fsync", file); }
int fdatasync(int file) { return sync("fdatasync", file); }

int statvfs(const char* path, struct statvfs* told) noexcept { return space_of("statvfs", path, told); }
int statvfs64(const char* path, struct statvfs64* told) noexcept { return space_of("statvfs64", path, told); }

} // extern "C"
