// Commands that copy a whole database: they read it beside the node, or fill one that nobody works on.
#include <filesystem>
#include <ostream>
#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "core/rfc3339.hpp"
#include "node/commands/command.hpp"
#include "node/commands/session.hpp"
#include "node/node_plan.hpp"
#include "node/node_store.hpp"
#include "node/private_files.hpp"
#include "node/version.hpp"
#include "storage/whole_copy.hpp"

namespace penstock::node {
namespace {

namespace json = boost::json;

outcome refuse(const error& why) { return give_up(exit_status::of(why.code), why.message); }

tl::expected<node_plan, command_failure> plan_of(const session& with) {
  auto plan = make_plan(with.config_file, with.here);
  if (!plan)
    return tl::unexpected(command_failure{exit_status::bad_configuration, std::move(plan.error())});
  return std::move(*plan);
}

/// On a terminal one line that is drawn over; elsewhere nothing.
class progress_line {
public:
  explicit progress_line(session& with) : with_(with) {}
  ~progress_line() { clear(); }
  progress_line(const progress_line&) = delete;
  progress_line& operator=(const progress_line&) = delete;

  [[nodiscard]] storage::copy_progress teller() {
    if (!with_.out_is_terminal || with_.json)
      return {};
    return [this](const std::string& table, std::int64_t rows) {
      with_.err << "\r\033[K" << table << ": " << rows << " rows" << std::flush;
      drawn_ = true;
    };
  }
  void clear() {
    if (std::exchange(drawn_, false))
      with_.err << "\r\033[K" << std::flush;
  }

private:
  session& with_;
  bool drawn_ = false;
};

storage::copy_request request_of(const node_plan& plan, const session& with, progress_line& progress) {
  return {.version = std::string(program_version()),
          .clock = &with.clock,
          .contributed = plan.connectors.migrations(),
          .progress = progress.teller()};
}

json::object body_of(const storage::copy_report& report) {
  return {{"tables", report.tables},
          {"rows", report.rows},
          {"migrations", report.migrations},
          {"version", report.facts.version},
          {"made_at", report.facts.made_at == 0 ? "" : format_rfc3339(timestamp{duration{report.facts.made_at}})}};
}

outcome backup(const arguments& given, session& with) {
  const auto plan = plan_of(with);
  if (!plan)
    return tl::unexpected(plan.error());
  keep_new_files_private();
  const std::filesystem::path file = given.text("FILE");
  progress_line progress(with);
  const auto done =
    storage::write_backup(database_settings_of(plan->settings), file, request_of(*plan, with, progress));
  progress.clear();
  if (!done)
    return refuse(done.error());
  std::error_code unknown;
  const auto bytes = static_cast<std::int64_t>(std::filesystem::file_size(file, unknown));
  if (with.json) {
    auto body = body_of(*done);
    body["file"] = file.string();
    body["bytes"] = bytes;
    with.out << json::serialize(body) << '\n';
    return {};
  }
  with.out << done->rows << " rows of " << done->tables << " tables, " << bytes << " bytes in " << file.string()
           << ".\nKeep the key file " << plan->settings.secrets.key_file.string()
           << " too, apart from it: without it nobody can read the credentials in a backup.\n";
  return {};
}

/// What stands beside the database and belongs to it.
void tell_of_key(session& with, const config::settings& settings, const storage::copy_facts& facts) {
  const auto& file = settings.secrets.key_file;
  std::error_code unknown;
  if (!std::filesystem::exists(file, unknown)) {
    with.err << "penstock: put the key file that belongs to this backup at " << file.string()
             << " before a node starts: without it the node is refused\n";
    return;
  }
  const auto box = storage::secret_box::open(file, false);
  if (!box)
    with.err << "penstock: " << box.error().message << '\n';
  else if (!facts.fingerprint.empty() && !box->knows(facts.fingerprint))
    with.err << "penstock: the key file " << file.string()
             << " is not the one that sealed the secrets in this backup: put that one in its place\n";
}

outcome restore(const arguments& given, session& with) {
  const auto plan = plan_of(with);
  if (!plan)
    return tl::unexpected(plan.error());
  keep_new_files_private();
  progress_line progress(with);
  auto from = storage::backup_reader::verify(given.text("FILE"), progress.teller());
  progress.clear();
  if (!from)
    return refuse(from.error());
  const auto wanted = database_settings_of(plan->settings);
  if (auto made = make_private_directory(plan->settings.node.data_dir); !made)
    return refuse(made.error());
  const auto done = storage::restore_backup(**from, wanted, given.has("--force"), request_of(*plan, with, progress));
  progress.clear();
  if (!done)
    return refuse(done.error());
  if (with.json)
    with.out << json::serialize(body_of(*done)) << '\n';
  else
    with.out << done->rows << " rows of " << done->tables << " tables are restored, as they stood at "
             << format_rfc3339(timestamp{duration{done->facts.made_at}}) << " (version " << done->facts.version << "); "
             << done->migrations << " migrations ran.\n";
  tell_of_key(with, plan->settings, done->facts);
  return {};
}

outcome move_database(const arguments& given, session& with) {
  const auto plan = plan_of(with);
  if (!plan)
    return tl::unexpected(plan.error());
  keep_new_files_private();
  auto to = database_settings_of(plan->settings);
  to.url = given.text("--to");
  progress_line progress(with);
  const auto done =
    storage::migrate_database(database_settings_of(plan->settings), to, request_of(*plan, with, progress));
  progress.clear();
  if (!done)
    return refuse(done.error());
  if (with.json) {
    auto body = body_of(*done);
    json::array compared;
    for (const auto& each : done->compared)
      compared.push_back(json::object{{"table", each.name}, {"rows", each.rows}, {"sum", each.sum}});
    body["compared"] = std::move(compared);
    with.out << json::serialize(body) << '\n';
    return {};
  }
  for (const auto& each : done->compared)
    if (each.rows > 0)
      with.out << each.name << ": " << each.rows << " rows, the same on both sides (" << each.sum << ")\n";
  with.out
    << done->rows << " rows of " << done->tables << " tables are on PostgreSQL. Now give the node its new database: "
    << "in " << (plan->file ? plan->file->string() : "the configuration")
    << ", under [database], set url to the address that you gave with --to. The key file stays the same; move the "
       "SQLite file away, so that no node goes on with it.\n";
  return {};
}

} // namespace

std::vector<command> copy_commands() {
  return {
    {"",
     "backup",
     "Write all that the database holds to a file, while the node runs or not.",
     {{.name = "FILE", .doc = "replaced when the new one is whole", .what = parameter_kind::place, .required = true}},
     backup},
    {"",
     "restore",
     "Fill an empty database, SQLite or PostgreSQL, from a backup. No node may run on it.",
     {{.name = "FILE", .doc = "made by penstock backup", .what = parameter_kind::place, .required = true},
      {.name = "--force", .doc = "lose what the database holds", .what = parameter_kind::flag}},
     restore},
    {"",
     "migrate-database",
     "Move all from the SQLite database to an empty one of PostgreSQL. No node may run.",
     {{.name = "--to", .doc = "postgresql://user:password@host:port/database", .required = true, .value_name = "URL"}},
     move_database},
  };
}

} // namespace penstock::node
