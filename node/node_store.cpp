#include "node/node_store.hpp"

#include <system_error>
#include <utility>

#include "node/private_files.hpp"

namespace penstock::node {
namespace {

/// A new key beside an old database would make every stored credential unreadable, so that it is made only before the
/// database is.
result<storage::secret_box> open_secrets(const config::settings& settings) {
  const auto& key = settings.secrets.key_file;
  const auto database = database_file(settings.database.url);
  std::error_code unknown;
  const bool has_key = std::filesystem::exists(key, unknown);
  if (!has_key && database && std::filesystem::exists(*database, unknown))
    return failure(error_code::bad_configuration,
                   "the key file " + key.string() + " is missing, but the database " + database->string() +
                     " exists: restore the key from its backup, or move the database away to start anew");
  return storage::secret_box::open(key, true);
}

} // namespace

std::optional<std::filesystem::path> database_file(const std::string& url) {
  constexpr std::string_view scheme = "sqlite://";
  if (!url.starts_with(scheme))
    return std::nullopt;
  return std::filesystem::path(url.substr(scheme.size()));
}

storage::database_settings database_settings_of(const config::settings& settings) {
  storage::database_settings wanted;
  wanted.url = settings.database.url;
  wanted.synchronous = settings.database.sync == config::synchronous::full ? storage::synchronous_mode::full
                                                                           : storage::synchronous_mode::normal;
  wanted.log_bytes = storage::usual_log_bytes;
  return wanted;
}

result<std::unique_ptr<node_store>> node_store::open(const node_plan& plan) {
  std::unique_ptr<node_store> store(new node_store);
  if (auto ready = store->prepare(plan); !ready)
    return failure(std::move(ready.error()));
  return store;
}

result<void> node_store::prepare(const node_plan& plan) {
  const auto& settings = plan.settings;
  if (auto made = make_private_directory(settings.node.data_dir); !made)
    return made;
  auto secrets = open_secrets(settings);
  if (!secrets)
    return failure(std::move(secrets.error()));
  secrets_ = std::move(*secrets);

  auto wanted = database_settings_of(settings);
  storage::database_context context;
  context.clock = &clock_;
  context.ids = &ids_;
  context.kinds = &plan.kinds;
  context.tables = plan.connectors.tables();
  context.migrations = plan.connectors.migrations();
  context.secrets = &*secrets_;
  context.node_name = settings.node.name;
  auto opened = storage::database::open(std::move(wanted), std::move(context));
  if (!opened)
    return failure(std::move(opened.error()));
  database_ = std::move(*opened);
  auto ran = database_->migrate();
  if (!ran)
    return failure(std::move(ran.error()));
  migrations_ = *ran;
  return {};
}

} // namespace penstock::node
