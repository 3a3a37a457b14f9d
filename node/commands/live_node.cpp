#include "node/commands/live_node.hpp"

#include <utility>

namespace penstock::node {

tl::expected<std::unique_ptr<api_client>, command_failure> find_live_node(const session& with) {
  const auto given = with.here.environment.find("PENSTOCK_URL");
  const bool named = !with.url.empty() || (given != with.here.environment.end() && !given->second.empty());
  auto node = api_client::connect(with);
  if (node) {
    const auto answer = (*node)->get("/healthz");
    if (answer || named || answer.error().status != exit_status::unreachable) {
      if (!answer && answer.error().status == exit_status::unreachable)
        return tl::unexpected(answer.error());
      return node;
    }
  } else if (named || node.error().status != exit_status::unreachable) {
    return tl::unexpected(std::move(node.error()));
  }
  return std::unique_ptr<api_client>();
}

} // namespace penstock::node
