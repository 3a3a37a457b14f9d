#include "node/commands/command.hpp"

#include <string>

namespace penstock::node {

std::string arguments::text(const std::string& name) const {
  const auto found = given_.find(name);
  return found == given_.end() || found->second.empty() ? std::string{} : found->second.front();
}

std::vector<std::string> arguments::texts(const std::string& name) const {
  const auto found = given_.find(name);
  return found == given_.end() ? std::vector<std::string>{} : found->second;
}

std::int64_t arguments::integer(const std::string& name, std::int64_t absent) const {
  // Checked when it was parsed.
  return has(name) ? std::stoll(text(name)) : absent;
}

std::vector<command> all_commands() {
  std::vector<command> all;
  for (const auto& group :
       {node_commands(), integration_commands(), queue_commands(), queue_job_commands(), job_commands(),
        schedule_commands(), event_commands(), token_commands(), user_commands(), maintenance_commands(),
        copy_commands(), keeping_commands(), doctor_commands()})
    all.insert(all.end(), group.begin(), group.end());
  return all;
}

} // namespace penstock::node
