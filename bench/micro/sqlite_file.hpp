#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <stdexcept>
#include <string>

namespace penstock::bench {

/// A database of SQLite's C interface alone, set up as the store's writer where that costs or saves time, in a file that goes
/// with it. Throws std::runtime_error; what a constructor that throws leaves is for whoever started the program to remove.
class sqlite_file {
public:
  /// `synchronous`: of PRAGMA synchronous.
  explicit sqlite_file(const std::string& synchronous) {
    const char* place = std::getenv("PENSTOCK_BENCH_FOLDER");
    if (place)
      std::filesystem::create_directories(place);
    std::string pattern = std::string{place ? place : "/var/tmp"} + "/penstock-sqlite-XXXXXX";
    if (!::mkdtemp(pattern.data()))
      throw std::runtime_error("no folder can be made beside " + pattern);
    folder_ = pattern;
    if (sqlite3_open((folder_ + "/a.db").c_str(), &db_) != SQLITE_OK)
      throw std::runtime_error("cannot open a database in " + folder_);
    run("PRAGMA journal_mode=WAL");
    run("PRAGMA synchronous=" + synchronous);
    for (const char* each : {"secure_delete=OFF", "cache_size=-32768", "wal_autocheckpoint=0"})
      run(std::string{"PRAGMA "} + each);
  }
  ~sqlite_file() {
    sqlite3_close(db_);
    std::error_code ignored; // nothing depends on it
    std::filesystem::remove_all(folder_, ignored);
  }
  sqlite_file(const sqlite_file&) = delete;
  sqlite_file& operator=(const sqlite_file&) = delete;

  void run(const std::string& sql) {
    expect(sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
  }
  void expect(bool good) const {
    if (!good)
      throw std::runtime_error(sqlite3_errmsg(db_));
  }
  [[nodiscard]] sqlite3* handle() const noexcept { return db_; }

  /// A prepared statement; the file outlives it.
  class statement {
  public:
    statement(sqlite_file& of, const std::string& sql) : of_(of) {
      of.expect(sqlite3_prepare_v3(of.db_, sql.c_str(), -1, SQLITE_PREPARE_PERSISTENT, &sql_, nullptr) == SQLITE_OK);
    }
    ~statement() { sqlite3_finalize(sql_); }
    statement(const statement&) = delete;
    statement& operator=(const statement&) = delete;

    /// From the first parameter on.
    statement& with(std::initializer_list<std::int64_t> values) {
      int at = 0;
      for (const auto value : values)
        bind(++at, value);
      return *this;
    }
    void bind(int at, std::int64_t value) { of_.expect(sqlite3_bind_int64(sql_, at, value) == SQLITE_OK); }
    /// `text` outlives the run.
    void bind(int at, const std::string& text) {
      of_.expect(sqlite3_bind_text(sql_, at, text.data(), static_cast<int>(text.size()), SQLITE_STATIC) == SQLITE_OK);
    }
    /// How many rows it changed.
    std::int64_t run() {
      const bool done = sqlite3_step(sql_) == SQLITE_DONE;
      of_.expect(done);
      sqlite3_reset(sql_);
      return sqlite3_changes64(of_.db_);
    }
    /// Each row's first column, as a number.
    template <class Take>
    void read(Take take) {
      while (sqlite3_step(sql_) == SQLITE_ROW)
        take(sqlite3_column_int64(sql_, 0));
      of_.expect(sqlite3_reset(sql_) == SQLITE_OK);
    }

  private:
    sqlite_file& of_;
    sqlite3_stmt* sql_ = nullptr;
  };

private:
  std::string folder_;
  sqlite3* db_ = nullptr;
};

} // namespace penstock::bench
