#include <ostream>
#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "node/commands/command.hpp"
#include "node/commands/live_node.hpp"
#include "node/commands/session.hpp"
#include "node/doctor.hpp"
#include "node/node_plan.hpp"

namespace penstock::node {
namespace {

namespace json = boost::json;

/// Of the node itself, if it runs.
finding look_at_node(const session& with, bool& runs) {
  auto node = find_live_node(with);
  if (!node) {
    runs = false;
    return {"node", finding::kind::fail,
            node.error().lines.empty() ? "it cannot be asked" : node.error().lines.front()};
  }
  runs = *node != nullptr;
  if (!runs)
    return {"node", finding::kind::warn, "none answers: start it with 'penstock serve'"};
  if (const auto ready = (*node)->get("/readyz"); !ready)
    return {"node", finding::kind::fail, "it answers, but is not ready: " + ready.error().lines.front()};
  return {"node", finding::kind::ok, "it runs at " + (*node)->url() + " and is ready"};
}

void print(session& with, const std::vector<finding>& all) {
  if (with.json) {
    json::array items;
    for (const auto& each : all)
      items.push_back(
        json::object{{"what", each.what}, {"state", std::string(name_of(each.state))}, {"text", each.text}});
    with.out << json::serialize(json::object{{"items", std::move(items)}}) << '\n';
    return;
  }
  for (const auto& each : all)
    with.out << name_of(each.state) << std::string(6 - name_of(each.state).size(), ' ') << each.what << ": "
             << each.text << '\n';
}

outcome doctor(const arguments&, session& with) {
  std::vector<finding> all;
  const auto plan = make_plan(with.config_file, with.here);
  if (!plan) {
    for (const auto& line : plan.error())
      all.push_back({"configuration", finding::kind::fail, line});
  } else {
    all.push_back(
      {"configuration", finding::kind::ok, plan->file ? plan->file->string() : "there is no file; defaults hold"});
    for (const auto& hint : plan->hints)
      all.push_back({"configuration", finding::kind::warn, hint});
    bool runs = false;
    auto node = look_at_node(with, runs);
    for (auto& each : examine(*plan, with.clock, runs))
      all.push_back(std::move(each));
    all.push_back(std::move(node));
  }
  print(with, all);
  for (const auto& each : all)
    if (each.state == finding::kind::fail)
      return tl::unexpected(command_failure{exit_status::failed, {}}); // its line has said why
  return {};
}

} // namespace

std::vector<command> doctor_commands() {
  return {{"", "doctor", "Look at all that a node needs: one line each, and what to do about it.", {}, doctor}};
}

} // namespace penstock::node
