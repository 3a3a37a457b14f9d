#include "node/commands/api_client.hpp"

#include <exception>
#include <optional>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "core/system_clock.hpp"
#include "node/version.hpp"

namespace penstock::node {
namespace {

constexpr auto call_timeout = std::chrono::seconds(30);
/// Two signs of life that did not come.
constexpr auto longest_silence = std::chrono::seconds(40);
constexpr std::size_t largest_answer = 64u * 1024 * 1024;
constexpr int most_pages = 50;

/// The text of a member, or empty.
std::string member(const boost::json::value& of, std::string_view name) {
  const auto* object = of.if_object();
  const auto* value = object ? object->if_contains(name) : nullptr;
  return value && value->is_string() ? std::string(value->get_string()) : std::string{};
}

boost::json::value parse_or_null(std::string_view text) {
  boost::system::error_code wrong;
  auto value = boost::json::parse(boost::json::string_view(text.data(), text.size()), wrong);
  return wrong ? boost::json::value(nullptr) : value;
}

std::string with_query(const std::string& path, const net::query_parameters& query) {
  return query.empty() ? path : path + "?" + net::build_query(query);
}

} // namespace

tl::expected<std::unique_ptr<api_client>, command_failure> api_client::connect(const session& with) {
  auto node = find_node(with);
  if (!node)
    return tl::unexpected(std::move(node.error()));
  net::http_client_config config;
  config.user_agent = "penstock/" + std::string(program_version());
  config.connect_timeout = std::chrono::seconds(5);
  config.ca_file = node->ca_file;
  config.known_certificate = node->known_certificate;
  std::unique_ptr<api_client> client(new api_client(std::move(*node)));
  auto http = net::beast_http_client::make(client->context_.get_executor(), std::move(config));
  if (!http)
    return give_up(exit_status::failed, http.error().message);
  client->http_ = std::move(*http);
  return client;
}

net::http_request api_client::request(std::string method, const std::string& path) const {
  net::http_request made;
  made.method = std::move(method);
  made.url = node_.url + path;
  made.timeout = call_timeout;
  made.max_body = largest_answer;
  made.headers.add("Accept", "application/json");
  if (!node_.token.empty())
    made.headers.add("Authorization", "Bearer " + node_.token);
  return made;
}

command_failure api_client::explain(const error& why) const {
  switch (why.code) {
    case error_code::network:
    case error_code::timed_out:
    case error_code::truncated_body:
      if (why.message.starts_with("TLS with "))
        return {exit_status::unreachable,
                {"the node at " + node_.url + " cannot be trusted (" + why.message +
                 "): name the file of its authority with --ca-file"}};
      return {exit_status::unreachable,
              {"no node answers at " + node_.url + " (" + why.message +
               "): start one with 'penstock serve', or name another with --url"}};
    case error_code::invalid_argument: return {exit_status::wrong_usage, {why.message}};
    default: return {exit_status::failed, {why.message}};
  }
}

command_failure api_client::explain(const net::http_response& answer) const {
  if (answer.status == 401)
    return {exit_status::failed,
            {answer.body.find("\"token_expired\"") != std::string::npos
               ? "the token has expired: ask an administrator for another, and give it with --token or PENSTOCK_TOKEN"
               : "the node at " + node_.url + " does not take this token: " + node_.token_advice}};
  auto detail = member(parse_or_null(answer.body), "detail");
  if (detail.empty())
    detail = "the node at " + node_.url + " answered with status " + std::to_string(answer.status) +
             ": is it a Penstock node of this version?";
  return {exit_status::failed, {std::move(detail)}, answer.status};
}

net::asio::awaitable<api_client::reply> api_client::call(std::string method, std::string path, std::string body) {
  auto asked = request(std::move(method), path);
  if (!body.empty())
    asked.headers.add("Content-Type", "application/json");
  asked.body = std::move(body);
  auto answer = co_await http_->send(std::move(asked));
  if (!answer)
    co_return tl::unexpected(explain(answer.error()));
  if (answer->status < 200 || answer->status > 299)
    co_return tl::unexpected(explain(*answer));
  api_reply told{std::move(answer->body), nullptr};
  told.json = parse_or_null(told.body);
  if (told.json.is_null() && !told.body.empty())
    co_return give_up(exit_status::failed,
                      "what answers at " + node_.url + " is no Penstock node: name one with --url");
  co_return told;
}

net::asio::awaitable<outcome> api_client::stream(std::string path, stream_progress& progress,
                                                 std::function<bool(const net::sse_event&)> on_event) {
  auto asked = request("GET", path);
  asked.headers.set("Accept", "text/event-stream");
  if (!progress.last_id.empty())
    asked.headers.add("Last-Event-ID", progress.last_id);
  asked.timeout = longest_silence;
  net::sse_parser parser;
  bool wanted = true;
  auto answer = co_await http_->send_streaming(std::move(asked), [&](std::string_view bytes) {
    progress.connected = true;
    const bool readable = parser.put(bytes, [&](const net::sse_event& event) { wanted = wanted && on_event(event); });
    if (!parser.last_event_id().empty())
      progress.last_id = parser.last_event_id();
    return readable && wanted;
  });
  if (!answer)
    co_return tl::unexpected(explain(answer.error()));
  if (answer->status < 200 || answer->status > 299)
    co_return tl::unexpected(explain(*answer));
  co_return outcome{};
}

api_client::reply api_client::send(std::string method, const std::string& path, const boost::json::value& body) {
  std::optional<reply> told;
  net::asio::co_spawn(context_,
                      call(std::move(method), path, body.is_null() ? std::string{} : boost::json::serialize(body)),
                      [&told](const std::exception_ptr& thrown, reply answer) {
                        if (thrown)
                          std::rethrow_exception(thrown);
                        told = std::move(answer);
                      });
  context_.restart();
  while (!told && context_.run_one() > 0) {}
  if (!told)
    return give_up(exit_status::failed, "the request to " + node_.url + " ended without an answer: try again");
  return std::move(*told);
}

api_client::reply api_client::get(const std::string& path, const net::query_parameters& query) {
  return send("GET", with_query(path, query));
}

api_client::reply api_client::get_all(const std::string& path, net::query_parameters query) {
  query.emplace_back("limit", "200");
  auto all = get(path, query);
  for (int page = 1; all && page < most_pages; ++page) {
    const auto cursor = member(all->json, "next_cursor");
    if (cursor.empty())
      return all;
    auto more_query = query;
    more_query.emplace_back("cursor", cursor);
    auto more = get(path, more_query);
    if (!more)
      return more;
    auto& whole = all->json.as_object();
    auto& items = whole["items"].as_array();
    for (auto& each : more->json.as_object()["items"].as_array())
      items.push_back(std::move(each));
    whole["next_cursor"] = more->json.as_object()["next_cursor"];
    all->body = boost::json::serialize(all->json);
  }
  return all;
}

} // namespace penstock::node
