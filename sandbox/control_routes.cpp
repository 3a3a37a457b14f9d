#include "sandbox/control_routes.hpp"

#include "core/duration_text.hpp"
#include "core/rfc3339.hpp"
#include "net/problem.hpp"
#include "sandbox/json_reply.hpp"
#include "sandbox/user_name.hpp"

namespace penstock::sandbox {

namespace json = boost::json;

namespace {

net::http_reply refused(const error& why) {
  const int status = why.code == error_code::not_found ? 404 : 400;
  return net::problem_reply({.status = status, .code = to_string(why.code), .detail = why.message});
}

net::http_reply bad(std::string message) { return refused({error_code::invalid_argument, std::move(message)}); }

std::string_view text_at(const json::object& body, std::string_view key) {
  const auto* found = body.if_contains({key.data(), key.size()});
  const auto* text = found ? found->if_string() : nullptr;
  return text ? std::string_view(text->data(), text->size()) : std::string_view{};
}

json::object counts_of(const oauth_provider& oauth) {
  const auto& counts = oauth.counts();
  return {{"consents", counts.consents},
          {"codes_exchanged", counts.codes_exchanged},
          {"refreshes", counts.refreshes},
          {"client_grants", counts.client_grants},
          {"refused", counts.refused}};
}

} // namespace

net::http_reply control_routes::answer(const net::http_server_request& request) {
  const auto what = request.path().substr(std::string_view("/sandbox").size());
  if (request.method == "GET")
    return read(what, request);
  if (request.method == "DELETE" && what == "/faults") {
    faults_.clear();
    return json_reply(200, faults_.to_json());
  }
  if (request.method != "POST")
    return net::problem_reply({.status = 405, .code = "method_not_allowed", .detail = "use GET, POST or DELETE"});
  const auto body = json_body(request.body);
  return body ? write(what, *body) : refused(body.error());
}

net::http_reply control_routes::read(std::string_view what, const net::http_server_request& request) {
  if (what == "/totals")
    return totals(request);
  if (what == "/stats")
    return stats();
  if (what == "/faults")
    return json_reply(200, faults_.to_json());
  if (what == "/clock")
    return clock();
  return refused(
    {error_code::not_found, "there is totals, stats, faults and clock below /sandbox; docs/sandbox.md says more"});
}

net::http_reply control_routes::write(std::string_view what, const json::object& body) {
  if (what == "/freeze" || what == "/thaw") {
    what == "/freeze" ? time_.freeze() : time_.thaw();
    return clock();
  }
  if (what == "/clock")
    return move_clock(body);
  if (what == "/change")
    return change(body);
  if (what == "/faults") {
    const auto done = faults_.set(body);
    return done ? json_reply(200, faults_.to_json()) : refused(done.error());
  }
  if (what == "/expire-tokens" || what == "/revoke" || what == "/approve")
    return turn_tokens(what, body);
  return refused({error_code::not_found,
                  "there is freeze, thaw, clock, change, faults, expire-tokens, revoke and approve "
                  "below /sandbox; docs/sandbox.md says more"});
}

net::http_reply control_routes::totals(const net::http_server_request& request) {
  std::optional<std::uint32_t> user;
  const auto query = request.query_values();
  if (const auto named = net::find_parameter(query, "user")) {
    user = user_number(*named);
    if (!user)
      return bad("user is written like user_1");
  }
  json::object out;
  for (const auto& each : stand_ins_)
    out[each->name()] = json::object{{"tables", each->tables(user)}};
  return json_reply(200, out);
}

net::http_reply control_routes::stats() {
  json::object out{{"requests", counts_.to_json()}, {"faults", faults_.to_json()}};
  for (const auto& each : stand_ins_) {
    auto shown = each->stats();
    if (const auto* oauth = each->oauth())
      shown["oauth"] = counts_of(*oauth);
    out[each->name()] = std::move(shown);
  }
  return json_reply(200, out);
}

net::http_reply control_routes::clock() {
  using std::chrono::milliseconds;
  return json_reply(200, {{"now", format_rfc3339(time_.now())},
                          {"start", format_rfc3339(time_.start())},
                          {"moved_ms", std::chrono::duration_cast<milliseconds>(time_.moved()).count()},
                          {"frozen", time_.is_frozen()}});
}

net::http_reply control_routes::move_clock(const json::object& body) {
  auto text = text_at(body, "advance");
  const bool back = text.starts_with('-');
  const auto length = parse_duration(back ? text.substr(1) : text);
  if (!length)
    return bad(R"(write {"advance": "7d"}, or {"advance": "-5m"} for a clock that goes behind)");
  time_.move(back ? -*length : *length);
  return clock();
}

stand_in* control_routes::named(std::string_view name) const {
  for (const auto& each : stand_ins_)
    if (each->name() == name)
      return each.get();
  return nullptr;
}

net::http_reply control_routes::change(const json::object& body) {
  // {"monzo": {…}}, or what one of them understands.
  if (!body.empty() && named({body.begin()->key().data(), body.begin()->key().size()})) {
    json::object out;
    for (const auto& [key, value] : body) {
      auto* to = named({key.data(), key.size()});
      if (!to || !value.is_object())
        return bad("each name must be a stand-in's, with an object of changes");
      auto changed = to->change(value.get_object());
      if (!changed)
        return refused(changed.error());
      out[key] = std::move(*changed);
    }
    return json_reply(200, out);
  }
  error last{error_code::invalid_argument, "there is no stand-in"};
  for (const auto& each : stand_ins_) {
    auto changed = each->change(body);
    if (changed)
      return json_reply(200, *changed);
    last = changed.error();
    if (last.code != error_code::invalid_argument)
      break;
  }
  return refused(last);
}

net::http_reply control_routes::turn_tokens(std::string_view what, const json::object& body) {
  std::optional<std::uint32_t> user;
  if (body.contains("user")) {
    user = user_number(text_at(body, "user"));
    if (!user)
      return bad("user is written like \"user_1\"");
  }
  const auto provider = text_at(body, "provider");
  std::size_t count = 0;
  for (const auto& each : stand_ins_) {
    auto* oauth = each->oauth();
    if (!oauth || (!provider.empty() && provider != each->name()))
      continue;
    count += what == "/revoke"    ? oauth->revoke(user)
             : what == "/approve" ? oauth->approve(user)
                                  : oauth->expire_tokens(user);
  }
  return json_reply(200, {{"connections", count}});
}

} // namespace penstock::sandbox
