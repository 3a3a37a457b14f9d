#include "node/event_logger.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <spdlog/spdlog.h>

#include "core/id_text.hpp"

namespace penstock::node {
namespace {

namespace json = boost::json;
using spdlog::level::level_enum;

json::object data_of(const event& value) {
  boost::system::error_code wrong;
  auto parsed = json::parse(value.data, wrong);
  return !wrong && parsed.is_object() ? std::move(parsed.get_object()) : json::object{};
}

/// A member as text, "" without one; `path` may lead through one object: "rows.added".
std::string text_of(const json::object& data, std::string_view name, std::string_view within = {}) {
  const auto* found = data.if_contains(within.empty() ? name : within);
  if (found && !within.empty())
    found = found->is_object() ? found->get_object().if_contains(name) : nullptr;
  if (!found || found->is_null())
    return {};
  if (const auto* text = found->if_string())
    return {text->data(), text->size()};
  return json::serialize(*found);
}

std::string integration_of(const json::object& data) {
  return "integration " + text_of(data, "integration_id") + " (" + text_of(data, "name") + ")";
}

log_line synced(const json::object& data) {
  const auto state = text_of(data, "state");
  auto text = integration_of(data) + " synced: " + text_of(data, "added", "rows") + " rows added, " +
              text_of(data, "updated", "rows") + " updated, " + text_of(data, "pages") + " pages";
  if (state == "completed")
    return {level_enum::info, std::move(text)};
  return {level_enum::warn, text + ", but not all of it: " + text_of(data, "error")};
}

} // namespace

log_line log_line_of(const event& value) {
  const auto data = data_of(value);
  if (value.type == "integration.updated")
    return synced(data);
  if (value.type == "integration.failed")
    return {level_enum::err, integration_of(data) + " was not synced: " + text_of(data, "error")};
  if (value.type == "integration.requires_reauth")
    return {level_enum::err, integration_of(data) + " needs a new consent: penstock integrations authorize " +
                               text_of(data, "integration_id")};
  if (value.type == "integration.recovered")
    return {level_enum::info,
            integration_of(data) + " is synced again after " + text_of(data, "failures") + " failure(s) in a row"};
  if (value.type == "integration.connected")
    return {level_enum::info, integration_of(data) + " is connected"};
  if (value.type == "schedule.missed")
    return {level_enum::warn, "schedule " + text_of(data, "schedule") + " missed " + text_of(data, "missed") +
                                " occurrence(s), the last of " + text_of(data, "last")};
  if (value.type == "job.failed")
    return {level_enum::err, "job " + text_of(data, "job_id") + " (" + text_of(data, "kind") + ") failed for good: " +
                               text_of(data, "code", "error") + ": " + text_of(data, "message", "error")};
  if (value.type == "job.cancelled")
    return {level_enum::info, "job " + text_of(data, "job_id") + " (" + text_of(data, "kind") +
                                ") was cancelled: " + text_of(data, "message", "error")};
  if (value.type == "queue.paused" || value.type == "queue.resumed")
    return {level_enum::info,
            "queue " + text_of(data, "queue") + (value.type == "queue.paused" ? " is paused" : " goes on")};
  if (value.type == "maintenance.began" || value.type == "maintenance.ended")
    return {level_enum::warn, std::string(value.type == "maintenance.began" ? "maintenance is on: no job starts and no "
                                                                              "schedule fires"
                                                                            : "maintenance is over") +
                                " (" + text_of(data, "by") + ")"};
  return {level_enum::debug, value.type + " " + value.subject};
}

bool event_logger::offer(const std::shared_ptr<const event>& value) {
  const auto line = log_line_of(*value);
  spdlog::log(line.level, "{}", line.text);
  return true;
}

} // namespace penstock::node
