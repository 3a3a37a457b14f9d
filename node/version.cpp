#include "node/version.hpp"

namespace penstock::node {

std::string_view program_version() noexcept { return PENSTOCK_VERSION; }

} // namespace penstock::node
