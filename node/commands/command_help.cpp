#include "node/commands/command_help.hpp"

#include <algorithm>

namespace penstock::node {

std::string usage_line(const command& of) {
  std::string line = "penstock " + of.words();
  for (const auto& each : of.parameters) {
    const bool takes_value =
      each.what == parameter_kind::text || each.what == parameter_kind::integer || each.what == parameter_kind::many;
    const auto shown = each.name + (takes_value ? " " + each.value_name : "");
    line += each.required ? " " + shown : " [" + shown + "]";
  }
  return line;
}

std::string global_options_help() {
  return "Options of every command:\n"
         "  --config FILE   the configuration (default: $PENSTOCK_CONFIG, ./penstock.toml, ./.penstock/penstock.toml,\n"
         "                  /etc/penstock/penstock.toml)\n"
         "  --url URL       the node's address (default: $PENSTOCK_URL, or http.listen of the configuration)\n"
         "  --token TOKEN   its token (default: $PENSTOCK_TOKEN, or admin.token in the data directory)\n"
         "  --ca-file FILE  authorities of a node that speaks https, beside the system's (default: $PENSTOCK_CA_FILE, "
         "or\n"
         "                  http.ca_file of the configuration)\n"
         "  --json          print what the HTTP interface answers\n"
         "  --help          explain a command\n"
         "Exit status: 0 done, 1 failed, 2 wrong usage, 3 node unreachable, 78 bad configuration.\n";
}

std::string help_text(const std::vector<command>& commands, const std::string& group) {
  std::size_t width = 0;
  const auto is_shown = [&](const command& each) { return group.empty() || each.group == group; };
  for (const auto& each : commands)
    if (is_shown(each))
      width = std::max(width, each.words().size());
  std::string text = group.empty() ? "Penstock keeps integrations in sync.\n\nusage: penstock COMMAND [options]\n\n"
                                   : "usage: penstock " + group + " COMMAND [options]\n\n";
  for (const auto& each : commands)
    if (is_shown(each))
      text += "  " + each.words() + std::string(width - each.words().size() + 2, ' ') + each.summary + "\n";
  return text + "\n" + global_options_help();
}

} // namespace penstock::node
