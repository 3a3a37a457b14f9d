#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "storage/nullable.hpp"
#include "storage/prepared_query.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// A prepared statement whose parameters and columns are variables bound once, by address, in the order in which they
/// stand in the SQL. It is prepared at its first run. Name each parameter once: databases number them differently.
/// Throws storage_exception.
class statement {
public:
  /// `name` stands for the statement in faults and errors. The session outlives the statement.
  statement(session& db, std::string name, std::string sql)
      : db_(db), name_(std::move(name)), query_(db.prepare(std::move(sql))) {}
  statement(const statement&) = delete;
  statement& operator=(const statement&) = delete;

  /// Binds the next parameter.
  template <class T>
  statement& in(T& value) {
    if constexpr (std::is_same_v<T, std::string>)
      note_text(value);
    parameters_.push_back(bound_variable::of(value));
    return *this;
  }
  template <class T>
  statement& in(nullable<T>& value) {
    if constexpr (std::is_same_v<T, std::string>)
      note_text(value.value);
    parameters_.push_back(bound_variable::of(value.value, &value.state));
    return *this;
  }
  /// Binds the next column. NULL in one that is not nullable is an error.
  template <class T>
  statement& out(T& value) {
    columns_.push_back(bound_variable::of(value));
    return *this;
  }
  template <class T>
  statement& out(nullable<T>& value) {
    columns_.push_back(bound_variable::of(value.value, &value.state));
    return *this;
  }

  /// Runs a statement that returns no rows. How many rows it changed.
  std::int64_t run();

  /// Runs a statement whose outcome nobody looks at. Where the database is a server it may travel with the next one that is
  /// waited for, and what is wrong with it is thrown there.
  void post();

  /// Runs a SELECT for its first row. Whether there was one.
  bool one();

  /// `for (bool row = q.first(); row; row = q.next())`. Leaving the loop early needs `finish()`.
  bool first();
  bool next();
  void finish();

private:
  void before_run();
  bool execute();
  void note_text(std::string& text) {
    if (db_.sql_dialect().utf8_only())
      texts_.push_back(&text);
  }

  session& db_;
  const std::string name_;
  std::vector<std::string*> texts_; ///< parameters that must be UTF-8
  std::vector<bound_variable> parameters_, columns_;
  const std::unique_ptr<prepared_query> query_;
};

} // namespace penstock::storage
