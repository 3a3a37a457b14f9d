#include "connectors/http_json/settings.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <utility>

#include "connectors/http_json/column_names.hpp"
#include "connectors/http_json/placeholders.hpp"
#include "core/quotable.hpp"
#include "net/http_headers.hpp"
#include "net/url.hpp"
#include "net/url_redaction.hpp"

namespace penstock::connectors::http_json {
namespace {

using objections = std::vector<config::objection>;

template <class Value, std::size_t Count>
Value choice(const std::array<std::pair<std::string_view, Value>, Count>& all, const std::string& name) {
  return std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.first == name; })->second;
}

/// A statement names each column twice, and databases bound what one may name.
constexpr std::size_t most_fields = 200;

constexpr std::array<std::pair<std::string_view, auth_kind>, 7> auth_kinds{
  {{"none", auth_kind::none},
   {"bearer", auth_kind::bearer},
   {"header", auth_kind::header},
   {"basic", auth_kind::basic},
   {"query", auth_kind::query},
   {"oauth2", auth_kind::oauth2},
   {"client_credentials", auth_kind::client_credentials}}};
constexpr std::array<std::pair<std::string_view, paging_style>, 7> paging_styles{{{"none", paging_style::none},
                                                                                  {"page", paging_style::page},
                                                                                  {"offset", paging_style::offset},
                                                                                  {"cursor", paging_style::cursor},
                                                                                  {"link", paging_style::link},
                                                                                  {"next", paging_style::next},
                                                                                  {"last_id", paging_style::last_id}}};
constexpr std::array<std::pair<std::string_view, time_format>, 3> time_formats{
  {{"rfc3339", time_format::rfc3339}, {"seconds", time_format::seconds}, {"milliseconds", time_format::milliseconds}}};

std::string trimmed(std::string_view text) {
  while (text.starts_with(' '))
    text.remove_prefix(1);
  while (text.ends_with(' '))
    text.remove_suffix(1);
  return std::string(text);
}

/// Beside what net takes for one, what browsers send; but "state" and "code" are filters of lists ("state=open") far more
/// often than they are a step of a consent, and "authorization" is refused whatever it holds.
bool names_a_secret(std::string_view name) {
  const auto is = [name](std::string_view other) { return net::equals_ignoring_case(name, other); };
  return is("cookie") || is("proxy-authorization") ||
         (net::is_secret_name(name) && !is("state") && !is("code") && !is("authorization"));
}

/// Reads one table and remembers all that is wrong with it.
class reader {
public:
  explicit reader(const config::named_section& table) : values_(table.settings) {
    read_.name = table.name;
    read_.title = values_.text("title").empty() ? table.name : values_.text("title");
    read_.table = values_.text("table").empty() ? table.name : values_.text("table");
    if (auto wrong = table_objection(read_.table); !wrong.empty())
      object("table", std::move(wrong));
    read_addresses();
    read_auth();
    read_paging();
    read_items();
    read_.frequency = values_.time("frequency");
  }

  tl::expected<description, objections> take() {
    if (!wrong_.empty())
      return tl::unexpected(std::move(wrong_));
    return std::move(read_);
  }

private:
  void object(std::string key, std::string why) { wrong_.push_back({std::move(key), std::move(why)}); }

  void read_addresses() {
    read_.base_url = values_.text("base_url");
    while (read_.base_url.ends_with('/'))
      read_.base_url.pop_back();
    if (const auto parsed = net::parse_url(read_.base_url);
        !parsed || parsed->has_query || !parsed->user_info.empty() || !parsed->fragment.empty())
      object("base_url", read_.base_url.empty()
                           ? "is missing: write the address of the API, such as https://api.example.com/v1"
                           : "is no address without query: write it with http:// or https://");
    read_.list_path = values_.text("list_path");
    if (!read_.list_path.empty() && !read_.list_path.starts_with('/'))
      read_.list_path.insert(0, "/");
    if (check_names("list_path", read_.list_path) && (!net::parse_url("https://x" + filled(read_.list_path, {}, {})) ||
                                                      read_.list_path.find_first_of("?#") != std::string::npos))
      object("list_path", "is no path: what stands behind '?' belongs to query");
    read_pairs("query", '=', "NAME=VALUE", read_.query);
    read_pairs("headers", ':', "NAME: VALUE", read_.headers);
    for (const auto& [name, value] : read_.headers)
      if (!net::is_valid_field(name, value) || net::equals_ignoring_case(name, "authorization"))
        object("headers",
               "'" + quotable(name, 60) + "' cannot be sent" +
                 (net::equals_ignoring_case(name, "authorization") ? ": that is what auth and token are for" : ""));
    object_to_secrets("query", read_.query, "query");
    object_to_secrets("headers", read_.headers, "header");
    take_place("list", read_.list);
  }

