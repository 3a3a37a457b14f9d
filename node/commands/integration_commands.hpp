#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include <boost/json/value.hpp>

#include "node/commands/command.hpp"

namespace penstock::node {

/// What integration_commands() is made of, from the file of that name.
[[nodiscard]] std::vector<command> integration_list_commands();
[[nodiscard]] std::vector<command> integration_show_commands();
[[nodiscard]] std::vector<command> integration_error_commands();
[[nodiscard]] std::vector<command> fetch_commands();
[[nodiscard]] std::vector<command> integration_action_commands();
[[nodiscard]] std::vector<command> integration_schedule_commands();
[[nodiscard]] std::vector<command> authorize_commands();
[[nodiscard]] std::vector<command> integration_token_commands();
[[nodiscard]] std::vector<command> webhook_commands();

/// The address that was made for an integration's webhooks, and the key that goes with it; nothing if none was.
void print_new_webhook(const boost::json::value& webhook, std::ostream& out);

/// What it still needs before anything of it can be fetched, and the command: "waits for its token: …". Empty for nothing.
[[nodiscard]] std::string missing_access(const boost::json::value& integration);
/// Paused by nobody, but never connected: said as it is, or people would try to resume it.
[[nodiscard]] std::string shown_status(const boost::json::value& integration);

/// "/api/v1/integrations/12" from the argument ID; wrong usage when that is no id.
[[nodiscard]] tl::expected<std::string, command_failure> integration_path(const arguments& given);
[[nodiscard]] parameter integration_id_parameter();

} // namespace penstock::node
