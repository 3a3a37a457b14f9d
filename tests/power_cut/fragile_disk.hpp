#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/random.hpp"

namespace penstock::power_cut {

/// How a disk may break its word: what a test of power cuts must find out.
enum class disk_lie {
  none,
  nothing_synced,      ///< "it is on the disk" is never true
  log_not_synced,      ///< of write-ahead logs alone
  database_not_synced, ///< of database files alone
  folder_not_synced    ///< files are, that they exist is not
};

/// What of one folder's files is on the disk and what only was written, while others do the real reading and writing. A file's
/// content is safe once it was synced; that it exists, was created or removed, once its folder was. Everything else may
/// be there or not after the power failed: each sector of each write and each change of a length by itself. A later
/// write to a sector may survive while an earlier one elsewhere does not, so no order among them need be kept.
class fragile_disk {
public:
  /// What is in `folder` now is safe. The power fails at the `cut_at`-th change or sync from now on (1: at the first).
  fragile_disk(std::filesystem::path folder, std::uint64_t seed, std::uint64_t cut_at, disk_lie lie);

  /// Whether the file lies in the folder.
  [[nodiscard]] bool holds(std::string_view path) const;

  // What happens to files. The answer is whether there still is power; a change that finds none does not happen, and one
  // during which the power fails happened in part.
  [[nodiscard]] bool created(const std::string& path);
  [[nodiscard]] bool wrote(const std::string& path, std::int64_t offset, std::string_view bytes);
  [[nodiscard]] bool resized(const std::string& path, std::int64_t size);
  [[nodiscard]] bool synced(const std::string& path, bool folder_too);
  [[nodiscard]] bool removed(const std::string& path, bool folder_too);

  /// Runs `then` once, in the middle of the `count`-th write to a file of that name from now on; null: not any more.
  void interrupt(std::string name, int count, std::function<void()> then);

  [[nodiscard]] bool has_power() const noexcept { return has_power_; }
  [[nodiscard]] std::uint64_t changes() const noexcept { return changes_; }

  /// Content by file name: what the cut left. If none happened, the power fails now.
  [[nodiscard]] const std::map<std::string, std::string>& survivors();
  /// Writes them into the new folder `into`.
  void write_survivors(const std::filesystem::path& into);

private:
  struct change {
    std::int64_t at = 0; ///< where bytes were written, or the new length
    std::string bytes;
    bool resize = false;
  };
  struct content {
    std::string safe;
    std::vector<change> pending; ///< in order
  };
  struct place {
    content now;
    bool exists = true;         ///< as the system sees it
    bool entry_safe = false;    ///< it exists after a cut for certain
    bool may_come_back = false; ///< `former` was removed or replaced, and the folder not synced since
    content former;
  };

  /// Counts a change or sync; false: no power.
  bool counts();
  bool believes_sync(std::string_view path) const;
  void sync_folder();
  void fail_power();
  [[nodiscard]] std::string after_cut(const content& file);

  const std::filesystem::path folder_;
  seeded_random random_;
  const std::uint64_t cut_at_;
  const disk_lie lie_;
  std::map<std::string, place> places_;
  std::map<std::string, std::string> survivors_; ///< name, content; set by the cut
  std::string interrupted_name_;
  int until_interrupt_ = 0;
  std::function<void()> interruption_;
  std::uint64_t changes_ = 0;
  bool has_power_ = true;
};

} // namespace penstock::power_cut
