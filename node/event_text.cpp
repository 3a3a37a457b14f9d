#include "node/event_text.hpp"

#include <array>
#include <utility>

#include <boost/json/serialize.hpp>

#include "core/quotable.hpp"
#include "node/event_data.hpp"

namespace penstock::node {
namespace {

namespace json = boost::json;

constexpr std::size_t longest_value = 300;

std::string named(const json::object& data, std::string_view name_key) {
  const auto name = text_of(data, name_key);
  return name.empty() ? std::string{} : text_of(data, "service") + " \"" + quotable(name, 80) + "\"";
}

/// Before all else the name that somebody gave it.
std::string integration_of(const event& value, const json::object& data, std::string_view known) {
  if (auto name = named(data, "name"); !name.empty())
    return name;
  if (!known.empty())
    return std::string(known);
  const auto id = text_of(data, "integration_id");
  const auto slash = value.subject.find('/');
  return "integration " + (id.empty() && slash != std::string::npos ? value.subject.substr(slash + 1) : id);
}

/// ", 3 updated"; nothing for none.
std::string counted(const std::string& count, std::string_view what) {
  return count.empty() || count == "0" ? std::string{} : ", " + count + std::string(what);
}

/// A sync, or what a provider sent by itself.
std::string updated(const json::object& data) {
  const auto rows = [&](std::string_view name) { return text_of(data, name, "rows"); };
  const bool was_sent = data.contains("delivery");
  auto text =
    (was_sent ? " took a delivery: " : " synced: ") + rows("added") + " rows added, " + rows("updated") + " updated" +
    counted(rows("deleted"), " deleted") +
    counted(rows("errors"), " in error (why: penstock integrations errors " + text_of(data, "integration_id") + ")") +
    (was_sent ? std::string() : ", " + text_of(data, "pages") + " pages");
  if (text_of(data, "state") != "completed")
    text += ", but not all of it: " + text_of(data, "error");
  return text;
}

std::string not_synced(const json::object& data) {
  const auto again = text_of(data, "next_due_at");
  return " was not synced: " + text_of(data, "error") + (again.empty() ? "" : "; tried again at " + again) +
         "; penstock integrations show " + text_of(data, "integration_id");
}

std::string job_of(const json::object& data) {
  const auto whose = named(data, "integration");
  return "job " + text_of(data, "job_id") + " (" + text_of(data, "kind") + (whose.empty() ? "" : " of " + whose) + ")";
}

std::string error_of(const json::object& data) {
  const auto code = text_of(data, "code", "error");
  return (code.empty() ? "" : code + ": ") + text_of(data, "message", "error");
}

std::string failed(const json::object& data) {
  const auto attempts = text_of(data, "attempts");
  return job_of(data) + " failed for good" + (attempts.empty() ? "" : " at attempt " + attempts) + ": " +
         error_of(data);
}

std::string went_on(const json::object& data) {
  auto text = job_of(data) + ":";
  for (const auto* part : {"stage", "message"})
    if (const auto told = text_of(data, part); !told.empty())
      text += " " + told;
  if (const auto percent = text_of(data, "percent"); !percent.empty())
    text += " " + percent + " %";
  return text;
}

/// Of what there was at all: ": monzo_pots: 2 added, 1 deleted".
std::string changed_rows(const json::object& data) {
  std::string counts;
  for (const auto* what : {"added", "updated", "deleted"})
    counts += counted(text_of(data, what), std::string(" ") + what);
  return ": " + text_of(data, "table") + ":" + (counts.empty() ? "" : counts.substr(1));
}

/// ": 3 rows of a delivery could not be stored: health_metrics: step_count 4: no date; … (all: penstock jobs show 9)"
std::string rejected(const json::object& data) {
  const auto count = text_of(data, "errors");
  auto text = ": " + count + (count == "1" ? " row" : " rows") + " of a delivery could not be stored";
  const auto* examples = data.contains("examples") ? data.at("examples").if_array() : nullptr;
  std::string_view before = ": ";
  if (examples)
    for (const auto& each : *examples)
      if (const auto* line = each.if_string()) {
        text += std::string(before) + quotable({line->data(), line->size()}, longest_value);
        before = "; ";
      }
  const auto delivery = text_of(data, "delivery");
  return text + (delivery.empty() ? "" : " (all: penstock jobs show " + delivery + ")");
}

std::string needs_consent(const json::object& data) {
  const auto reason = text_of(data, data.contains("reason") ? "reason" : "error");
  if (reason.find("penstock integrations ") != std::string::npos) // it names what helps: a token, not a consent
    return " cannot be synced: " + reason;
  return " needs a new consent" + (reason.empty() ? "" : " (" + reason + ")") + ": penstock integrations authorize " +
         text_of(data, "integration_id");
}

std::string flat(const event& value, const json::object& data) {
  auto text = value.subject;
  for (const auto& each : data) {
    const std::string_view name(each.key().data(), each.key().size());
    text += (text.empty() ? "" : " ") + std::string(name) + "=" + quotable(text_of(data, name), longest_value);
  }
  return text;
}

using teller = std::string (*)(const json::object&);

/// Of types whose lines begin with the integration that they are about.
constexpr std::array<std::pair<std::string_view, teller>, 7> of_integrations{{
  {"integration.updated", updated},
  {"integration.failed", not_synced},
  {"integration.requires_reauth", needs_consent},
  {"integration.recovered",
   [](const json::object& data) {
     return " is synced again after " + text_of(data, "failures") + " failure(s) in a row";
   }},
  {"integration.connected", [](const json::object&) { return std::string(" is connected"); }},
  {"records.changed", changed_rows},
  {"records.rejected", rejected},
}};

constexpr std::array<std::pair<std::string_view, teller>, 11> of_others{{
  {"schedule.missed",
   [](const json::object& data) {
     return "schedule " + text_of(data, "schedule") + " missed " + text_of(data, "missed") +
            " occurrence(s), the last of " + text_of(data, "last");
   }},
  {"job.failed", failed},
  {"job.cancelled", [](const json::object& data) { return job_of(data) + " was cancelled: " + error_of(data); }},
  {"job.started", [](const json::object& data) { return job_of(data) + " started"; }},
  {"job.completed", [](const json::object& data) { return job_of(data) + " completed"; }},
  {"job.progress", went_on},
  {"queue.paused", [](const json::object& data) { return "queue " + text_of(data, "queue") + " is paused"; }},
  {"queue.resumed", [](const json::object& data) { return "queue " + text_of(data, "queue") + " goes on"; }},
  {"queue.warning",
   [](const json::object& data) {
     const bool over = text_of(data, "state") == "recovered";
     return "queue " + text_of(data, "queue") + ": " + text_of(data, over ? "warning" : "message") +
            (over ? ": that is over" : "");
   }},
  {"maintenance.began",
   [](const json::object& data) {
     return "maintenance is on: no job starts and no schedule fires (" + text_of(data, "by") + ")";
   }},
  {"maintenance.ended", [](const json::object& data) { return "maintenance is over (" + text_of(data, "by") + ")"; }},
}};

} // namespace

std::string text_of(const event& value, std::string_view integration) {
  const auto data = data_of(value);
  for (const auto& [type, tell] : of_integrations)
    if (type == value.type && !data.empty())
      return integration_of(value, data, integration) + tell(data);
  for (const auto& [type, tell] : of_others)
    if (type == value.type && !data.empty())
      return tell(data);
  return flat(value, data);
}

std::string integration_named_in(const event& value) {
  const auto data = data_of(value);
  return named(data, value.type == "job.failed" ? "integration" : value.type.starts_with("integration.") ? "name" : "");
}

} // namespace penstock::node
