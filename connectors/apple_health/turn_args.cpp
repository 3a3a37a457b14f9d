#include "connectors/apple_health/turn_args.hpp"

#include <utility>

#include <boost/json.hpp>

namespace penstock::connectors::apple_health {
namespace {

namespace json = boost::json;

/// Far below max_args_bytes: names may need escapes.
constexpr std::size_t lists_of_a_turn = 200;

std::int64_t whole(const json::object& from, std::string_view key) {
  const auto* found = from.if_contains({key.data(), key.size()});
  const auto* number = found ? found->if_int64() : nullptr;
  return number ? *number : -1;
}

std::string text(const json::object& from, std::string_view key) {
  const auto* found = from.if_contains({key.data(), key.size()});
  const auto* value = found ? found->if_string() : nullptr;
  return value ? std::string(value->data(), value->size()) : std::string();
}

} // namespace

std::string to_text(const turn_args& args) {
  json::array lists;
  for (const auto& each : args.lists)
    lists.push_back(json::object{{"name", each.name},
                                 {"units", each.units},
                                 {"piece", each.from.piece},
                                 {"offset", each.from.offset},
                                 {"elements", each.elements}});
  return json::serialize(
    json::object{{"lists", std::move(lists)}, {"behind", args.behind}, {"stored", args.stored}, {"wrong", args.wrong}});
}

result<turn_args> parse_turn_args(std::string_view kind, std::string_view text_of_args) {
  const auto refused = [&] {
    return failure(error_code::invalid_argument,
                   std::string(kind) + ": its args are made by apple_health.hook: retry that job instead");
  };
  boost::system::error_code broken;
  const auto parsed = json::parse({text_of_args.data(), text_of_args.size()}, broken);
  if (broken || !parsed.is_object())
    return refused();
  const auto& object = parsed.get_object();
  const auto* lists = object.if_contains("lists");
  if (!lists || !lists->is_array())
    return refused();
  turn_args args;
  args.behind = whole(object, "behind");
  args.stored = whole(object, "stored");
  args.wrong = whole(object, "wrong");
  bool good = args.behind >= 0 && args.stored >= 0 && args.wrong >= 0;
  for (const auto& each : lists->get_array()) {
    if (!each.is_object())
      return refused();
    const auto& told = each.get_object();
    args.lists.push_back({text(told, "name"),
                          text(told, "units"),
                          {whole(told, "piece"), whole(told, "offset")},
                          whole(told, "elements")});
    const auto& list = args.lists.back();
    good = good && !list.name.empty() && list.from.piece >= 0 && list.from.offset >= 0 && list.elements >= 0;
  }
  if (!good)
    return refused();
  return args;
}

std::vector<turn_args> first_turns(std::vector<export_list> lists) {
  std::vector<turn_args> turns;
  for (auto& list : lists) {
    if (turns.empty() || turns.back().lists.size() == lists_of_a_turn)
      turns.emplace_back();
    turns.back().lists.push_back(std::move(list));
  }
  return turns;
}

} // namespace penstock::connectors::apple_health