  /// Settings are shown, and so are addresses; a token is kept encrypted. What {names} fill in is not written here.
  void object_to_secrets(const std::string& key, const std::vector<std::pair<std::string, std::string>>& pairs,
                         const std::string& auth) {
    for (const auto& [name, value] : pairs) {
      const auto names = names_in(value);
      if (value.empty() || !names || !names->empty() || !names_a_secret(name))
        continue;
      object(key, "'" + quotable(name, 60) +
                    "' is the name of a secret, and its value would be shown: write auth = \"" + auth +
                    "\", auth_name = \"" + quotable(name, 60) + "\" and the value as token");
    }
  }

  void read_pairs(const std::string& key, char between, const std::string& form,
                  std::vector<std::pair<std::string, std::string>>& into) {
    for (const auto& each : values_.list(key)) {
      const auto at = each.find(between);
      if (at == std::string::npos || at == 0) {
        object(key, "'" + quotable(each, 60) + "' is not written as " + form);
        continue;
      }
      into.emplace_back(trimmed(std::string_view(each).substr(0, at)), trimmed(std::string_view(each).substr(at + 1)));
      check_names(key, into.back().second);
    }
  }

  bool check_names(const std::string& key, const std::string& text) {
    const auto names = names_in(text);
    if (!names)
      object(key, names.error().message);
    return names.has_value();
  }

  void take_place(const std::string& key, std::string& into) {
    auto place = read_place(values_.text(key));
    if (place)
      into = std::move(*place);
    else
      object(key, place.error().message);
  }

  void read_auth() {
    read_.auth = choice(auth_kinds, values_.text("auth"));
    read_.auth_name = values_.text("auth_name");
    read_.token = values_.text("token");
    const bool named = read_.auth == auth_kind::header || read_.auth == auth_kind::query;
    if (named && read_.auth_name.empty())
      object("auth_name", "is missing: auth = \"" + values_.text("auth") + "\" needs the name of the " +
                            (read_.auth == auth_kind::header ? "header" : "parameter"));
    if (read_.auth == auth_kind::header && !read_.auth_name.empty() && !net::is_valid_field(read_.auth_name, "x"))
      object("auth_name", "is no name of a header");
    if (read_.auth == auth_kind::query && !read_.auth_name.empty() && !net::is_secret_name(read_.auth_name))
      object("auth_name",
             "is no name by which the parameter would be known for a secret (token, api_key, key, secret): "
             "it would be shown with each request; use another way to authenticate");
    const bool granted = read_.auth == auth_kind::oauth2 || read_.auth == auth_kind::client_credentials;
    if ((read_.auth == auth_kind::none || granted) && !read_.token.empty())
      object("token", "goes with auth = \"bearer\", \"header\", \"basic\" or \"query\"");
    if (read_.auth == auth_kind::basic && !read_.token.empty() && read_.token.find(':') == std::string::npos)
      object("token", "of auth = \"basic\" is written as USER:PASSWORD");
    if (!read_.token.empty() && !net::is_valid_field("x", read_.token))
      object("token", "holds a line break or another sign that cannot be sent");
    if (granted)
      read_oauth();
  }

  void read_oauth() {
    const bool of_person = read_.auth == auth_kind::oauth2;
    const auto needs_it = "auth = \"" + values_.text("auth") + "\" needs it";
    net::oauth2_provider oauth;
    oauth.authorize_url = values_.text("authorize_url");
    oauth.token_url = values_.text("token_url");
    for (const std::string key : {"authorize_url", "token_url"})
      if ((of_person || key == "token_url") && !net::parse_url(values_.text(key)))
        object(key, "is no address, and " + needs_it + ": write it with https://");
    oauth.client_id = values_.text("client_id");
    if (oauth.client_id.empty())
      object("client_id", "is missing: " + needs_it);
    oauth.client_secret = values_.text("client_secret");
    if (!of_person && oauth.client_secret.empty())
      object("client_secret", "is missing: " + needs_it);
    if (!of_person && (!oauth.authorize_url.empty() || values_.boolean("pkce")))
      object(oauth.authorize_url.empty() ? "pkce" : "authorize_url",
             "goes with auth = \"oauth2\": with client_credentials nobody consents");
    oauth.scopes = values_.list("scopes");
    oauth.pkce = values_.boolean("pkce");
    oauth.basic_client = values_.text("client_auth") == "basic";
    read_token_parameters(oauth.extra);
    if (of_person && !oauth.extra.empty())
      object("token_parameters", "goes with auth = \"client_credentials\"");
    read_.oauth = std::move(oauth);
  }

  void read_token_parameters(std::vector<std::pair<std::string, std::string>>& into) {
    constexpr const char* key = "token_parameters";
    read_pairs(key, '=', "NAME=VALUE", into);
    for (const auto& [name, value] : into) {
      const auto named = "'" + quotable(name, 60) + "' ";
      if (name == "grant_type" || name == "client_id" || name == "client_secret" || name == "scope")
        object(key, named + "is sent anyway, as client_id, client_secret and scopes say");
      else if (names_a_secret(name))
        object(key,
               named +
                 "is the name of a secret, and its value would be shown: the only secret that token_url is told is "
                 "client_secret");
      else if (const auto names = names_in(value); names && !names->empty())
        object(key, named + "holds braces: a token is the client's, whatever an integration's config says");
    }
  }

