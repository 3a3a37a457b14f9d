#include "node/event_data.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "actors/engine_kinds.hpp"

namespace penstock::node {

namespace json = boost::json;

json::object data_of(const event& value) {
  boost::system::error_code wrong;
  auto parsed = json::parse(value.data, wrong);
  return !wrong && parsed.is_object() ? std::move(parsed.get_object()) : json::object{};
}

std::string text_of(const json::object& data, std::string_view name, std::string_view within) {
  const auto* found = data.if_contains(within.empty() ? name : within);
  if (found && !within.empty())
    found = found->is_object() ? found->get_object().if_contains(name) : nullptr;
  if (!found || found->is_null())
    return {};
  if (const auto* text = found->if_string())
    return {text->data(), text->size()};
  return json::serialize(*found);
}

bool is_echo_of_a_sync(const event& value, const json::object& data) {
  // A root job that fails by itself has no run yet.
  return value.type == "job.failed" && text_of(data, "kind") == actors::integration_process_kind &&
         data.contains("run_id");
}

bool is_repeated_failure(const event& value, const json::object& data) {
  const auto* repeated = data.if_contains("repeated");
  return value.type == "job.failed" && repeated && repeated->is_bool() && repeated->get_bool();
}

} // namespace penstock::node
