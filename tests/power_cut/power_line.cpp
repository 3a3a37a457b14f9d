#include "tests/power_cut/power_line.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <utility>

#include "tests/power_cut/fragile_vfs.hpp"
#include "tests/power_cut/inspection.hpp"
#include "tests/power_cut/workload.hpp"

namespace penstock::power_cut {
namespace {

constexpr timestamp noon{std::chrono::sys_days{std::chrono::year{2024} / 1 / 15} + std::chrono::hours{12}};

class own_folder {
public:
  own_folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "penstock-power-XXXXXX").string();
    if (!::mkdtemp(pattern.data()))
      throw std::runtime_error("cannot make a folder for tests");
    path_ = pattern;
  }
  ~own_folder() { std::filesystem::remove_all(path_); }
  own_folder(const own_folder&) = delete;
  own_folder& operator=(const own_folder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

private:
  std::filesystem::path path_;
};

/// One in four in the first changes: while the database is made, migrated or recovered.
std::uint64_t moment_of_cut(random_source& random) { return 1 + uniform(random, uniform(random, 4) == 0 ? 400 : 4000); }

/// Works until the power fails.
void live(const std::filesystem::path& folder, const store_settings& settings, fragile_disk& disk, promises& made,
          random_source& random, manual_clock& clock) {
  while (disk.has_power()) {
    auto store = opened_store::open(folder, settings, clock);
    if (!store) {
      if (disk.has_power())
        throw std::runtime_error("it does not open: " + store.error().message);
      return;
    }
    if (!disk.has_power())
      return;
    workload work(**store, disk, made, random, clock);
    // Now and then it is closed as it should be, and opened again.
    for (auto steps = 1 + uniform(random, 800); steps > 0 && disk.has_power(); --steps)
      work.step();
    if (disk.has_power())
      work.settle();
    if (disk.has_power())
      for (const auto id : std::exchange(made.held, {}))
        made.uncertain.insert(id); // suspects from the next start on
  }
}

/// The index of the log is no file that anything is promised of.
void spoil_index(const std::filesystem::path& folder, random_source& random) {
  if (!std::filesystem::exists(folder / "store.db-wal") || uniform(random, 3) != 0)
    return;
  std::ofstream index{folder / "store.db-shm", std::ios::binary};
  for (int i = 0; i < 32'768; ++i)
    index.put(static_cast<char>(random.next()));
}

} // namespace

cut_report play(const cut_plan& plan) {
  cut_report report;
  const own_folder place;
  seeded_random random(plan.seed);
  manual_clock clock(noon);
  promises made;
  auto folder = place.path() / "0";
  std::filesystem::create_directory(folder);
  while (report.cuts < plan.cuts) {
    const auto after = place.path() / std::to_string(report.cuts + 1);
    fragile_disk disk(folder, random.next(), moment_of_cut(random), plan.lie);
    const store_settings settings{plan.synchronous, uniform(random, 2) == 0 ? 128 * 1024 : 0};
    try {
      const disk_in_use in_use(disk);
      live(folder, settings, disk, made, random, clock);
    } catch (const std::runtime_error& problem) {
      report.complaints.push_back(std::string{"in life "} + std::to_string(report.cuts + 1) + ": " + problem.what());
      return report;
    }
    disk.write_survivors(after);
    spoil_index(after, random);
    ++report.cuts;
    const auto found = inspect(after, made, clock);
    report.opened += found.opens ? 1 : 0;
    report.acknowledged = made.acknowledged;
    report.commits_in_checkpoints = made.commits_in_checkpoints;
    report.missing += found.missing;
    report.half += found.half;
    if (!found.good()) {
      for (const auto& each : found.complaints)
        report.complaints.push_back("after cut " + std::to_string(report.cuts) + " at change " +
                                    std::to_string(disk.changes()) + ": " + each);
      return report;
    }
    std::filesystem::remove_all(folder);
    folder = after;
  }
  return report;
}

} // namespace penstock::power_cut
