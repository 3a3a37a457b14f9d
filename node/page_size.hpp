#pragma once

namespace penstock::node {

/// Has the kernel give this process pages of 4 KB only. Where transparent huge pages are on for all, as in Debian, each piece
/// of memory that is touched takes 2 MB: an idle node, or a thousand connections, would hold several times what they use.
/// To be called before memory is asked for; without effect on a kernel that does not know it.
void keep_pages_small() noexcept;

} // namespace penstock::node
