#include "config/find_file.hpp"

#include <array>
#include <cerrno>
#include <fstream>
#include <system_error>
#include <utility>

namespace penstock::config {
namespace {

constexpr std::size_t largest_file = 1024 * 1024;

} // namespace

std::optional<std::filesystem::path> find_file(const std::optional<std::filesystem::path>& explicit_file,
                                               const surroundings& here) {
  if (explicit_file)
    return explicit_file;
  const auto named = here.environment.find("PENSTOCK_CONFIG");
  if (named != here.environment.end() && !named->second.empty())
    return named->second;
  for (const char* place : {"penstock.toml", ".penstock/penstock.toml", "/etc/penstock/penstock.toml"}) {
    std::error_code unknown;
    const auto status = std::filesystem::status(here.working_directory / place, unknown);
    // One that cannot be looked at is taken, and refused when it is read: settings must not vanish in silence.
    if (std::filesystem::exists(status) || !std::filesystem::status_known(status))
      return place;
  }
  return std::nullopt;
}

tl::expected<std::string, problem> read_file(const std::filesystem::path& file, const surroundings& here) {
  const auto refuse = [&file](std::string why) {
    return tl::unexpected<problem>(problem{{file.string(), 0}, "", std::move(why)});
  };
  const auto full = here.working_directory / file;
  std::error_code unknown;
  if (std::filesystem::is_directory(full, unknown))
    return refuse("is a directory: name a file");
  errno = 0;
  std::ifstream stream(full, std::ios::binary);
  if (!stream)
    return refuse("cannot be read: " + std::generic_category().message(errno));
  std::string text;
  std::array<char, 16384> buffer{};
  while (text.size() <= largest_file && (stream.read(buffer.data(), buffer.size()), stream.gcount() > 0))
    text.append(buffer.data(), static_cast<std::size_t>(stream.gcount()));
  if (stream.bad())
    return refuse("cannot be read: " + std::generic_category().message(errno));
  if (text.size() > largest_file)
    return refuse("is larger than 1 MB: this is not a configuration file");
  return text;
}

} // namespace penstock::config
