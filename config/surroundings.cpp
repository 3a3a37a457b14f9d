#include "config/surroundings.hpp"

#include <unistd.h>

#include <array>
#include <string_view>
#include <system_error>

namespace penstock::config {

surroundings surroundings_of_process() {
  surroundings here;
  std::error_code gone; // a deleted working directory: relative paths then fail by themselves, with their names
  here.working_directory = std::filesystem::current_path(gone);
  if (gone)
    here.working_directory = "/";
  for (char** each = environ; each != nullptr && *each != nullptr; ++each) {
    const std::string_view line = *each;
    const auto equals = line.find('=');
    if (equals != std::string_view::npos)
      here.environment.try_emplace(std::string(line.substr(0, equals)), line.substr(equals + 1));
  }
  here.as_root = geteuid() == 0;
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) == 0)
    here.host_name = name.data();
  return here;
}

} // namespace penstock::config
