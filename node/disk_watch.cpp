#include "node/disk_watch.hpp"

#include <string>
#include <system_error>
#include <utility>

#include <spdlog/spdlog.h>

namespace penstock::node {
namespace {

constexpr std::int64_t mebibyte = 1024 * 1024;

std::string in_megabytes(std::int64_t bytes) { return std::to_string(bytes / mebibyte) + " MB"; }

} // namespace

disk_watch::disk_watch(std::int64_t least, space_reader free_space, intake_setter set_intake)
  : least_(least), free_space_(std::move(free_space)), set_intake_(std::move(set_intake)) {}

void disk_watch::look() {
  const auto left = free_space_();
  if (!left || least_ == 0)
    return;
  if (!closed_ && *left < least_) {
    closed_ = true;
    const auto why = "the disk has " + in_megabytes(*left) + " left, less than node.min_free_space (" +
                     in_megabytes(least_) + "): no new work is taken until there is room";
    spdlog::error("{}", why);
    set_intake_(error{error_code::storage_full, why});
  } else if (closed_ && *left >= least_ + least_ / 10) {
    closed_ = false;
    spdlog::info("the disk has {} left: new work is taken again", in_megabytes(*left));
    set_intake_(std::nullopt);
  }
}

std::optional<std::int64_t> free_space_of(const std::filesystem::path& folder) {
  std::error_code unknown;
  const auto space = std::filesystem::space(folder, unknown);
  if (unknown)
    return std::nullopt;
  return static_cast<std::int64_t>(space.available);
}

} // namespace penstock::node
