#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/id_text.hpp"
#include "core/time.hpp"
#include "net/http_handler.hpp"
#include "storage/read_session.hpp"

namespace penstock::gateway {

/// Reads the query of a request and remembers the first thing that is wrong with it. Read all that the route knows,
/// then ask `problem`: a parameter that nobody asked for is a problem too, so that a mistyped filter never passes for
/// none.
class query_reader {
public:
  explicit query_reader(const net::http_server_request& request);

  /// Empty if absent.
  [[nodiscard]] std::string text(std::string_view name);
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view name, std::int64_t least, std::int64_t most);
  /// no_time if absent.
  [[nodiscard]] timestamp time(std::string_view name);
  /// "1" or "true", "0" or "false"; false if absent.
  [[nodiscard]] bool flag(std::string_view name);
  /// 0 if absent.
  template <class Id>
  [[nodiscard]] Id id(std::string_view name) {
    const auto value = text(name);
    if (value.empty())
      return Id{};
    const auto parsed = parse_id<Id>(value);
    if (!parsed)
      refuse(std::string(name) + ": " + parsed.error().message);
    return parsed.value_or(Id{});
  }
  /// `limit` (1 to 200, 50) and `cursor`.
  [[nodiscard]] storage::page_request page();

  /// Something that the caller found; the first one stays.
  void refuse(std::string what);
  /// invalid_argument, or nothing.
  [[nodiscard]] std::optional<error> problem();

private:
  net::query_parameters parameters_;
  std::vector<std::string> known_;
  std::optional<error> problem_;
};

} // namespace penstock::gateway
