#include "storage/log_writes.hpp"

#include <array>
#include <cstdint>
#include <cstring>
#include <vector>

#include "storage/sqlite_handle.hpp"

namespace penstock::storage {

using namespace sqlite_api;

namespace {

/// Of SQLite's "Database File Format", 4.1 "WAL File Format": what stands before each page in the log. Its second
/// number is zero unless the page ends a transaction.
constexpr int frame_header_bytes = 24;
constexpr std::size_t mark_at = 4, mark_bytes = 4;

/// A transaction that changes more is written in several pieces: SQLite's VFS for Unix takes less than 128 KiB at once
/// (seekAndWriteFd in os_unix.c).
constexpr std::size_t most_held_bytes = 124 * 1024;

bool ends_transaction(const void* header) {
  static constexpr std::array<char, mark_bytes> none{};
  return std::memcmp(static_cast<const char*>(header) + mark_at, none.data(), none.size()) != 0;
}

} // namespace

/// Stands in for the methods of SQLite's file, which points to its first member.
struct log_writes::layer {
  sqlite3_io_methods methods{};
  const sqlite3_io_methods* below = nullptr;
  sqlite3_file* file = nullptr; ///< null once it is closed
  sqlite3* connection = nullptr;
  std::vector<char> held; ///< what comes before `end`
  std::int64_t end = unknown;
  bool last_page_next = false; ///< the header before it was the last write
  /// Why what was held could not be written. SQLite's index names those pages already: until they are rolled back nothing
  /// may be stored behind them.
  int broken = SQLITE_OK;

  static constexpr std::int64_t unknown = -1;

  static layer& of(sqlite3_file* file) {
    return *reinterpret_cast<layer*>(const_cast<sqlite3_io_methods*>(file->pMethods));
  }

  /// Forgets what was appended by a transaction that is rolled back: somebody else may write there next.
  void forget() {
    held.clear();
    end = unknown;
    broken = SQLITE_OK;
  }

  int flush() {
    if (held.empty())
      return broken;
    const auto bytes = static_cast<std::int64_t>(held.size());
    broken = below->xWrite(file, held.data(), static_cast<int>(bytes), end - bytes);
    held.clear();
    return broken;
  }

  int write(const void* data, int bytes, std::int64_t at) {
    if (broken != SQLITE_OK)
      return broken;
    const bool is_header = bytes == frame_header_bytes;
    const bool is_last = last_page_next && !is_header;
    last_page_next = is_header && ends_transaction(data);
    // Only what is appended is held: a frame that is written over has nothing behind it that would end the wait.
    const bool appended = at == end;
    if (!appended || held.size() + static_cast<std::size_t>(bytes) > most_held_bytes)
      if (const int code = flush(); code != SQLITE_OK)
        return code;
    if (!appended) {
      const int code = below->xWrite(file, data, bytes, at);
      end = code == SQLITE_OK ? at + bytes : unknown;
      return code;
    }
    const auto* begin = static_cast<const char*>(data);
    held.insert(held.end(), begin, begin + bytes);
    end += bytes;
    return is_last ? flush() : SQLITE_OK;
  }

  void detach() {
    sqlite3_rollback_hook(connection, nullptr, nullptr);
    file->pMethods = below;
    file = nullptr;
  }
};

log_writes::log_writes(soci::session& writer) : layer_(std::make_unique<layer>()) {
  auto& self = *layer_;
  self.connection = sqlite_handle(writer);
  sqlite3_file_control(self.connection, "main", SQLITE_FCNTL_JOURNAL_POINTER, static_cast<void*>(&self.file));
  if (!self.file || !self.file->pMethods) {
    self.file = nullptr; // it is written as SQLite does
    return;
  }
  self.below = self.file->pMethods;
  self.methods = *self.below;
  self.methods.xWrite = [](sqlite3_file* file, const void* data, int bytes, sqlite3_int64 at) {
    return layer::of(file).write(data, bytes, at);
  };
  // Whatever else is asked of the file finds it as SQLite believes it to be.
  self.methods.xRead = [](sqlite3_file* file, void* data, int bytes, sqlite3_int64 at) {
    const int code = layer::of(file).flush();
    return code == SQLITE_OK ? layer::of(file).below->xRead(file, data, bytes, at) : code;
  };
  self.methods.xTruncate = [](sqlite3_file* file, sqlite3_int64 size) {
    const int code = layer::of(file).flush();
    return code == SQLITE_OK ? layer::of(file).below->xTruncate(file, size) : code;
  };
  self.methods.xSync = [](sqlite3_file* file, int how) {
    const int code = layer::of(file).flush();
    return code == SQLITE_OK ? layer::of(file).below->xSync(file, how) : code;
  };
  self.methods.xFileSize = [](sqlite3_file* file, sqlite3_int64* size) {
    const int code = layer::of(file).flush();
    return code == SQLITE_OK ? layer::of(file).below->xFileSize(file, size) : code;
  };
  self.methods.xClose = [](sqlite3_file* file) {
    layer::of(file).detach();
    return file->pMethods->xClose(file);
  };
  self.held.reserve(most_held_bytes);
  self.file->pMethods = &self.methods;
  sqlite3_rollback_hook(
    self.connection, [](void* own) { static_cast<layer*>(own)->forget(); }, &self);
}

log_writes::~log_writes() {
  if (layer_->file)
    layer_->detach(); // nothing of a transaction that ended is held
}

} // namespace penstock::storage
