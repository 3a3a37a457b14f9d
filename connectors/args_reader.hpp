#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "core/error.hpp"
#include "core/time.hpp"

namespace penstock::connectors {

/// Reads a small JSON object from outside (a job's args, an integration's config) and remembers the first thing that is
/// wrong with it: read all values, then ask `problem`. Messages name the owner and say what is allowed.
class args_reader {
public:
  /// `owner` begins each message ("probe.sleep"). A key that is not in `allowed` is a problem.
  args_reader(std::string owner, std::string_view text, std::vector<std::string> allowed);

  [[nodiscard]] bool has(std::string_view key) const { return object_.contains(key); }

  /// Without `absent` the key must be there. After a problem the value means nothing.
  [[nodiscard]] std::int64_t integer(std::string_view key, std::int64_t least, std::int64_t most,
                                     std::optional<std::int64_t> absent = {});
  [[nodiscard]] std::string text(std::string_view key, std::optional<std::string> absent = {});
  /// A text, or the digits of a whole number: people write ids without quotes.
  [[nodiscard]] std::string id_text(std::string_view key);
  [[nodiscard]] bool boolean(std::string_view key, std::optional<bool> absent = {});
  /// RFC 3339; absent or empty: no_time.
  [[nodiscard]] timestamp time(std::string_view key);
  /// Strings that are not empty; absent: none.
  [[nodiscard]] std::vector<std::string> texts(std::string_view key);

  /// Something that the caller found; the first one stays.
  void refuse(std::string what);

  /// invalid_argument, or nothing.
  [[nodiscard]] const std::optional<error>& problem() const noexcept { return problem_; }

private:
  [[nodiscard]] const boost::json::value* find(std::string_view key, bool required);

  std::string owner_;
  std::vector<std::string> allowed_;
  boost::json::object object_;
  std::optional<error> problem_;
};

/// Adds a value to args that are written, unless there is none: args_reader::text and time give the same again.
void put_if_any(boost::json::object& args, std::string_view key, const std::string& value);
void put_if_any(boost::json::object& args, std::string_view key, timestamp value);

} // namespace penstock::connectors
