#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "core/error.hpp"
#include "core/ids.hpp"
#include "core/time.hpp"

namespace penstock::gateway {

/// Reads a JSON object that a caller sent and remembers the first thing that is wrong with it: read all fields, then
/// ask `problem`. An unknown field is a problem, an absent one and null are nullopt, an empty body is an empty object.
class body_reader {
public:
  explicit body_reader(std::string_view body);

  [[nodiscard]] std::optional<std::string> text(std::string_view name, std::size_t longest = 255);
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view name, std::int64_t least, std::int64_t most);
  [[nodiscard]] std::optional<bool> boolean(std::string_view name);
  /// An id as a string.
  [[nodiscard]] std::optional<std::int64_t> id(std::string_view name);
  /// A moment as RFC 3339 text.
  [[nodiscard]] std::optional<timestamp> moment(std::string_view name);
  /// The JSON text of an object.
  [[nodiscard]] std::optional<std::string> object(std::string_view name);
  /// An array; null if absent.
  [[nodiscard]] const boost::json::array* array(std::string_view name);
  /// Whether the field is there and null.
  [[nodiscard]] bool is_null(std::string_view name) const;

  /// Something that the caller found; the first one stays.
  void refuse(std::string what);
  /// invalid_argument, or nothing.
  [[nodiscard]] std::optional<error> problem();

private:
  [[nodiscard]] const boost::json::value* find(std::string_view name);

  boost::json::object object_;
  std::vector<std::string> known_;
  std::optional<error> problem_;
};

} // namespace penstock::gateway
