#include "config/absolute_path.hpp"

namespace penstock::config {

using std::filesystem::path;

std::optional<std::string> home_of(const surroundings& here) {
  const auto found = here.environment.find("HOME");
  return found == here.environment.end() || !found->second.starts_with('/') ? std::nullopt
                                                                            : std::optional(found->second);
}

path absolute_path(const std::string& text, const surroundings& here) {
  if (text.empty())
    return {};
  const auto home = home_of(here);
  if (home && (text == "~" || text.starts_with("~/")))
    return (path(*home) / text.substr(text.size() > 1 ? 2 : 1)).lexically_normal();
  return (here.working_directory / text).lexically_normal();
}

} // namespace penstock::config
