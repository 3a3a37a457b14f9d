#pragma once

#include <span>
#include <string_view>

namespace penstock::gateway {

/// What the API's description says of a route, beside what its table says. `query`, `body` and `answer` are fields in a
/// short notation, separated by blanks: `name:type`, with `!` behind one that must be given and `?` behind one that may
/// be null. Types: text, int, number, bool, time, id, ms (whole milliseconds), object, json (of any kind), and `[text]`, `[id]`,
/// `[object]`. A `body` of `anything` is the caller's own, in any form. `answer` is the name of a schema (`execution`), a page of them (`page execution`), fields in braces
/// (`{id:id deduplicated:bool}`), `events` (a stream), `html`, or empty (no body).
struct route_doc {
  std::string_view method, pattern, summary;
  int status = 200; ///< when all goes well
  std::string_view answer{};
  std::string_view query{};
  std::string_view body{};
  int also = 0; ///< another status of success, with the same answer; 0: there is none
};

/// A schema that several answers share, in the same notation.
struct schema_doc {
  std::string_view name, fields;
};

[[nodiscard]] std::span<const route_doc> execution_docs();
[[nodiscard]] std::span<const route_doc> integration_docs();
[[nodiscard]] std::span<const route_doc> schedule_docs();
[[nodiscard]] std::span<const route_doc> access_docs();
[[nodiscard]] std::span<const schema_doc> schema_docs();

/// Of that route; nullptr: nobody described it, which a test refuses.
[[nodiscard]] const route_doc* find_doc(std::string_view method, std::string_view pattern) noexcept;

/// One field of the notation.
struct documented_field {
  std::string_view name, type;
  bool required = false, nullable = false;
};
/// Takes the next field off the front of `fields`. Precondition: not empty.
[[nodiscard]] documented_field take_field(std::string_view& fields) noexcept;

} // namespace penstock::gateway
