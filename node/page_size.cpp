#include "node/page_size.hpp"

#include <sys/prctl.h>

namespace penstock::node {

void keep_pages_small() noexcept { static_cast<void>(::prctl(PR_SET_THP_DISABLE, 1UL, 0UL, 0UL, 0UL)); }

} // namespace penstock::node
