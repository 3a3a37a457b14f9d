#include <ostream>

#include <boost/json/object.hpp>

#include "node/commands/api_client.hpp"
#include "node/commands/command.hpp"
#include "node/commands/session.hpp"
#include "node/commands/show.hpp"

namespace penstock::node {
namespace {

namespace json = boost::json;

constexpr auto path = "/api/v1/maintenance";

outcome tell(session& with, const api_reply& answer) {
  if (with.json) {
    print_body(with, answer.body);
    return {};
  }
  if (shown(answer.json, "on") == "true")
    with.out << "maintenance is on since " << shown_time(answer.json, "since") << " (" << shown(answer.json, "by")
             << "): no job starts and no schedule fires\n";
  else
    with.out << "maintenance is off\n";
  return {};
}

outcome set(session& with, bool on) {
  auto node = api_client::connect(with);
  if (!node)
    return tl::unexpected(std::move(node.error()));
  const auto answer = (*node)->send("POST", path, json::object{{"on", on}});
  if (!answer)
    return tl::unexpected(answer.error());
  return tell(with, *answer);
}

outcome begin(const arguments&, session& with) { return set(with, true); }
outcome end(const arguments&, session& with) { return set(with, false); }

outcome show(const arguments&, session& with) {
  auto node = api_client::connect(with);
  if (!node)
    return tl::unexpected(std::move(node.error()));
  const auto answer = (*node)->get(path);
  if (!answer)
    return tl::unexpected(answer.error());
  return tell(with, *answer);
}

} // namespace

std::vector<command> maintenance_commands() {
  return {
    {"maintenance",
     "on",
     "Start no jobs and fire no schedules, on any node, until it is off. What runs is finished.",
     {},
     begin},
    {"maintenance", "off", "Start jobs and fire schedules again.", {}, end},
    {"maintenance", "show", "Show whether maintenance is on.", {}, show},
  };
}

} // namespace penstock::node
