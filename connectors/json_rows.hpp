#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "core/error.hpp"
#include "messages/row.hpp"

namespace penstock::connectors {

/// Called for each object of a list, with its text as it stands in the body. What it gives back is what is wrong with
/// the object, empty if nothing is.
using object_reader = std::function<std::string(simdjson::ondemand::object& object, std::string_view raw)>;

/// Walks through the objects of the list `key` of a page (as read_json_list has it), after checking the whole text. An element that is
/// no object, and one that `read` complains of, is told to `wrong` with its place (from 1) and what is wrong; the
/// others go on. Errors are those of read_json_list, but all of them final: the page lies in our store, and reading it
/// again cannot help.
[[nodiscard]] result<void> read_objects(std::string& body, std::string_view key, std::string_view what,
                                        const object_reader& read,
                                        const std::function<void(std::size_t place, std::string message)>& wrong);

/// The rows of a page, and what of it is none.
struct row_page {
  std::vector<synced_row> rows;
  std::vector<row_error> errors;
};

/// Fills in a row from an object and its text. What it gives back is what is wrong with it, empty if nothing is; a
/// source_id that it has filled in by then is told with it.
using object_to_row =
  std::function<std::string(simdjson::ondemand::object& object, std::string_view raw, synced_row& row)>;

/// Makes rows of `table` of the objects, as read_objects walks through them, which has its errors. `noun` begins what is told
/// of a wrong one: "transaction 3: …".
[[nodiscard]] result<row_page> read_rows(std::string& body, std::string_view key, std::string_view what,
                                         std::string_view table, std::string_view noun, const object_to_row& read);

/// Reads fields of one object into columns and remembers the first that is not what it should be. A JSON null counts as
/// absent and leaves the column as it is.
class field_checks {
public:
  void text(std::string_view key, simdjson::ondemand::value value, column_value& into);
  /// As `text`, but an empty string is no text.
  void text_if_any(std::string_view key, simdjson::ondemand::value value, column_value& into);
  void integer(std::string_view key, simdjson::ondemand::value value, column_value& into);
  void flag(std::string_view key, simdjson::ondemand::value value, column_value& into); ///< 0 or 1
  /// RFC 3339 to microseconds; an empty string is no time.
  void time(std::string_view key, simdjson::ondemand::value value, column_value& into);
  /// Complains unless the column has a value (of text: one that is not empty).
  void require(std::string_view key, const column_value& value);
  void complain(std::string what);

  [[nodiscard]] const std::string& problem() const noexcept { return problem_; }

private:
  std::string problem_;
};

} // namespace penstock::connectors
