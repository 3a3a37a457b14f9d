#include <optional>
#include <string>

#include "storage/databases.hpp"
#include "storage/group_commit.hpp"
#include "storage/key_check.hpp"
#include "storage/migrator.hpp"
#include "storage/neighbour_watch.hpp"
#include "storage/node_membership.hpp"
#include "storage/postgresql_server.hpp"
#include "storage/seam.hpp"
#include "storage/session.hpp"
#include "storage/sql_read_session.hpp"
#include "storage/statement.hpp"
#include "storage/table_check.hpp"

namespace penstock::storage {
namespace {

class postgresql_database final : public database {
public:
  postgresql_database(const database_settings& settings, database_context context)
      : settings_(settings), context_(std::move(context)), migrations_(all_migrations(context_.migrations)),
        dialect_(make_postgresql_dialect(settings)) {}

  /// Looks whether this server and this database can be worked with.
  result<void> connect() {
    return at_seam([&]() -> result<void> {
      session db{*dialect_, connection_role::upkeep, context_.faults};
      if (auto fits = check_postgresql_server(db); !fits)
        return fits;
      return migrator{db, migrations_}.check();
    });
  }

  result<int> migrate() override {
    return at_seam([&]() -> result<int> {
      session db{*dialect_, connection_role::upkeep, context_.faults};
      auto ran = migrator{db, migrations_}.run(*context_.clock);
      if (ran)
        if (auto complete = check_tables(db, context_.tables); !complete)
          return failure(std::move(complete).error());
      if (ran && context_.secrets)
        if (auto fits = check_key(db, *context_.secrets, context_.clock->now()); !fits)
          return failure(std::move(fits).error());
      return ran;
    });
  }

  result<std::unique_ptr<write_session>> open_writer() override {
    return at_seam([&]() -> result<std::unique_ptr<write_session>> {
      if (!watch_) {
        auto watch = std::make_unique<neighbour_watch>(*dialect_, settings_, node_);
        if (auto joined = watch->join(context_.node_name); !joined)
          return failure(std::move(joined).error());
        watch_ = std::move(watch);
        context_.ids->use_node(static_cast<std::uint32_t>(node_.number));
        if (auto fits = check_key_again(); !fits)
          return failure(std::move(fits).error());
      }
      return std::make_unique<group_commit>(
        std::make_shared<session>(*dialect_, connection_role::writer, context_.faults), context_, &node_);
    });
  }

  result<std::unique_ptr<read_session>> open_reader() override {
    return at_seam([&]() -> result<std::unique_ptr<read_session>> {
      return make_read_session(std::make_unique<session>(*dialect_, connection_role::reader, context_.faults),
                               context_.secrets);
    });
  }

  bool single_session() const noexcept override { return false; }
  bool shared() const noexcept override { return true; }

  void tell_of_neighbours(neighbour_news listener) override {
    if (watch_)
      watch_->listen(std::move(listener));
  }
  void tell_neighbours(const std::vector<std::string>& queues) override {
    if (watch_)
      watch_->tell(queues);
  }

  log_level log() const noexcept override { return {}; }
  result<std::int64_t> checkpoint() override { return 0; } // the server's own business

private:
  /// Who changes the key notes the new one, then looks for nodes: one that joined too late to be seen finds it here.
  result<void> check_key_again() {
    if (!context_.secrets)
      return {};
    session db{*dialect_, connection_role::upkeep, context_.faults};
    return check_key(db, *context_.secrets, context_.clock->now());
  }

  const database_settings settings_;
  const database_context context_;
  const std::vector<migration> migrations_;
  const std::unique_ptr<dialect> dialect_;
  node_membership node_;
  std::unique_ptr<neighbour_watch> watch_; // behind what it uses
};

} // namespace

result<std::unique_ptr<database>> open_postgresql(const database_settings& settings, database_context context) {
  auto opened = std::make_unique<postgresql_database>(settings, std::move(context));
  if (auto connected = opened->connect(); !connected)
    return failure(std::move(connected).error());
  return opened;
}

} // namespace penstock::storage
