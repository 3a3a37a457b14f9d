#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include <soci/soci.h>

namespace penstock::storage {

/// A variable that a statement reads its parameter from, or writes a column to: by address.
struct bound_variable {
  enum class type : std::uint8_t { int16, int32, int64, real, text };
  type kind;
  void* value;
  soci::indicator* state; ///< null: never NULL

  template <class T>
  [[nodiscard]] static constexpr bound_variable of(T& value, soci::indicator* state = nullptr) noexcept {
    if constexpr (std::same_as<T, std::string>)
      return {type::text, &value, state};
    else if constexpr (std::same_as<T, double>)
      return {type::real, &value, state};
    else {
      static_assert(std::signed_integral<T> && sizeof(T) >= 2, "columns hold no such type");
      return {sizeof(T) == 2 ? type::int16 : sizeof(T) == 4 ? type::int32 : type::int64, &value, state};
    }
  }

  /// Whether the parameter is NULL.
  [[nodiscard]] bool is_null() const noexcept { return state && *state != soci::i_ok; }
  /// The column is NULL, or is not. Throws where it must not be.
  void note_null(bool null) const {
    if (state)
      *state = null ? soci::i_null : soci::i_ok;
    else if (null)
      throw soci::soci_error("NULL in a column that has none");
  }
  /// Calls `use` with the variable.
  template <class Use>
  decltype(auto) visit(Use use) const {
    switch (kind) {
      case type::int16: return use(*static_cast<std::int16_t*>(value));
      case type::int32: return use(*static_cast<std::int32_t*>(value));
      case type::int64: return use(*static_cast<std::int64_t*>(value));
      case type::real: return use(*static_cast<double*>(value));
      case type::text: break;
    }
    return use(*static_cast<std::string*>(value));
  }
};

/// A statement as a database's driver keeps it, prepared at its first run. Throws what the driver throws. For one
/// thread; gone before its connection.
class prepared_query {
public:
  virtual ~prepared_query() = default;
  /// Runs it with these parameters. Whether there is a row, which stands in the columns then.
  virtual bool execute(std::span<const bound_variable> parameters, std::span<const bound_variable> columns) = 0;
  /// Runs it some time before the next statement that is waited for, whose failure is this one's too. Rows are passed
  /// over.
  virtual void post(std::span<const bound_variable> parameters) = 0;
  /// The next row into the columns. False: there is none.
  virtual bool fetch(std::span<const bound_variable> columns) = 0;
  /// How many rows the last run changed.
  [[nodiscard]] virtual std::int64_t changed() = 0;
  /// Lets go of what a SELECT still holds after its last wanted row.
  virtual void finish() noexcept = 0;
};

} // namespace penstock::storage
