#include "sandbox/served_files.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "sandbox/json_reply.hpp"

namespace penstock::sandbox {

namespace fs = std::filesystem;
namespace json = boost::json;

namespace {

std::optional<std::string> text_of(const fs::path& file) {
  std::error_code problem;
  if (!fs::is_regular_file(file, problem))
    return {};
  std::ifstream in(file, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return in ? std::optional(out.str()) : std::nullopt;
}

/// The path as one below a folder; nothing for one that would lead out of it.
std::optional<fs::path> inner_path(std::string_view path) {
  const auto decoded = net::percent_decode(path);
  if (!decoded || decoded->find('\0') != std::string::npos)
    return {};
  const fs::path whole = fs::path(*decoded).relative_path();
  if (std::any_of(whole.begin(), whole.end(), [](const fs::path& part) { return part == ".." || part == "."; }))
    return {};
  return whole.has_filename() ? whole : whole / "index";
}

/// How many parameters a file asks for ("@since=a&limit=2"), all of which the request has; nothing if one is missing.
std::optional<std::size_t> matching_parameters(std::string_view wanted, const net::query_parameters& query) {
  const auto asked = net::parse_query(wanted);
  const bool all = std::all_of(asked.begin(), asked.end(), [&](const auto& each) {
    return std::find(query.begin(), query.end(), each) != query.end();
  });
  return all ? std::optional(asked.size()) : std::nullopt;
}

void add_headers(net::http_headers& headers, const std::string& lines) {
  std::istringstream in(lines);
  for (std::string line; std::getline(in, line);) {
    const auto colon = line.find(':');
    if (colon == std::string::npos)
      continue;
    const auto value = line.find_first_not_of(' ', colon + 1);
    const auto text =
      value == std::string::npos ? std::string{} : line.substr(value, line.find_last_not_of("\r ") + 1 - value);
    if (net::is_valid_field(line.substr(0, colon), text))
      headers.set(line.substr(0, colon), text);
  }
}

/// The only list of an object whose items all have ids; null: it is no such object.
json::array* only_list(json::value& body) {
  auto* object = body.if_object();
  if (!object)
    return nullptr;
  json::array* found = nullptr;
  for (auto& [key, value] : *object)
    if (auto* list = value.if_array()) {
      if (found)
        return nullptr;
      found = list;
    }
  const auto has_id = [](const json::value& item) {
    const auto* fields = item.if_object();
    const auto* id = fields ? fields->if_contains("id") : nullptr;
    return id && id->is_string();
  };
  return found && std::all_of(found->begin(), found->end(), has_id) ? found : nullptr;
}

} // namespace

std::string page_of_list(std::string body, const net::query_parameters& query) {
  const auto since = net::find_parameter(query, "since");
  const auto limit = net::find_parameter(query, "limit");
  boost::system::error_code broken;
  auto parsed = since || limit ? json::parse(body, broken) : json::value{};
  auto* list = broken ? nullptr : only_list(parsed);
  if (!list)
    return body;
  const auto place = since ? std::find_if(list->begin(), list->end(),
                                          [&](const json::value& item) {
                                            const auto& id = item.get_object().at("id").get_string();
                                            return std::string_view(id.data(), id.size()) == *since;
                                          })
                           : list->end();
  const bool starts_later = place != list->end();
  if (starts_later)
    list->erase(list->begin(), place + 1);
  std::size_t most = list->size();
  if (limit)
    std::from_chars(limit->data(), limit->data() + limit->size(), most);
  const bool is_cut = most < list->size();
  if (is_cut)
    list->erase(list->begin() + static_cast<std::ptrdiff_t>(most), list->end());
  return starts_later || is_cut ? json::serialize(parsed) : body;
}

std::optional<fs::path> served_files::file_for(std::string_view method, std::string_view path,
                                               const net::query_parameters& query) const {
  const auto inner = inner_path(path);
  const bool is_word = std::all_of(method.begin(), method.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  if (!inner || !is_word)
    return {};
  const fs::path plain = folder_ / method / *inner;
  const std::string prefix = plain.filename().string() + '@';
  constexpr std::string_view suffix = ".json";
  std::optional<fs::path> best;
  std::size_t most = 0;
  std::error_code problem;
  for (const auto& entry : fs::directory_iterator(plain.parent_path(), problem)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(prefix) || !name.ends_with(suffix))
      continue;
    const auto wanted = std::string_view(name).substr(prefix.size(), name.size() - prefix.size() - suffix.size());
    if (const auto count = matching_parameters(wanted, query); count && *count > most) {
      most = *count;
      best = entry.path();
    }
  }
  if (best)
    return best;
  fs::path file = plain;
  file += suffix;
  return fs::is_regular_file(file, problem) ? std::optional(file) : std::nullopt;
}

std::optional<net::http_reply> served_files::find(std::string_view method, std::string_view path,
                                                  const net::query_parameters& query) const {
  const auto file = file_for(method, path, query);
  auto body = file ? text_of(*file) : std::nullopt;
  if (!body)
    return {};
  const auto beside = [&](const char* suffix) { return text_of(fs::path(*file) += suffix).value_or(""); };
  int status = 200;
  const std::string named = beside(".status");
  if (std::from_chars(named.data(), named.data() + named.size(), status).ec != std::errc{} || status < 100 ||
      status > 599)
    status = 200;
  auto reply = json_text_reply(status, page_of_list(std::move(*body), query));
  add_headers(reply.headers, beside(".headers"));
  return reply;
}

} // namespace penstock::sandbox
