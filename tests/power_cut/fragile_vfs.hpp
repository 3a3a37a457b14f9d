#pragma once

#include "tests/power_cut/fragile_disk.hpp"

namespace penstock::power_cut {

/// From the first one on every SQLite connection of this process goes to its files through a layer that tells `disk` of
/// all that happens in its folder, and refuses to write there once the power is gone. Nothing is really forced to disk.
/// One at a time, on one thread; connections to files of the folder are closed before it goes.
class disk_in_use {
public:
  explicit disk_in_use(fragile_disk& disk);
  ~disk_in_use();
  disk_in_use(const disk_in_use&) = delete;
  disk_in_use& operator=(const disk_in_use&) = delete;
};

} // namespace penstock::power_cut
