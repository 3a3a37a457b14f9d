// Commands that change what is kept as a whole, beside the node that runs or without one.
#include <unistd.h>

#include <iostream>
#include <ostream>
#include <string>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "core/id_text.hpp"
#include "node/commands/command.hpp"
#include "node/commands/session.hpp"
#include "node/node_plan.hpp"
#include "node/node_store.hpp"
#include "node/private_files.hpp"
#include "storage/erasure.hpp"
#include "storage/key_rotation.hpp"
#include "storage/statement.hpp"

namespace penstock::node {
namespace {

namespace json = boost::json;

outcome refuse(const error& why) { return give_up(exit_status::of(why.code), why.message); }

/// The database of the configuration, with what its opening needs.
struct workplace {
  node_plan plan;
  std::unique_ptr<storage::upkeep_database> database;
};

tl::expected<workplace, command_failure> open_workplace(const session& with) {
  auto plan = make_plan(with.config_file, with.here);
  if (!plan)
    return tl::unexpected(command_failure{exit_status::bad_configuration, std::move(plan.error())});
  keep_new_files_private();
  auto opened =
    storage::upkeep_database::open(database_settings_of(plan->settings), plan->connectors.migrations(), with.clock);
  if (!opened)
    return tl::unexpected(command_failure{exit_status::of(opened.error().code), {opened.error().message}});
  return workplace{std::move(*plan), std::move(*opened)};
}

outcome rotate(const arguments&, session& with) {
  auto place = open_workplace(with);
  if (!place)
    return tl::unexpected(std::move(place.error()));
  const auto& settings = place->plan.settings;
  auto secrets = storage::secret_box::open(settings.secrets.key_file, false);
  if (!secrets)
    return refuse(secrets.error());
  const auto done = storage::rotate_keys(*place->database, *secrets, settings.node.name, with.clock);
  if (!done)
    return refuse(done.error());
  if (with.json) {
    with.out << json::serialize(json::object{
                  {"resealed", done->resealed}, {"unreadable", done->unreadable}, {"resumed", done->resumed}})
             << '\n';
    return {};
  }
  with.out << done->resealed << " secrets are sealed with "
           << (done->resumed ? "the new key of the change that was cut off" : "a new key")
           << "; the former one opens nothing any more.\nKeep a copy of " << settings.secrets.key_file.string()
           << " apart from the database; backups that were made before need the former one.\n";
  if (done->unreadable > 0)
    with.err << "penstock: " << done->unreadable
             << " stored secrets opened with neither key and stay as they are: authorise their integrations again\n";
  return {};
}

/// What is to be erased.
struct target {
  storage::erased_owner owner{};
  std::string words; ///< "organisation 12 (Acme)"
};

/// 0: there is none of that name.
std::int64_t find_organisation(storage::session& db, std::string name) {
  std::int64_t id = 0;
  storage::statement find(db, "find organisation", "SELECT id FROM organisations WHERE name = :name");
  find.in(name).out(id);
  return find.one() ? id : 0;
}

/// An id is taken as it is, so that an erasure that was cut off can be finished.
tl::expected<target, command_failure> find_target(const arguments& given, storage::upkeep_database& database) {
  if (given.has("--integration")) {
    const auto id = parse_id<integration_id>(given.text("--integration"));
    if (!id)
      return give_up(exit_status::wrong_usage, "--integration is the id of an integration");
    return target{{0, id->value}, "integration " + to_string(*id)};
  }
  const auto text = given.text("--organisation");
  std::int64_t found = 0;
  auto looked = database.in_transaction([&](storage::session& db) -> result<void> {
    found = find_organisation(db, text);
    return {};
  });
  if (!looked)
    return tl::unexpected(command_failure{exit_status::of(looked.error().code), {looked.error().message}});
  if (found != 0)
    return target{{found, 0}, "organisation " + std::to_string(found) + " (" + text + ")"};
  if (const auto id = parse_id<organisation_id>(text))
    return target{{id->value, 0}, "organisation " + to_string(*id)};
  return give_up(exit_status::failed, "there is no organisation '" + text + "': give its id, or its name as it is");
}

outcome confirm(const arguments& given, session& with, const target& what) {
  if (given.has("--yes"))
    return {};
  if (isatty(STDIN_FILENO) != 1)
    return give_up(exit_status::wrong_usage,
                   "nobody can be asked here: say --yes if all of " + what.words + " is to be removed for good");
  with.err << "This removes all data of " << what.words << " for good. Type yes to go on: " << std::flush;
  std::string line;
  if (!std::getline(std::cin, line) || line != "yes")
    return give_up(exit_status::failed, "nothing was removed");
  return {};
}

outcome erase(const arguments& given, session& with) {
  if (given.has("--organisation") == given.has("--integration"))
    return give_up(exit_status::wrong_usage, "give --organisation ID or NAME, or --integration ID");
  auto place = open_workplace(with);
  if (!place)
    return tl::unexpected(std::move(place.error()));
  const auto what = find_target(given, *place->database);
  if (!what)
    return tl::unexpected(what.error());
  if (auto sure = confirm(given, with, *what); !sure)
    return sure;
  const auto show = [&](const std::string& where, std::int64_t rows) {
    if (with.out_is_terminal && !with.json)
      with.err << "\r\033[K" << where << ": " << rows << " rows removed" << std::flush;
  };
  const auto subject = what->owner.organisation != 0 ? "organisations/" + std::to_string(what->owner.organisation)
                                                     : "integrations/" + std::to_string(what->owner.integration);
  const auto removed = storage::erase_owned(*place->database, what->owner, subject, show);
  if (with.out_is_terminal && !with.json)
    with.err << "\r\033[K" << std::flush;
  if (!removed)
    return refuse(removed.error());
  if (with.json)
    with.out << json::serialize(json::object{{"removed", *removed}}) << '\n';
  else if (*removed == 0)
    with.out << "nothing of " << what->words << " is there.\n";
  else
    with.out << "all of " << what->words << " is removed: " << *removed
             << " rows. Backups that were made before still hold it.\n";
  return {};
}

} // namespace

std::vector<command> keeping_commands() {
  return {
    {"",
     "erase",
     "Remove all data of an organisation or of an integration, in every table, for good.",
     {{.name = "--organisation", .doc = "its name, or its id", .value_name = "NAME"},
      {.name = "--integration", .doc = "its id", .value_name = "ID"},
      {.name = "--yes", .doc = "do not ask", .what = parameter_kind::flag}},
     erase},
    {"keys", "rotate", "Seal the stored secrets with a new key; the former one opens nothing any more.", {}, rotate},
  };
}

} // namespace penstock::node
