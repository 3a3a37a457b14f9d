#include "net/sentry_envelope.hpp"

#include <algorithm>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "core/quotable.hpp"
#include "core/rfc3339.hpp"
#include "net/utf8_text.hpp"

namespace penstock::net {
namespace {

namespace json = boost::json;

constexpr std::size_t longest_value = 8 * 1024;
/// What Sentry takes of a tag.
constexpr std::size_t longest_tag_name = 32, longest_tag = 200;
constexpr std::size_t most_tags = 50;
constexpr const char* sdk_name = "penstock";

json::string text(std::string_view value, std::size_t most) {
  const auto clean = well_formed_utf8(clip_utf8(value, most));
  return json::string(clean.data(), clean.size());
}

/// One line: a tag with a line break is refused.
json::string line(std::string_view value, std::size_t most) {
  const auto clean = well_formed_utf8(quotable(value, most));
  return json::string(clean.data(), clean.size());
}

json::object sdk_of(const sentry_sender& sender) { return {{"name", sdk_name}, {"version", line(sender.version, 64)}}; }

json::object event_of(const sentry_report& report, const sentry_sender& sender, std::string_view event_id) {
  json::object tags;
  for (std::size_t i = 0; i < std::min(report.tags.size(), most_tags); ++i)
    if (const auto& [name, value] = report.tags[i]; !value.empty())
      tags[line(name, longest_tag_name)] = line(value, longest_tag);
  json::object exception{{"type", line(report.type, longest_tag)}, {"value", text(report.value, longest_value)}};
  json::object event{{"event_id", text(event_id, 32)},
                     {"timestamp", format_rfc3339(report.time)},
                     {"level", text(report.level, 16)},
                     {"platform", "other"},
                     {"exception", json::object{{"values", json::array{std::move(exception)}}}}};
  if (!sender.environment.empty())
    event["environment"] = line(sender.environment, 64);
  if (!sender.release.empty())
    event["release"] = line(sender.release, longest_tag);
  if (!sender.server_name.empty())
    event["server_name"] = line(sender.server_name, longest_tag);
  if (!tags.empty())
    event["tags"] = std::move(tags);
  if (!report.fingerprint.empty()) {
    json::array parts;
    for (const auto& each : report.fingerprint)
      parts.emplace_back(line(each, longest_tag));
    event["fingerprint"] = std::move(parts);
  }
  event["sdk"] = sdk_of(sender);
  return event;
}

} // namespace

std::string make_sentry_envelope(const sentry_report& report, const sentry_sender& sender, std::string_view event_id,
                                 timestamp sent_at) {
  const auto payload = json::serialize(event_of(report, sender, event_id));
  const json::object envelope{
    {"event_id", text(event_id, 32)}, {"sent_at", format_rfc3339(sent_at)}, {"sdk", sdk_of(sender)}};
  const json::object item{{"type", "event"}, {"length", payload.size()}, {"content_type", "application/json"}};
  return json::serialize(envelope) + "\n" + json::serialize(item) + "\n" + payload + "\n";
}

} // namespace penstock::net
