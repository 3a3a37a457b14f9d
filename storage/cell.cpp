#include "storage/cell.hpp"

namespace penstock::storage {

void cell::set(const column_value& value) {
  switch (type) {
    case column_type::integer:
      if (const auto* given = std::get_if<std::int64_t>(&value))
        integer.set(*given);
      else
        integer.clear();
      break;
    case column_type::real:
      if (const auto* given = std::get_if<double>(&value))
        real.set(*given);
      else if (const auto* whole = std::get_if<std::int64_t>(&value))
        real.set(static_cast<double>(*whole));
      else
        real.clear();
      break;
    case column_type::text:
      if (const auto* given = std::get_if<std::string>(&value))
        text.set(*given);
      else
        text.clear();
      break;
  }
}

void cell::bind(statement& sql) {
  switch (type) {
    case column_type::integer: sql.in(integer); break;
    case column_type::real: sql.in(real); break;
    case column_type::text: sql.in(text); break;
  }
}

void cell::bind_out(statement& sql) {
  switch (type) {
    case column_type::integer: sql.out(integer); break;
    case column_type::real: sql.out(real); break;
    case column_type::text: sql.out(text); break;
  }
}

column_value cell::value() const {
  switch (type) {
    case column_type::integer: return integer.has_value() ? column_value{integer.value} : column_value{};
    case column_type::real: return real.has_value() ? column_value{real.value} : column_value{};
    case column_type::text: return text.has_value() ? column_value{text.value} : column_value{};
  }
  return {};
}

bool fits(const column_value& value, column_type type) noexcept {
  if (std::holds_alternative<std::monostate>(value))
    return true;
  switch (type) {
    case column_type::text: return std::holds_alternative<std::string>(value);
    case column_type::integer: return std::holds_alternative<std::int64_t>(value);
    case column_type::real: return std::holds_alternative<double>(value) || std::holds_alternative<std::int64_t>(value);
  }
  return false;
}

} // namespace penstock::storage
