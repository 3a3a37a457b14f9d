#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "connectors/http_json/field.hpp"
#include "core/time.hpp"
#include "net/oauth2.hpp"

namespace penstock::connectors::http_json {

enum class auth_kind : std::uint8_t {
  none,
  bearer,            ///< Authorization: Bearer TOKEN
  header,            ///< a header of its own, with the token alone
  basic,             ///< Authorization: Basic; the token is "user:password"
  query,             ///< a parameter of the address
  oauth2,            ///< bearer, with a token that a person's consent gives
  client_credentials ///< bearer, with a token that the node gets as the API's client
};

enum class paging_style : std::uint8_t {
  none,   ///< one answer holds all
  page,   ///< ?page=1, 2, 3
  offset, ///< ?offset=0, 100, 200
  cursor, ///< the body names what to ask for next
  link,   ///< the header Link has the address of the next page (RFC 8288)
  next,   ///< the body has it
  last_id ///< ?starting_after=ID of the last item
};

/// One list of one API: a table of the configuration, [connectors.http_json.NAME], checked.
struct description {
  std::string name;  ///< of the service
  std::string title; ///< for people
  std::string table; ///< where its items land

  std::string base_url;                                       ///< without a slash at its end
  std::string list_path;                                      ///< begins with a slash, or is empty; may hold {names}
  std::vector<std::pair<std::string, std::string>> query{};   ///< fixed parameters; values may hold {names}
  std::vector<std::pair<std::string, std::string>> headers{}; ///< fixed headers; values may hold {names}
  std::string list; ///< JSON pointer of the list in a body; empty: the body is it

  auth_kind auth = auth_kind::none;
  std::string auth_name;                       ///< of the header or parameter
  std::string token;                           ///< of all integrations; empty: each has its own
  std::optional<net::oauth2_provider> oauth{}; ///< of oauth2 and client_credentials

  paging_style paging = paging_style::none;
  std::string page_parameter; ///< of page, offset, cursor and last_id
  std::string size_parameter; ///< empty: the API is not told a size
  std::int64_t page_size = 100;
  std::int64_t first_page = 1;
  std::string next_place; ///< JSON pointer, of cursor and next
  std::string more_place; ///< JSON pointer, of last_id: true where another page follows; empty: an empty page ends
  bool short_page_ends = false; ///< what has fewer items than page_size is the last page: no empty one follows
  bool offset_overlap = false;  ///< of offset: each page begins with the last item of the one before
  std::int64_t most_pages = 10'000;

  std::string id_place;        ///< JSON pointers in an item
  std::string updated_place;   ///< empty: nothing tells when an item was changed
  std::string deleted_place;   ///< empty: nothing tells that an item is gone
  std::string since_parameter; ///< empty: each run reads the whole list
  time_format times = time_format::rfc3339;
  duration overlap = std::chrono::minutes(5); ///< each run starts so much before the newest change that is known
  bool oldest_first =
    false; ///< items come in the order of their changes, so that a run that breaks off is gone on with
  std::vector<field> fields{};

  duration frequency = std::chrono::minutes(15);

  [[nodiscard]] bool is_incremental() const noexcept { return !since_parameter.empty(); }
  [[nodiscard]] std::string pull_kind() const { return name + ".pull"; }
  [[nodiscard]] std::string data_kind() const { return name + ".data"; }
  /// Begins messages: "shop's items".
  [[nodiscard]] std::string what() const { return name + "'s items"; }
};

} // namespace penstock::connectors::http_json
