#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <string>

#include "core/id_generator.hpp"
#include "storage/ddl_text.hpp"
#include "storage/dialect.hpp"
#include "storage/row_reads.hpp"
#include "storage/sqlite_handle.hpp"
#include "storage/sqlite_query.hpp"
#include "storage/statement_pipeline.hpp"
#include "storage/storage_exception.hpp"

namespace penstock::storage {
namespace {

// A log larger than this is cut back when it starts anew: a commit waits for that, a tenth of a second for 128 MB.
constexpr std::int64_t log_bytes_kept = 256LL << 20;

constexpr std::string_view full = "the disk of the database is full: make room";

/// A full disk is SQLITE_FULL only where a file that holds data was to grow. The index of the log, a journal that is to
/// be made, quotas and file systems that find out at the sync fail in other ways.
bool had_no_room(sqlite_api::sqlite3& connection, int code) {
  if (code == SQLITE_IOERR_SHMSIZE)
    return true;
  if ((code & 0xff) != SQLITE_IOERR && (code & 0xff) != SQLITE_CANTOPEN)
    return false;
  const int reason = sqlite_api::sqlite3_system_errno(&connection);
  return reason == ENOSPC || reason == EDQUOT;
}

class sqlite_dialect final : public dialect {
public:
  sqlite_dialect(std::string file, const database_settings& settings) : file_(std::move(file)), settings_(settings) {}

  std::unique_ptr<soci::session> connect(connection_role role) const override {
    auto session = std::make_unique<soci::session>(soci::sqlite3, "db=\"" + file_ + "\"");
    auto* connection = sqlite_handle(*session);
    const auto wait = std::chrono::duration_cast<std::chrono::milliseconds>(settings_.busy_timeout).count();
    sqlite_api::sqlite3_busy_timeout(connection, static_cast<int>(wait));
    sqlite_api::sqlite3_extended_result_codes(connection, 1);
    const auto pragma = [&](const std::string& text) {
      try {
        *session << "PRAGMA " + text;
      } catch (const soci::sqlite3_soci_error& thrown) {
        if (had_no_room(*connection, thrown.result()))
          throw explain(*session, "connect", thrown);
        throw;
      }
    };
    pragma("journal_mode=WAL");
    pragma("synchronous=NORMAL"); // the log is forced to disk by log_sync, or now and then: see database_settings
    pragma("foreign_keys=OFF");
    // Debian's builds overwrite what is deleted: work for nothing in every commit. Secrets are sealed before they come.
    pragma("secure_delete=OFF");
    pragma("temp_store=MEMORY");
    pragma("journal_size_limit=" + std::to_string(log_bytes_kept));
    pragma("wal_autocheckpoint=0"); // see log_watch.hpp
    // Negative: KiB instead of pages.
    pragma(role == connection_role::writer ? "cache_size=-32768" : "cache_size=-4096");
    if (role == connection_role::reader && file_ != ":memory:")
      pragma("query_only=1");
    return session;
  }

  std::string begin_write() const override { return "BEGIN IMMEDIATE"; }

  std::string begin_migration() const override { return begin_write(); }
  std::string begin_read() const override { return "BEGIN"; }
  std::string for_update() const override { return {}; }
  bool shared() const noexcept override { return false; }
  bool utf8_only() const noexcept override { return false; }
  bool connected(soci::session&) const noexcept override { return true; }
  std::unique_ptr<statement_pipeline> open_pipeline(soci::session&) const override { return nullptr; }
  std::unique_ptr<prepared_query> prepare(soci::session& connection, statement_pipeline*,
                                          std::string sql) const override {
    return make_sqlite_query(connection, std::move(sql));
  }
  std::unique_ptr<row_reads> make_row_reads(session& db) const override { return make_sqlite_row_reads(db); }

  std::string adapt(std::string_view ddl) const override {
    std::string text{ddl};
    // Only INTEGER PRIMARY KEY makes the key the row's address in SQLite.
    replace_all(text, "{id}", "INTEGER PRIMARY KEY NOT NULL");
    replace_all(text, "{clustered}", " WITHOUT ROWID");
    replace_all(text, "{serial}", "INTEGER PRIMARY KEY");
    replace_calls(text, "{utc:", [](const std::string& column) {
      return "strftime('%Y-%m-%dT%H:%M:%S', " + column + " / 1000000, 'unixepoch') || printf('.%06dZ', " + column +
             " % 1000000)";
    });
    replace_calls(text, "{id_utc:", [](const std::string& column) {
      constexpr auto shift = id_generator::node_bits + id_generator::sequence_bits;
      const auto epoch = std::chrono::duration_cast<std::chrono::seconds>(id_generator::epoch.time_since_epoch());
      const auto millis = "(" + column + " >> " + std::to_string(shift) + ")";
      return "strftime('%Y-%m-%dT%H:%M:%S', " + millis + " / 1000 + " + std::to_string(epoch.count()) +
             ", 'unixepoch') || printf('.%03dZ', " + millis + " % 1000)";
    });
    return text;
  }

