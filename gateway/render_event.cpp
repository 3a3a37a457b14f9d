#include "gateway/render.hpp"

namespace penstock::gateway {

void render(json_writer& out, const event& value) {
  out.begin_object();
  out.key("specversion").text("1.0");
  // A live-only event has no row and so no id of its own: its subject and time tell it apart.
  out.key("id").text(value.id ? to_string(value.id)
                              : value.subject + "/" + std::to_string(value.time.time_since_epoch().count()));
  out.key("source").text(value.source).key("type").text(value.type);
  if (!value.subject.empty())
    out.key("subject").text(value.subject);
  out.key("time").time(value.time).key("datacontenttype").text("application/json");
  // Extension attributes, whose names CloudEvents limits to small letters and digits.
  if (value.position > 0)
    out.key("position").text(std::to_string(value.position));
  if (value.integration)
    out.key("integrationid").id(value.integration);
  if (value.organisation)
    out.key("organisationid").id(value.organisation);
  out.key("data").raw(value.data).end_object();
}

} // namespace penstock::gateway
