#include "storage/postgresql_query.hpp"

#include <array>
#include <atomic>
#include <cctype>
#include <charconv>
#include <concepts>
#include <type_traits>
#include <utility>
#include <vector>

namespace penstock::storage {
namespace {

/// Parameters as the server numbers them: `:name` becomes `$1`, the next `$2`, and so on. Text in quotes stays.
std::string numbered(const std::string& sql) {
  const auto names = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
  std::string text;
  int number = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < sql.size(); ++i) {
    quoted = quoted != (sql[i] == '\'');
    const bool is_cast = i > 0 && sql[i - 1] == ':'; // x::BIGINT
    if (quoted || is_cast || sql[i] != ':' || i + 1 == sql.size() || !names(sql[i + 1])) {
      text += sql[i];
      continue;
    }
    text += '$' + std::to_string(++number);
    while (i + 1 < sql.size() && names(sql[i + 1]))
      ++i;
  }
  return text;
}

class postgresql_query final : public prepared_query {
public:
  postgresql_query(postgresql_pipeline& pipeline, const std::string& sql) : pipeline_(pipeline), sql_(numbered(sql)) {}

  ~postgresql_query() override {
    // In a transaction that failed nothing is taken any more: its name is not used again.
    auto* connection = pipeline_.connection();
    if (name_.empty() || PQstatus(connection) != CONNECTION_OK || PQtransactionStatus(connection) == PQTRANS_INERROR)
      return;
    try {
      // Behind what was posted, whose failure is still to be told.
      if (pipeline_.has_posted())
        pipeline_.post("DEALLOCATE " + name_);
      else
        postgresql_result{PQexec(connection, ("DEALLOCATE " + name_).c_str())};
    } catch (const std::exception&) {
      // The connection is lost, which its next use tells; its statements are gone with it.
    }
  }
  postgresql_query(const postgresql_query&) = delete;
  postgresql_query& operator=(const postgresql_query&) = delete;

  bool execute(std::span<const bound_variable> parameters, std::span<const bound_variable> columns) override {
    finish();
    prepare();
    result_ = pipeline_.run_prepared(name_, written(parameters));
    row_ = 0;
    return take(columns);
  }

  void post(std::span<const bound_variable> parameters) override {
    prepare();
    pipeline_.post_prepared(name_, written(parameters));
  }

  bool fetch(std::span<const bound_variable> columns) override {
    ++row_;
    return take(columns);
  }

  std::int64_t changed() override {
    std::int64_t count = 0;
    const std::string_view told = result_ ? PQcmdTuples(result_.get()) : "";
    std::from_chars(told.data(), told.data() + told.size(), count);
    return count;
  }

  void finish() noexcept override { result_.reset(); } // a fetch finds no more rows

private:
  using digits = std::array<char, 32>;

  void prepare() {
    if (!name_.empty()) [[likely]]
      return;
    static std::atomic<std::uint64_t> names{0};
    const auto name = "penstock_" + std::to_string(++names);
    pipeline_.flush();
    const postgresql_result prepared(PQprepare(pipeline_.connection(), name.c_str(), sql_.c_str(), 0, nullptr));
    if (PQresultStatus(prepared.get()) != PGRES_COMMAND_OK)
      pipeline_.fail(prepared.get());
    name_ = name;
  }

  std::span<const char* const> written(std::span<const bound_variable> parameters) {
    values_.clear();
    digits_.resize(parameters.size());
    for (std::size_t i = 0; i < parameters.size(); ++i)
      values_.push_back(written(parameters[i], digits_[i]));
    return values_;
  }

  static const char* written(const bound_variable& from, digits& room) {
    if (from.is_null())
      return nullptr;
    return from.visit([&](const auto& value) -> const char* {
      if constexpr (std::same_as<std::remove_cvref_t<decltype(value)>, std::string>)
        return value.c_str();
      else
        *std::to_chars(room.data(), room.data() + room.size() - 1, value).ptr = '\0';
      return room.data();
    });
  }

  /// The row into the columns; false: there is none.
  bool take(std::span<const bound_variable> columns) {
    if (!result_ || row_ >= PQntuples(result_.get()))
      return false;
    int place = 0;
    for (const auto& each : columns)
      take(place++, each);
    return true;
  }

  void take(int place, const bound_variable& into) {
    const bool is_null = PQgetisnull(result_.get(), row_, place) != 0;
    into.note_null(is_null);
    if (is_null)
      return;
    const std::string_view text(PQgetvalue(result_.get(), row_, place),
                                static_cast<std::size_t>(PQgetlength(result_.get(), row_, place)));
    into.visit([&](auto& value) {
      if constexpr (std::same_as<std::remove_cvref_t<decltype(value)>, std::string>)
        value.assign(text);
      else
        read(text, value);
    });
  }
  template <class T>
  static void read(std::string_view text, T& into) {
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), into);
    if (problem != std::errc{} || end != text.data() + text.size())
      throw soci::soci_error("a column is no number");
  }

  postgresql_pipeline& pipeline_;
  const std::string sql_;
  std::string name_; ///< empty: not prepared
  std::vector<const char*> values_;
  std::vector<digits> digits_;
  postgresql_result result_;
  int row_ = 0;
};

} // namespace

std::unique_ptr<prepared_query> make_postgresql_query(postgresql_pipeline& pipeline, const std::string& sql) {
  return std::make_unique<postgresql_query>(pipeline, sql);
}

} // namespace penstock::storage