  storage_exception explain(soci::session& session, std::string_view call,
                            const std::exception& thrown) const override {
    const auto* sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&thrown);
    if (!sqlite)
      return storage_exception(
        error{error_code::internal, "storage call '" + std::string{call} + "' failed: unexpected exception"});
    auto* connection = sqlite_handle(session);
    const std::string reason = sqlite_api::sqlite3_errmsg(connection);
    const auto told = [&](error_code code, std::string_view what, storage_blame blame = storage_blame::database) {
      return storage_exception(error{code, std::string{what} + " (" + std::string{call} + ": " + reason + ")"}, blame);
    };
    if (had_no_room(*connection, sqlite->result()))
      return told(error_code::storage_full, full);
    switch (sqlite->result() & 0xff) {
      case SQLITE_CONSTRAINT:
      case SQLITE_MISMATCH:
      case SQLITE_TOOBIG:
      case SQLITE_RANGE:
      case SQLITE_ERROR:
        return told(error_code::storage_failed, "the database refused a statement", storage_blame::unit);
      case SQLITE_BUSY:
      case SQLITE_LOCKED: return told(error_code::storage_busy, "another process holds the database");
      case SQLITE_FULL: return told(error_code::storage_full, full);
      case SQLITE_READONLY:
      case SQLITE_CANTOPEN: return told(error_code::storage_failed, "the database file cannot be written");
      case SQLITE_CORRUPT:
      case SQLITE_NOTADB: return told(error_code::storage_failed, "the database file is damaged: restore a backup");
      case SQLITE_IOERR: return told(error_code::storage_failed, "the disk of the database fails: check it");
      case SQLITE_NOMEM: return told(error_code::storage_failed, "the database has no memory left");
      default: return told(error_code::storage_failed, "the database does not work");
    }
  }

  std::int64_t checkpoint(soci::session& session) const override {
    auto* connection = sqlite_handle(session);
    int logged = 0, moved = 0;
    const int code =
      sqlite_api::sqlite3_wal_checkpoint_v2(connection, nullptr, SQLITE_CHECKPOINT_PASSIVE, &logged, &moved);
    if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY)
      throw soci::sqlite3_soci_error("checkpoint", code);
    std::int64_t page_bytes = 0;
    session << "PRAGMA page_size", soci::into(page_bytes);
    return std::max(logged - moved, 0) * page_bytes;
  }

  void find_room(std::size_t bytes) const override {
    if (file_ == ":memory:")
      return;
    const auto trial = file_ + "-trial";
    const int file = ::open(trial.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    int reason = file < 0 ? errno : 0;
    if (file >= 0)
      ::unlink(trial.c_str()); // now: it is gone whatever happens
    const std::string block(std::min<std::size_t>(bytes, 64 << 10), 'x');
    for (std::size_t left = bytes; left > 0 && reason == 0;) {
      const auto written = ::write(file, block.data(), std::min(left, block.size()));
      if (written > 0)
        left -= static_cast<std::size_t>(written);
      else if (errno != EINTR)
        reason = errno;
    }
    if (file >= 0)
      ::close(file);
    if (reason == ENOSPC || reason == EDQUOT)
      throw storage_exception(error{error_code::storage_full, std::string{full}});
  }

private:
  const std::string file_;
  const database_settings settings_;
};

} // namespace

std::unique_ptr<dialect> make_sqlite_dialect(std::string file, const database_settings& settings) {
  // No connection is ever used by two threads at once, and nobody asks SQLite how much memory it has: locks for either
  // would be paid for by each row. Refused, and no loss, if another library opened a database before.
  static const bool configured = sqlite_api::sqlite3_config(SQLITE_CONFIG_MULTITHREAD) == SQLITE_OK &&
                                 sqlite_api::sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) == SQLITE_OK;
  static_cast<void>(configured);
  return std::make_unique<sqlite_dialect>(std::move(file), settings);
}

} // namespace penstock::storage
