// Commands about the program itself: they need no running node.
#include <filesystem>
#include <ostream>

#include "config/engine_sections.hpp"
#include "config/example.hpp"
#include "node/commands/command.hpp"
#include "node/commands/session.hpp"
#include "node/node_plan.hpp"
#include "node/node_store.hpp"
#include "node/private_files.hpp"
#include "node/serve.hpp"
#include "node/version.hpp"

namespace penstock::node {
namespace {

outcome serve_node(const arguments&, session& with) {
  const int status = serve({.config_file = with.config_file, .here = with.here}, with.out, with.err);
  if (status == exit_status::done)
    return {};
  return tl::unexpected(command_failure{status, {}}); // it has said why
}

outcome check_config(const arguments& given, session& with) {
  if (given.has("--print-example")) {
    with.out << config::render_example(config::all_sections(connector_sections()));
    return {};
  }
  const auto plan = make_plan(with.config_file, with.here);
  if (!plan)
    return tl::unexpected(command_failure{exit_status::bad_configuration, plan.error()});
  for (const auto& hint : plan->hints)
    with.err << "penstock: " << hint << '\n';
  with.out << (plan->file ? plan->file->string() + " is well." : "There is no configuration file; defaults hold.")
           << '\n';
  return {};
}

outcome migrate(const arguments&, session& with) {
  const auto plan = make_plan(with.config_file, with.here);
  if (!plan)
    return tl::unexpected(command_failure{exit_status::bad_configuration, plan.error()});
  keep_new_files_private();
  const auto store = node_store::open(*plan);
  if (!store)
    return give_up(exit_status::of(store.error().code), store.error().message);
  with.out << (*store)->migrations() << " migrations ran; the database is up to date.\n";
  return {};
}

outcome show_version(const arguments&, session& with) {
  if (with.json)
    with.out << R"({"version":")" << program_version() << "\"}\n";
  else
    with.out << "penstock " << program_version() << '\n';
  return {};
}

} // namespace

std::vector<command> node_commands() {
  return {
    {"", "serve", "Run a node until SIGTERM or Ctrl-C.", {}, serve_node},
    {"",
     "check-config",
     "Read the configuration and name every mistake.",
     {{.name = "--print-example", .doc = "print config/penstock.toml instead", .what = parameter_kind::flag}},
     check_config},
    {"", "migrate", "Bring the database up to date without starting a node.", {}, migrate},
    {"", "version", "Print the version.", {}, show_version},
  };
}

} // namespace penstock::node
