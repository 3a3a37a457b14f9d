#include "node/doctor.hpp"

#include <sched.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <optional>

#include "core/duration_text.hpp"
#include "core/time_zone.hpp"
#include "node/disk_watch.hpp"
#include "node/node_store.hpp"
#include "node/private_files.hpp"
#include "node/provider_check.hpp"
#include "storage/database_examination.hpp"

namespace penstock::node {
namespace {

using kind = finding::kind;

constexpr duration damage_look = std::chrono::seconds(20);
constexpr duration clock_tolerance = std::chrono::seconds(2);

finding of(const std::string& what, const error& why, kind state = kind::fail) { return {what, state, why.message}; }

/// Of files that are for their owner alone.
finding private_file(const std::string& what, const std::filesystem::path& file, const std::string& if_missing) {
  struct stat facts {};
  if (::stat(file.c_str(), &facts) != 0)
    return {what, kind::warn, "there is no " + file.string() + if_missing};
  if ((facts.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return {what, kind::fail, "others have rights to " + file.string() + ": run chmod go= " + file.string()};
  if (facts.st_uid != ::geteuid() && ::geteuid() != 0)
    return {what, kind::fail, file.string() + " is another user's: run this as the node's user"};
  return {what, kind::ok, file.string()};
}

finding data_directory(const config::settings& settings) {
  const auto& folder = settings.node.data_dir;
  std::error_code unknown;
  if (!std::filesystem::is_directory(folder, unknown))
    return {"data directory", kind::warn, "there is no " + folder.string() + " yet: the first start makes it"};
  if (::access(folder.c_str(), R_OK | W_OK | X_OK) != 0)
    return {"data directory", kind::fail, folder.string() + " cannot be written: give it to this user"};
  return {"data directory", kind::ok, folder.string()};
}

finding free_space(const config::settings& settings) {
  const auto file = database_file(settings.database.url);
  auto folder = file && file->has_parent_path() ? file->parent_path() : settings.node.data_dir;
  std::error_code unknown;
  while (!std::filesystem::exists(folder, unknown) && folder.has_relative_path())
    folder = folder.parent_path();
  const auto left = free_space_of(folder);
  if (!left)
    return {"free space", kind::warn, "the file system of " + folder.string() + " does not tell its free space"};
  const auto megabytes = std::to_string(*left / (1024 * 1024)) + " MB are free in " + folder.string();
  if (*left < settings.node.min_free_space)
    return {"free space", kind::fail, megabytes + ", less than node.min_free_space: make room, no new work is taken"};
  if (*left < 4 * settings.node.min_free_space)
    return {"free space", kind::warn, megabytes + ": make room soon"};
  return {"free space", kind::ok, megabytes};
}

finding machine_clock() {
  timex state{};
  const int told = ::adjtimex(&state);
  if (told < 0)
    return {"clock", kind::warn, "the system does not tell whether its clock is kept right"};
  if (told == TIME_ERROR || (state.status & STA_UNSYNC) != 0)
    return {"clock", kind::warn, "nothing keeps this machine's clock right: install chrony or systemd-timesyncd"};
  return {"clock", kind::ok, "it is kept right by a time service"};
}

/// Of a machine in whose clock others must trust.
std::optional<finding> clock_against(const storage::database_examination& found, timestamp now) {
  if (found.ahead && (*found.ahead > clock_tolerance || *found.ahead < -clock_tolerance))
    return finding{"database clock", kind::warn,
                   "this machine's clock is " +
                     format_duration(*found.ahead < duration{0} ? -*found.ahead : *found.ahead) +
                     (*found.ahead < duration{0} ? " behind" : " before") +
                     " the database server's: keep both right with a time service"};
  constexpr duration jump = std::chrono::minutes(1);
  if (found.newest > now + jump)
    return finding{"database clock", kind::warn,
                   "the newest job was made " + format_duration(found.newest - now) +
                     " from now: the clock was set back; schedules wait until that time has come again"};
  return finding{"database clock", kind::ok,
                 found.ahead ? "it agrees with the server's" : "nothing in the database is from the future"};
}

void tell_schema(const storage::database_examination& found, std::vector<finding>& all) {
  if (!found.later_step.empty())
    all.push_back({"schema", kind::fail, "a later version wrote it (" + found.later_step + "): use that version"});
  else if (found.missing_steps > 0)
    all.push_back({"schema", kind::warn,
                   std::to_string(found.missing_steps) +
                     " migrations have not run: the next start, or 'penstock migrate', runs them"});
  else
    all.push_back({"schema", kind::ok, "it is up to date"});
}

void tell_secrets(const storage::database_examination& found, const storage::secret_box& secrets,
                  std::vector<finding>& all) {
  if (found.key_fits == false)
    all.push_back({"secrets", kind::fail,
                   "the key file is not the one that sealed the secrets in this database: restore "
                   "the right one from its backup"});
  else if (found.unreadable > 0)
    all.push_back({"secrets", kind::fail,
                   std::to_string(found.unreadable) + " of " + std::to_string(found.tried) +
                     " stored secrets do not open: authorise their integrations again"});
  else if (secrets.has_former_key())
    all.push_back(
      {"secrets", kind::warn, "a change of the key was interrupted: run 'penstock keys rotate' to finish it"});
  else
    all.push_back({"secrets", kind::ok, found.tried > 0 ? "stored secrets open" : "none are stored yet"});
}

void look_at_database(const node_plan& plan, const wall_clock& clock, std::vector<finding>& all) {
  const auto& settings = plan.settings;
  auto key = private_file("key file", settings.secrets.key_file, " yet: the first start makes it");
  const bool readable = key.state == kind::ok;
  all.push_back(std::move(key));
  std::optional<storage::secret_box> secrets;
  if (readable) {
    auto opened = storage::secret_box::open(settings.secrets.key_file, false);
    if (opened)
      secrets = std::move(*opened);
    else
      all.back() = of("key file", opened.error());
  }
  const auto found = storage::examine_database(database_settings_of(settings), plan.connectors.migrations(),
                                               secrets ? &*secrets : nullptr, clock, damage_look);
  if (!found) {
    all.push_back(of("database", found.error(), found.error().code == error_code::not_found ? kind::warn : kind::fail));
    return;
  }
  if (!readable && found->tried == 0 && !database_file(settings.database.url))
    all.push_back({"secrets", kind::fail, "the database exists, but not its key file: put a copy of it in its place"});
  if (!found->damage.empty())
    all.push_back({"database", kind::fail, "it is damaged (" + found->damage + "): restore a backup"});
  else if (!database_file(settings.database.url))
    all.push_back(
      {"database", kind::ok, "PostgreSQL answers; " + std::to_string(found->living_nodes) + " nodes share it"});
  else if (found->looked_through)
    all.push_back({"database", kind::ok, "it opens, and no damage was found"});
  else
    all.push_back(
      {"database", kind::ok, "it opens; it is too large to be looked through in " + format_duration(damage_look)});
  tell_schema(*found, all);
  if (secrets)
    tell_secrets(*found, *secrets, all);
  if (auto told = clock_against(*found, clock.now()))
    all.push_back(std::move(*told));
}

/// What isolates modules. Tried in a process of its own, which ends at once.
finding namespaces() {
  const pid_t child = ::fork();
  if (child == 0)
    ::_exit(::unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET) == 0 ? 0 : 1);
  int status = 1;
  if (child < 0 || ::waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return {"namespaces", kind::warn,
            "this system makes no user namespaces (a container?): modules could not be kept apart"};
  return {"namespaces", kind::ok, "modules can be kept apart"};
}

} // namespace

std::string_view name_of(finding::kind state) noexcept {
  switch (state) {
    case kind::ok: return "ok";
    case kind::warn: return "warn";
    case kind::fail: return "fail";
  }
  return "fail";
}

std::vector<finding> examine(const node_plan& plan, const wall_clock& clock, bool node_runs) {
  std::vector<finding> all;
  all.push_back(namespaces()); // before there are threads
  all.push_back(data_directory(plan.settings));
  all.push_back(free_space(plan.settings));
  look_at_database(plan, clock, all);
  all.push_back(private_file("token file", token_file(plan.settings.node.data_dir), " yet: the first start makes it"));
  all.push_back(machine_clock());
  if (const auto zones = check_time_zone_database(); !zones)
    all.push_back(of("time zones", zones.error()));
  else
    all.push_back({"time zones", kind::ok, "the system's data reach beyond 2037"});
  if (!node_runs)
    all.push_back(check_port(plan.settings));
  check_providers(plan.settings, all);
  return all;
}

} // namespace penstock::node
