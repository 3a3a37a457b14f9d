#include "storage/sqlite_query.hpp"

#include <concepts>
#include <type_traits>
#include <utility>

#include "storage/sqlite_handle.hpp"

namespace penstock::storage {
namespace {

using namespace sqlite_api;

class sqlite_query final : public prepared_query {
public:
  sqlite_query(sqlite3* connection, std::string sql) : connection_(connection), sql_(std::move(sql)) {}
  ~sqlite_query() override { sqlite3_finalize(statement_); }
  sqlite_query(const sqlite_query&) = delete;
  sqlite_query& operator=(const sqlite_query&) = delete;

  bool execute(std::span<const bound_variable> parameters, std::span<const bound_variable> columns) override {
    if (!statement_) [[unlikely]]
      check(sqlite3_prepare_v3(connection_, sql_.data(), static_cast<int>(sql_.size()), SQLITE_PREPARE_PERSISTENT,
                               &statement_, nullptr));
    finish();
    // A SELECT looks at its parameters at each row, when the variables may hold something else.
    const auto texts = columns.empty() ? SQLITE_STATIC : SQLITE_TRANSIENT; // NOLINT: a cast of SQLite's
    int place = 0;
    for (const auto& each : parameters)
      check(bind(++place, each, texts));
    return step(columns);
  }

  void post(std::span<const bound_variable> parameters) override {
    execute(parameters, {});
    finish();
  }

  bool fetch(std::span<const bound_variable> columns) override { return open_ && step(columns); }

  std::int64_t changed() override { return sqlite3_changes(connection_); }

  void finish() noexcept override {
    if (statement_)
      sqlite3_reset(statement_); // repeats the last error, which was thrown already
    open_ = false;
  }

private:
  static void check(int code) {
    if (code != SQLITE_OK) [[unlikely]]
      fail(code);
  }
  [[noreturn]] static void fail(int code) { throw soci::sqlite3_soci_error("", code); }

  int bind(int place, const bound_variable& from, sqlite3_destructor_type texts) {
    if (from.is_null())
      return sqlite3_bind_null(statement_, place);
    return from.visit([&](const auto& value) {
      using type = std::remove_cvref_t<decltype(value)>;
      if constexpr (std::same_as<type, std::string>)
        return sqlite3_bind_text64(statement_, place, value.data(), value.size(), texts, SQLITE_UTF8);
      else if constexpr (std::same_as<type, double>)
        return sqlite3_bind_double(statement_, place, value);
      else
        return sqlite3_bind_int64(statement_, place, value);
    });
  }

  bool step(std::span<const bound_variable> columns) {
    const int code = sqlite3_step(statement_);
    open_ = code == SQLITE_ROW;
    if (!open_) {
      if (code != SQLITE_DONE)
        fail(code);
      finish(); // what it holds would keep the log from beginning anew
      return false;
    }
    int place = 0;
    for (const auto& each : columns)
      take(place++, each);
    return true;
  }

  /// The value is asked once for all: each question by column goes through the statement's locks and error state. A
  /// connection is used by one thread at a time, so that the value needs no protection.
  void take(int place, const bound_variable& into) {
    auto* found = sqlite3_column_value(statement_, place);
    const bool is_null = sqlite3_value_type(found) == SQLITE_NULL;
    into.note_null(is_null);
    if (is_null)
      return;
    into.visit([&](auto& value) {
      using type = std::remove_cvref_t<decltype(value)>;
      if constexpr (std::same_as<type, std::string>)
        take_text(found, value);
      else if constexpr (std::same_as<type, double>)
        value = sqlite3_value_double(found);
      else
        value = static_cast<type>(sqlite3_value_int64(found));
    });
  }
  static void take_text(sqlite3_value* found, std::string& into) {
    const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(found));
    if (!text)
      fail(SQLITE_NOMEM);
    into.assign(text, static_cast<std::size_t>(sqlite3_value_bytes(found)));
  }

  sqlite3* const connection_;
  const std::string sql_;
  sqlite3_stmt* statement_ = nullptr;
  bool open_ = false; ///< a row stands
};

} // namespace

std::unique_ptr<prepared_query> make_sqlite_query(soci::session& connection, std::string sql) {
  return std::make_unique<sqlite_query>(sqlite_handle(connection), std::move(sql));
}

} // namespace penstock::storage
