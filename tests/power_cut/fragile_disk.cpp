#include "tests/power_cut/fragile_disk.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace penstock::power_cut {
namespace {

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}};
}

void write_over(std::string& file, std::int64_t at, std::string_view bytes) {
  const auto begin = static_cast<std::size_t>(at);
  if (file.size() < begin + bytes.size())
    file.resize(begin + bytes.size(), '\0');
  bytes.copy(file.data() + begin, bytes.size());
}

} // namespace

fragile_disk::fragile_disk(std::filesystem::path folder, std::uint64_t seed, std::uint64_t cut_at, disk_lie lie)
    : folder_(std::move(folder)), random_(seed), cut_at_(cut_at), lie_(lie) {
  for (const auto& each : std::filesystem::directory_iterator{folder_})
    places_[each.path().string()] = {.now = {bytes_of(each.path()), {}}, .entry_safe = true, .former = {}};
}

bool fragile_disk::holds(std::string_view path) const { return std::filesystem::path{path}.parent_path() == folder_; }

bool fragile_disk::counts() {
  if (!has_power_)
    return false;
  ++changes_;
  return true;
}

bool fragile_disk::created(const std::string& path) {
  if (const auto known = places_.find(path); known != places_.end() && known->second.exists)
    return has_power_;
  if (!counts())
    return false;
  auto& place = places_[path]; // what may come back in its stead stays
  place.now = {};
  place.exists = true;
  place.entry_safe = false;
  if (changes_ == cut_at_)
    fail_power();
  return has_power_;
}

void fragile_disk::interrupt(std::string name, int count, std::function<void()> then) {
  interrupted_name_ = std::move(name);
  until_interrupt_ = count;
  interruption_ = std::move(then);
}

bool fragile_disk::wrote(const std::string& path, std::int64_t offset, std::string_view bytes) {
  if (interruption_ && path.ends_with(interrupted_name_) && --until_interrupt_ <= 0)
    std::exchange(interruption_, nullptr)();
  if (!counts())
    return false;
  places_.at(path).now.pending.push_back({offset, std::string{bytes}, false});
  if (changes_ == cut_at_)
    fail_power();
  return has_power_;
}

bool fragile_disk::resized(const std::string& path, std::int64_t size) {
  if (!counts())
    return false;
  places_.at(path).now.pending.push_back({size, {}, true});
  if (changes_ == cut_at_)
    fail_power();
  return has_power_;
}

bool fragile_disk::believes_sync(std::string_view path) const {
  switch (lie_) {
    case disk_lie::none:
    case disk_lie::folder_not_synced: return true;
    case disk_lie::nothing_synced: return false;
    case disk_lie::log_not_synced: return !path.ends_with("-wal");
    case disk_lie::database_not_synced: return !path.ends_with(".db");
  }
  return true;
}

bool fragile_disk::synced(const std::string& path, bool folder_too) {
  if (!counts())
    return false;
  if (changes_ == cut_at_)
    fail_power(); // before it was done
  if (!has_power_ || !believes_sync(path))
    return has_power_;
  auto& file = places_.at(path).now;
  for (const auto& each : std::exchange(file.pending, {})) {
    if (each.resize)
      file.safe.resize(static_cast<std::size_t>(each.at), '\0');
    else
      write_over(file.safe, each.at, each.bytes);
  }
  if (folder_too)
    sync_folder();
  return true;
}

bool fragile_disk::removed(const std::string& path, bool folder_too) {
  if (!counts())
    return false;
  auto& place = places_[path];
  if (place.entry_safe || !place.may_come_back)
    place.former = std::move(place.now);
  place.now = {};
  place.exists = place.entry_safe = false;
  place.may_come_back = true;
  if (changes_ == cut_at_)
    fail_power();
  else if (folder_too)
    sync_folder();
  return has_power_;
}

void fragile_disk::sync_folder() {
  if (lie_ == disk_lie::nothing_synced || lie_ == disk_lie::folder_not_synced)
    return;
  for (auto at = places_.begin(); at != places_.end();) {
    auto& place = at->second;
    place.may_come_back = false;
    place.former = {};
    place.entry_safe = true;
    at = place.exists ? std::next(at) : places_.erase(at);
  }
}

void fragile_disk::fail_power() {
  has_power_ = false;
  for (const auto& [path, place] : places_) {
    const bool there = place.exists && (place.entry_safe || random_.next() % 2 == 0);
    const bool back = !there && place.may_come_back && random_.next() % 2 == 0;
    if (there || back)
      survivors_[std::filesystem::path{path}.filename().string()] = after_cut(there ? place.now : place.former);
  }
}

std::string fragile_disk::after_cut(const content& file) {
  // None, a few, half, most or all of what was not synced, in small or large sectors. Where a file grew and its content
  // did not come along there are zeros, or whatever the disk held there.
  constexpr std::array<std::uint64_t, 6> chances{0, 8, 50, 92, 99, 100};
  const auto chance = chances[random_.next() % chances.size()];
  const auto sector = static_cast<std::int64_t>(random_.next() % 2 == 0 ? 512 : 4096);
  const bool garbage = random_.next() % 2 == 0;
  const auto survives = [&] { return uniform(random_, 100) < chance; };
  std::string left = file.safe;
  const auto grow = [&](std::int64_t size) {
    while (std::ssize(left) < size)
      left.push_back(garbage ? static_cast<char>(random_.next()) : '\0');
  };
  for (const auto& each : file.pending) {
    if (each.resize) {
      if (survives() && each.at < std::ssize(left))
        left.resize(static_cast<std::size_t>(each.at));
      continue;
    }
    const auto end = each.at + std::ssize(each.bytes);
    for (auto at = each.at; at < end;) {
      const auto next = std::min(end, (at / sector + 1) * sector);
      if (survives()) {
        grow(at);
        write_over(left, at,
                   std::string_view{each.bytes}.substr(static_cast<std::size_t>(at - each.at),
                                                       static_cast<std::size_t>(next - at)));
      }
      at = next;
    }
    if (chance > 0 && survives())
      grow(end); // the new length came, the content did not
  }
  return left;
}

const std::map<std::string, std::string>& fragile_disk::survivors() {
  if (has_power_)
    fail_power();
  return survivors_;
}

void fragile_disk::write_survivors(const std::filesystem::path& into) {
  std::filesystem::create_directory(into);
  for (const auto& [name, bytes] : survivors())
    if (!(std::ofstream{into / name, std::ios::binary} << bytes))
      throw std::runtime_error("cannot write " + (into / name).string());
}

} // namespace penstock::power_cut