  void read_paging() {
    read_.paging = choice(paging_styles, values_.text("paging"));
    read_.page_parameter = values_.text("page_parameter");
    if (read_.page_parameter.empty())
      read_.page_parameter = read_.paging == paging_style::last_id ? "starting_after" : values_.text("paging");
    read_.size_parameter = values_.text("size_parameter");
    read_.page_size = values_.integer("page_size");
    read_.first_page = values_.integer("first_page");
    read_.short_page_ends = values_.boolean("short_page_ends");
    read_.most_pages = values_.integer("most_pages");
    read_.offset_overlap = values_.boolean("offset_overlap");
    if (read_.offset_overlap && read_.paging != paging_style::offset)
      object("offset_overlap", "goes with paging = \"offset\"");
    else if (read_.offset_overlap && read_.page_size < 2)
      object("offset_overlap", "needs a page_size of 2 or more: a page begins with the last item of the one before");
    take_place("next_field", read_.next_place);
    const bool in_body = read_.paging == paging_style::cursor || read_.paging == paging_style::next;
    if (in_body && read_.next_place.empty())
      object("next_field", "is missing: name where a body holds the " +
                             std::string(read_.paging == paging_style::cursor ? "cursor" : "address") +
                             " of the next page, such as paging.next");
    if (!in_body && !read_.next_place.empty())
      object("next_field", "goes with paging = \"cursor\" or \"next\"");
    take_place("more_field", read_.more_place);
    const bool by_last = read_.paging == paging_style::last_id;
    if (!by_last && !read_.more_place.empty())
      object("more_field", "goes with paging = \"last_id\"");
    if (read_.short_page_ends && read_.paging != paging_style::page && read_.paging != paging_style::offset &&
        !(by_last && read_.more_place.empty()))
      object("short_page_ends", "goes with paging = \"page\" or \"offset\", or with \"last_id\" without more_field");
  }

  void read_items() {
    take_place("id_field", read_.id_place);
    if (read_.id_place.empty())
      object("id_field", "is missing: without ids items could not be told apart");
    take_place("updated_field", read_.updated_place);
    take_place("deleted_field", read_.deleted_place);
    read_.since_parameter = values_.text("since_parameter");
    read_.times = choice(time_formats, values_.text("time_format"));
    read_.overlap = values_.time("overlap");
    read_.oldest_first = values_.boolean("oldest_first");
    if (read_.updated_place.empty() && read_.is_incremental())
      object("updated_field", "is missing: since_parameter needs it");
    if (read_.updated_place.empty() && read_.oldest_first)
      object("updated_field", "is missing: oldest_first needs it");
    if (read_.oldest_first && (read_.paging == paging_style::page || read_.paging == paging_style::offset))
      object("oldest_first",
             "goes not with paging = \"page\" or \"offset\": an item that changes while the list is read moves "
             "to its end, and the next page would begin behind items that nobody saw; leave it out, or use "
             "another paging of the API");
    std::map<std::string, int> columns;
    if (values_.list("fields").size() > most_fields) {
      object("fields", "are more than " + std::to_string(most_fields) +
                         ": leave out what can be read from raw, or take a part of the item as one of type json");
      return;
    }
    for (const auto& each : values_.list("fields")) {
      auto column = read_field(each);
      if (!column)
        object("fields", column.error().message);
      else if (++columns[column->column] > 1)
        object("fields", "two columns are called '" + column->column + "'");
      else
        read_.fields.push_back(std::move(*column));
    }
  }

  const config::section& values_;
  description read_;
  objections wrong_;
};

} // namespace

tl::expected<description, objections> read_description(const config::named_section& table) {
  return reader(table).take();
}

tl::expected<std::vector<description>, objections> read_descriptions(const config::section& section) {
  std::vector<description> all;
  objections wrong;
  std::map<std::string, std::string> owners;
  for (const auto& table : section.tables()) {
    auto read = read_description(table);
    if (!read) {
      for (auto& each : read.error())
        wrong.push_back({table.name + (each.key.empty() ? "" : "." + each.key), std::move(each.message)});
      continue;
    }
    const auto [owner, fresh] = owners.emplace(read->table, table.name);
    if (!fresh)
      wrong.push_back({table.name + ".table", "'" + read->table + "' is where the items of " + owner->second +
                                                " land already: name another table"});
    all.push_back(std::move(*read));
  }
  if (!wrong.empty())
    return tl::unexpected(std::move(wrong));
  return all;
}

} // namespace penstock::connectors::http_json
