#include "storage/sqlite_query.hpp"

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
    if (from.state && *from.state != soci::i_ok)
      return sqlite3_bind_null(statement_, place);
    switch (from.kind) {
      case bound_variable::type::int16: return bind(place, *static_cast<const std::int16_t*>(from.value));
      case bound_variable::type::int32: return bind(place, *static_cast<const std::int32_t*>(from.value));
      case bound_variable::type::int64: return bind(place, *static_cast<const std::int64_t*>(from.value));
      case bound_variable::type::real:
        return sqlite3_bind_double(statement_, place, *static_cast<const double*>(from.value));
      case bound_variable::type::text: break;
    }
    const auto& text = *static_cast<const std::string*>(from.value);
    return sqlite3_bind_text64(statement_, place, text.data(), text.size(), texts, SQLITE_UTF8);
  }
  int bind(int place, std::int64_t value) { return sqlite3_bind_int64(statement_, place, value); }

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
    auto* value = sqlite3_column_value(statement_, place);
    const bool is_null = sqlite3_value_type(value) == SQLITE_NULL;
    if (into.state)
      *into.state = is_null ? soci::i_null : soci::i_ok;
    else if (is_null)
      throw soci::soci_error("NULL in a column that has none");
    if (is_null)
      return;
    switch (into.kind) {
      case bound_variable::type::int16: return take_int<std::int16_t>(value, into.value);
      case bound_variable::type::int32: return take_int<std::int32_t>(value, into.value);
      case bound_variable::type::int64: return take_int<std::int64_t>(value, into.value);
      case bound_variable::type::real: *static_cast<double*>(into.value) = sqlite3_value_double(value); return;
      case bound_variable::type::text: break;
    }
    const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
    if (!text)
      fail(SQLITE_NOMEM);
    static_cast<std::string*>(into.value)->assign(text, static_cast<std::size_t>(sqlite3_value_bytes(value)));
  }
  template <class T>
  static void take_int(sqlite3_value* value, void* into) {
    *static_cast<T*>(into) = static_cast<T>(sqlite3_value_int64(value));
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
