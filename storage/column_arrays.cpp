#include "storage/column_arrays.hpp"

#include <string_view>
#include <variant>

namespace penstock::storage {
namespace {

struct put_in {
  array_text& array;
  void operator()(std::monostate) const { array.add_null(); }
  void operator()(std::int64_t value) const { array.add(value); }
  void operator()(double value) const { array.add(value); }
  void operator()(const std::string& value) const { array.add(std::string_view{value}); }
};

const char* type_of(column_type type) noexcept {
  switch (type) {
    case column_type::integer: return "BIGINT[]";
    case column_type::real: return "DOUBLE PRECISION[]";
    case column_type::text: break;
  }
  return "TEXT[]";
}

} // namespace

column_arrays::column_arrays(const std::vector<column>& columns) : columns_(columns), arrays_(columns.size()) {}

void column_arrays::clear() {
  for (auto& each : arrays_)
    each.clear();
}

void column_arrays::add(const std::vector<column_value>& values) {
  for (std::size_t i = 0; i < arrays_.size(); ++i)
    std::visit(put_in{arrays_[i]}, values[i]);
}

void column_arrays::close() {
  for (auto& each : arrays_)
    each.close();
}

void column_arrays::bind(statement& sql) {
  for (auto& each : arrays_)
    sql.in(each.text());
}

std::string column_arrays::arguments() const {
  std::string text;
  for (const auto& each : columns_)
    text += (text.empty() ? "CAST(:" : ", CAST(:") + each.name + "_of AS " + type_of(each.type) + ")";
  return text;
}

std::string column_arrays::names(const std::string& prefix) const {
  std::string text;
  for (const auto& each : columns_)
    text += (text.empty() ? "" : ", ") + prefix + each.name;
  return text;
}

bool arrays_room::take(const std::vector<column_value>& values, std::size_t beside) noexcept {
  bytes_ += beside;
  for (const auto& each : values) {
    const auto* text = std::get_if<std::string>(&each);
    bytes_ += text ? text->size() : 16; // about a number's digits
  }
  return ++rows_ <= most_rows && bytes_ <= most_bytes;
}

} // namespace penstock::storage
