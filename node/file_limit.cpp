#include "node/file_limit.hpp"

#include <sys/resource.h>

#include <algorithm>

namespace penstock::node {

std::size_t raise_file_limit() noexcept {
  constexpr rlim_t most = 65'536;
  constexpr std::size_t usual = 1024;
  rlimit now{};
  if (::getrlimit(RLIMIT_NOFILE, &now) != 0)
    return usual;
  const auto wanted = std::min(now.rlim_max, most);
  if (now.rlim_cur < wanted) {
    const rlimit higher{wanted, now.rlim_max};
    if (::setrlimit(RLIMIT_NOFILE, &higher) == 0)
      now.rlim_cur = wanted;
  }
  return static_cast<std::size_t>(std::min(now.rlim_cur, most));
}

} // namespace penstock::node
