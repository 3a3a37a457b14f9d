#include "tests/power_cut/fragile_vfs.hpp"

#include <sqlite3.h>

#include <cstring>

#include "storage/dialect.hpp"

namespace penstock::power_cut {
namespace {

fragile_disk* in_use = nullptr;
sqlite3_vfs* plain = nullptr; ///< SQLite's own
sqlite3_vfs layer;

/// SQLite gives memory for this and for the plain file behind it.
struct layered_file {
  sqlite3_file base;
  const char* path;  ///< valid as long as the file is open; null: not the disk's business
  bool syncs_folder; ///< with its next sync, as SQLite does for logs and journals it may have created
};

layered_file* own(sqlite3_file* file) { return reinterpret_cast<layered_file*>(file); }
sqlite3_file* behind(sqlite3_file* file) { return reinterpret_cast<sqlite3_file*>(own(file) + 1); }
fragile_disk* disk_of(sqlite3_file* file) { return own(file)->path ? in_use : nullptr; }

int close_file(sqlite3_file* file) { return behind(file)->pMethods->xClose(behind(file)); }

int read_file(sqlite3_file* file, void* into, int bytes, sqlite3_int64 at) {
  return behind(file)->pMethods->xRead(behind(file), into, bytes, at);
}

int write_file(sqlite3_file* file, const void* from, int bytes, sqlite3_int64 at) {
  if (auto* disk = disk_of(file);
      disk && !disk->wrote(own(file)->path, at, {static_cast<const char*>(from), static_cast<std::size_t>(bytes)}))
    return SQLITE_IOERR_WRITE;
  return behind(file)->pMethods->xWrite(behind(file), from, bytes, at);
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  if (auto* disk = disk_of(file); disk && !disk->resized(own(file)->path, size))
    return SQLITE_IOERR_TRUNCATE;
  return behind(file)->pMethods->xTruncate(behind(file), size);
}

int sync_file(sqlite3_file* file, int) {
  auto* disk = disk_of(file);
  if (!disk)
    return SQLITE_OK;
  if (!disk->synced(own(file)->path, own(file)->syncs_folder))
    return SQLITE_IOERR_FSYNC;
  own(file)->syncs_folder = false;
  return SQLITE_OK;
}

int size_of_file(sqlite3_file* file, sqlite3_int64* size) {
  return behind(file)->pMethods->xFileSize(behind(file), size);
}
int lock_file(sqlite3_file* file, int level) { return behind(file)->pMethods->xLock(behind(file), level); }
int unlock_file(sqlite3_file* file, int level) { return behind(file)->pMethods->xUnlock(behind(file), level); }
int check_lock(sqlite3_file* file, int* held) { return behind(file)->pMethods->xCheckReservedLock(behind(file), held); }
int control_file(sqlite3_file* file, int what, void* with) {
  return behind(file)->pMethods->xFileControl(behind(file), what, with);
}
int sector_size(sqlite3_file* file) { return behind(file)->pMethods->xSectorSize(behind(file)); }
int characteristics(sqlite3_file* file) { return behind(file)->pMethods->xDeviceCharacteristics(behind(file)); }
int map_shared(sqlite3_file* file, int region, int bytes, int extend, void volatile** at) {
  return behind(file)->pMethods->xShmMap(behind(file), region, bytes, extend, at);
}
int lock_shared(sqlite3_file* file, int offset, int count, int flags) {
  return behind(file)->pMethods->xShmLock(behind(file), offset, count, flags);
}
void shared_barrier(sqlite3_file* file) { behind(file)->pMethods->xShmBarrier(behind(file)); }
int unmap_shared(sqlite3_file* file, int remove) { return behind(file)->pMethods->xShmUnmap(behind(file), remove); }

// Version 2: without memory-mapped reading.
const sqlite3_io_methods methods{
  2,           close_file,     read_file,    write_file,   truncate_file, sync_file,       size_of_file,
  lock_file,   unlock_file,    check_lock,   control_file, sector_size,   characteristics, map_shared,
  lock_shared, shared_barrier, unmap_shared, nullptr,      nullptr};

int open_file(sqlite3_vfs*, const char* path, sqlite3_file* file, int flags, int* flags_given) {
  auto* mine = own(file);
  std::memset(static_cast<void*>(mine), 0, sizeof *mine);
  const bool watched = path && in_use && in_use->holds(path);
  if (watched && (flags & SQLITE_OPEN_CREATE) != 0 && !in_use->created(path))
    return SQLITE_CANTOPEN;
  const int code = plain->xOpen(plain, path, behind(file), flags, flags_given);
  if (!behind(file)->pMethods)
    return code;
  mine->base.pMethods = &methods;
  mine->path = watched ? path : nullptr;
  constexpr int logs = SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL;
  mine->syncs_folder = (flags & SQLITE_OPEN_CREATE) != 0 && (flags & logs) != 0;
  return code;
}

int remove_file(sqlite3_vfs*, const char* path, int sync_folder) {
  int exists = 0;
  if (in_use && in_use->holds(path) && plain->xAccess(plain, path, SQLITE_ACCESS_EXISTS, &exists) == SQLITE_OK &&
      exists != 0 && !in_use->removed(path, sync_folder != 0))
    return SQLITE_IOERR_DELETE;
  return plain->xDelete(plain, path, 0);
}

void install() {
  // The store sets SQLite's threading before its first use, so it comes first.
  static_cast<void>(storage::make_sqlite_dialect(":memory:", {}));
  plain = sqlite3_vfs_find(nullptr);
  layer = *plain;
  layer.zName = "fragile";
  layer.szOsFile = static_cast<int>(sizeof(layered_file)) + plain->szOsFile;
  layer.xOpen = open_file;
  layer.xDelete = remove_file;
  sqlite3_vfs_register(&layer, 1);
}

} // namespace

disk_in_use::disk_in_use(fragile_disk& disk) {
  if (!plain)
    install();
  in_use = &disk;
}

disk_in_use::~disk_in_use() { in_use = nullptr; }

} // namespace penstock::power_cut
