#include "node/commands/command_line.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <ostream>
#include <set>

#include <CLI/CLI.hpp>

#include "core/nearest_name.hpp"
#include "node/commands/command.hpp"
#include "node/commands/command_help.hpp"
#include "node/version.hpp"

namespace penstock::node {
namespace {

constexpr std::array<std::string_view, 4> global_values{"--config", "--url", "--token", "--ca-file"};

/// The words that name the command, apart from options that may stand anywhere.
struct split_words {
  std::vector<std::string> named; ///< at most two
  std::vector<std::string> rest;  ///< everything else, in order
  bool help = false, version = false;
};

split_words split(const std::vector<std::string>& words, const std::set<std::string>& groups) {
  split_words found;
  std::size_t wanted = 1;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto& word = words[i];
    const bool is_option = word.size() > 1 && word.front() == '-';
    if (!is_option && found.named.size() < wanted) {
      found.named.push_back(word);
      if (found.named.size() == 1 && groups.contains(word))
        wanted = 2;
      continue;
    }
    if (word == "--help" || word == "-h")
      found.help = true;
    else if (word == "--version" && found.named.empty())
      found.version = true;
    else
      found.rest.push_back(word);
    if (std::find(global_values.begin(), global_values.end(), word) != global_values.end() && i + 1 < words.size())
      found.rest.push_back(words[++i]);
  }
  return found;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& each : words)
    text += (text.empty() ? "" : " ") + each;
  return text;
}

int refuse(session& with, const std::string& line) {
  with.err << "penstock: " << line << std::endl;
  return exit_status::wrong_usage;
}

/// Where the values of one parameter are parsed to.
struct slot {
  std::vector<std::string> values;
  std::int64_t number = 0;
  bool set = false;
};

void declare(CLI::App& app, const parameter& each, slot& into) {
  CLI::Option* option = nullptr;
  switch (each.what) {
    case parameter_kind::place: option = app.add_option(each.name, into.values, each.doc)->expected(1); break;
    case parameter_kind::text: option = app.add_option(each.name, into.values, each.doc)->expected(1); break;
    case parameter_kind::many:
      option = app.add_option(each.name, into.values, each.doc)->allow_extra_args(false);
      break;
    case parameter_kind::integer:
      option = app.add_option(each.name, into.number, each.doc)->check(CLI::Range(each.least, each.most));
      break;
    case parameter_kind::flag: app.add_flag(each.name, into.set, each.doc); return;
  }
  option->type_name(each.what == parameter_kind::place ? "" : each.value_name)->required(each.required);
}

/// The values by name. CLI11 throws CLI::ParseError for what it does not take.
arguments parse(const command& chosen, std::vector<std::string> words, session& with) {
  CLI::App app(chosen.summary, "penstock " + chosen.words());
  app.set_help_flag();
  std::map<std::string, slot> slots;
  for (const auto& each : chosen.parameters)
    declare(app, each, slots[each.name]);
  std::string config_file;
  app.add_option("--config", config_file);
  app.add_option("--url", with.url);
  app.add_option("--ca-file", with.ca_file);
  app.add_option("--token", with.token)->check([](const std::string& token) {
    // Of a script's unset variable: to take the administrator's instead would give it every right.
    return token.empty() ? std::string("the token is empty") : std::string();
  });
  app.add_flag("--json", with.json);
  std::reverse(words.begin(), words.end()); // CLI11 takes them from the end
  app.parse(words);
  if (!config_file.empty())
    with.config_file = config_file;
  arguments given;
  for (const auto& each : chosen.parameters) {
    const auto& values = slots.at(each.name);
    if (each.what == parameter_kind::flag ? !values.set : app.get_option(each.name)->count() == 0)
      continue;
    given.put(each.name,
              each.what == parameter_kind::integer ? std::vector{std::to_string(values.number)} : values.values);
  }
  return given;
}

/// One line, as CLI11 may break it over several.
std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  while (!text.empty() && text.back() == ' ')
    text.pop_back();
  return text;
}

void print_command_help(const command& chosen, std::ostream& out) {
  out << "usage: " << usage_line(chosen) << "\n\n" << chosen.summary << "\n";
  if (!chosen.parameters.empty())
    out << '\n';
  for (const auto& each : chosen.parameters)
    out << "  " << each.name << std::string(each.name.size() < 14 ? 16 - each.name.size() : 2, ' ') << each.doc << '\n';
  out << '\n' << global_options_help() << std::flush;
}

int run_chosen(const command& chosen, std::vector<std::string> words, session& with) {
  arguments given;
  try {
    given = parse(chosen, std::move(words), with);
  } catch (const CLI::ParseError& wrong) {
    return refuse(with, one_line(wrong.what()) + "; see 'penstock " + chosen.words() + " --help'");
  }
  const auto done = chosen.run(given, with);
  with.out << std::flush;
  if (done)
    return exit_status::done;
  for (const auto& line : done.error().lines)
    with.err << (done.error().status == exit_status::bad_configuration ? "" : "penstock: ") << line << '\n';
  with.err << std::flush;
  return done.error().status;
}

} // namespace

int run_command_line(std::vector<std::string> words, session& with) {
  const auto commands = all_commands();
  std::set<std::string> groups;
  std::vector<std::string> first_words;
  for (const auto& each : commands) {
    if (!each.group.empty())
      groups.insert(each.group);
    const auto& word = each.group.empty() ? each.name : each.group;
    if (std::find(first_words.begin(), first_words.end(), word) == first_words.end())
      first_words.push_back(word);
  }
  const auto found = split(words, groups);
  if (found.named.empty()) {
    if (found.version)
      with.out << "penstock " << program_version() << std::endl;
    else if (found.help)
      with.out << help_text(commands) << std::flush;
    else
      return refuse(with, "no command was given; see 'penstock --help'");
    return exit_status::done;
  }
  const auto& first = found.named.front();
  if (groups.contains(first) && found.named.size() == 1) {
    if (!found.help)
      return refuse(with, "'" + first + "' needs a command; see 'penstock " + first + " --help'");
    with.out << help_text(commands, first) << std::flush;
    return exit_status::done;
  }
  const auto wanted = joined(found.named);
  for (const auto& each : commands)
    if (each.words() == wanted) {
      if (!found.help)
        return run_chosen(each, found.rest, with);
      print_command_help(each, with.out);
      return exit_status::done;
    }
  if (!groups.contains(first))
    return refuse(with,
                  "there is no command '" + first + "'" + did_you_mean(first, first_words) + "; see 'penstock --help'");
  std::vector<std::string> of_group;
  for (const auto& each : commands)
    if (each.group == first)
      of_group.push_back(each.name);
  return refuse(with, "there is no command '" + wanted + "'" + did_you_mean(found.named.back(), of_group) +
                        "; see 'penstock " + first + " --help'");
}

} // namespace penstock::node
