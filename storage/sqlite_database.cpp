#include <filesystem>
#include <optional>
#include <string_view>

#include "storage/databases.hpp"
#include "storage/engine_schema.hpp"
#include "storage/group_commit.hpp"
#include "storage/lock_file.hpp"
#include "storage/log_space.hpp"
#include "storage/migrator.hpp"
#include "storage/seam.hpp"
#include "storage/session.hpp"
#include "storage/sql_read_session.hpp"

namespace penstock::storage {
namespace {

class sqlite_database final : public database {
public:
  sqlite_database(std::string file, const database_settings& settings, database_context context,
                  std::optional<lock_file> lock)
      : lock_(std::move(lock)), context_(std::move(context)), migrations_(all_migrations(context_.migrations)),
        in_memory_(file == ":memory:"), file_(file), log_bytes_(settings.log_bytes),
        dialect_(make_sqlite_dialect(std::move(file), settings)) {}

  /// Opens the writer's connection: what is wrong with the file shows here.
  result<void> connect() {
    return at_seam([&]() -> result<void> {
      writer_ = std::make_shared<session>(*dialect_, connection_role::writer, context_.faults);
      return migrator{*writer_, migrations_}.check();
    });
  }

  result<int> migrate() override { return migrator{*writer_, migrations_}.run(*context_.clock); }

  result<std::unique_ptr<write_session>> open_writer() override {
    // Not before: SQLite removes a log that it finds beside an empty database.
    if (!in_memory_)
      lay_out_log(file_, log_bytes_);
    return at_seam(
      [&]() -> result<std::unique_ptr<write_session>> { return std::make_unique<group_commit>(writer_, context_); });
  }

  result<std::unique_ptr<read_session>> open_reader() override {
    return at_seam([&]() -> result<std::unique_ptr<read_session>> {
      if (in_memory_)
        return make_read_session(*writer_, context_.secrets);
      return make_read_session(std::make_unique<session>(*dialect_, connection_role::reader, context_.faults),
                               context_.secrets);
    });
  }

  bool single_session() const noexcept override { return in_memory_; }
  bool shared() const noexcept override { return false; }
  void tell_of_neighbours(neighbour_news) override {}
  void tell_neighbours(const std::vector<std::string>&) override {}

  result<std::int64_t> checkpoint() override {
    if (in_memory_)
      return 0;
    return at_seam([&]() -> result<std::int64_t> {
      if (!upkeep_)
        upkeep_ = std::make_unique<session>(*dialect_, connection_role::upkeep, context_.faults);
      upkeep_->before("checkpoint");
      try {
        return dialect_->checkpoint(upkeep_->raw());
      } catch (...) {
        upkeep_->rethrow("checkpoint");
      }
    });
  }

private:
  const std::optional<lock_file> lock_; // first: connections are closed before the lock is given back
  const database_context context_;
  const std::vector<migration> migrations_;
  const bool in_memory_;
  const std::string file_;
  const std::int64_t log_bytes_;
  const std::unique_ptr<dialect> dialect_;
  std::shared_ptr<session> writer_;
  std::unique_ptr<session> upkeep_;
};

} // namespace

result<std::unique_ptr<database>> open_sqlite(std::string file, const database_settings& settings,
                                              database_context context) {
  std::optional<lock_file> lock;
  if (file != ":memory:") {
    auto taken = lock_file::take(file + ".lock");
    if (!taken)
      return failure(std::move(taken).error());
    lock = std::move(*taken);
  }
  auto opened = std::make_unique<sqlite_database>(std::move(file), settings, std::move(context), std::move(lock));
  if (auto connected = opened->connect(); !connected)
    return failure(std::move(connected).error());
  return opened;
}

} // namespace penstock::storage
