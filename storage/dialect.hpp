#pragma once

#include <exception>
#include <memory>
#include <string>
#include <string_view>

#include <soci/soci.h>

#include "core/error.hpp"
#include "core/time.hpp"
#include "storage/database.hpp"
#include "storage/storage_exception.hpp"

namespace penstock::storage {

class prepared_query;
class row_reads;
class session;
class statement_pipeline;

/// What a connection is for: the writer keeps more pages and commits durably, readers refuse to write, `upkeep` moves
/// the log and takes small locks for short times.
enum class connection_role : std::uint8_t { writer, reader, upkeep };

/// Everything in which databases differ. The rest of the room speaks portable SQL.
class dialect {
public:
  virtual ~dialect() = default;

  /// Opens a connection. Throws what the driver throws, or a storage_exception where more is known, or the driver would
  /// tell too much.
  [[nodiscard]] virtual std::unique_ptr<soci::session> connect(connection_role role) const = 0;

  /// Starts a transaction that may write from the start, so that it cannot fail half-way for a lock.
  [[nodiscard]] virtual std::string begin_write() const = 0;

  /// Starts a transaction that changes the schema: one at a time, whoever else has the database open.
  [[nodiscard]] virtual std::string begin_migration() const = 0;

  /// Starts a transaction that sees one state of the database and writes nothing.
  [[nodiscard]] virtual std::string begin_read() const = 0;

  /// Ends a SELECT whose row decides what is written next: other writers wait with theirs. Empty where there is but one.
  [[nodiscard]] virtual std::string for_update() const = 0;

  /// Whether other nodes write to the same database.
  [[nodiscard]] virtual bool shared() const noexcept = 0;

  /// Whether texts must be UTF-8 without NUL: others are mended, bodies are stored in another form (portable_text.hpp).
  [[nodiscard]] virtual bool utf8_only() const noexcept = 0;

  /// Whether the connection stands, as far as is known without asking.
  [[nodiscard]] virtual bool connected(soci::session& session) const noexcept = 0;

  /// Where statements need not wait for each other; null where they are run at once. The connection outlives it.
  [[nodiscard]] virtual std::unique_ptr<statement_pipeline> open_pipeline(soci::session& connection) const = 0;

  /// A statement, prepared at its first run. `pipeline` is the connection's; both outlive it.
  [[nodiscard]] virtual std::unique_ptr<prepared_query> prepare(soci::session& connection, statement_pipeline* pipeline,
                                                                std::string sql) const = 0;

  /// Runs the SELECTs of connectors. On the driver's own handle: SOCI wants to know the types of columns before it has
  /// seen a row. The session outlives it.
  [[nodiscard]] virtual std::unique_ptr<row_reads> make_row_reads(session& db) const = 0;

  /// Completes DDL. In it `{id}` is the type of a 63-bit primary key, `{serial}` the same with numbers drawn by the
  /// database, `{clustered}` behind a table keeps its rows in the order of the primary key where the database can,
  /// `{utc:COLUMN}` a microsecond column as readable UTC text, `{id_utc:COLUMN}` the moment of an id's
  /// making.
  [[nodiscard]] virtual std::string adapt(std::string_view ddl) const = 0;

  /// Translates what a driver threw, and says whether the statement or the database is to blame. The driver's own text
  /// may hold parameters, and so secrets: it is not used.
  [[nodiscard]] virtual storage_exception explain(soci::session& session, std::string_view call,
                                                  const std::exception& thrown) const = 0;

  /// Bytes that wait in a log beside the database after moving what can be moved.
  [[nodiscard]] virtual std::int64_t checkpoint(soci::session& session) const = 0;

  /// Throws storage_exception (storage_full) where `bytes` more do not fit on the disk of the database: the end of a log
  /// that was laid out before takes small commits when nothing larger fits. Where nobody can tell it does nothing.
  virtual void find_room(std::size_t bytes) const { static_cast<void>(bytes); }
};

/// SQLite 3.40+. `file` is a path or ":memory:".
[[nodiscard]] std::unique_ptr<dialect> make_sqlite_dialect(std::string file, const database_settings& settings);

/// PostgreSQL 13+. `url` is one that libpq understands.
[[nodiscard]] std::unique_ptr<dialect> make_postgresql_dialect(const database_settings& settings);

} // namespace penstock::storage
