#include "gateway/render.hpp"

namespace penstock::gateway {

void render(json_writer& out, const organisation& value) {
  out.begin_object().key("id").id(value.id).key("name").text(value.name);
  out.key("created_at").time(value.created_at).key("updated_at").time(value.updated_at).end_object();
}

void render(json_writer& out, const access_token& value, std::string_view told_once) {
  out.begin_object().key("id").id(value.id).key("name").text(value.name).key("role").text(to_string(value.grants));
  out.key("organisation_id").id(value.organisation).key("created_by").text(value.created_by);
  out.key("created_at").time(value.created_at).key("expires_at").time(value.expires_at);
  out.key("last_used_at").time(value.last_used_at);
  if (!told_once.empty())
    out.key("token").text(told_once);
  out.end_object();
}

void render(json_writer& out, const user& value) {
  out.begin_object().key("id").id(value.id).key("name").text(value.name).key("role").text(to_string(value.grants));
  out.key("organisation_id").id(value.organisation).key("created_by").text(value.created_by);
  out.key("created_at").time(value.created_at).key("updated_at").time(value.updated_at);
  out.key("last_signed_in_at").time(value.last_signed_in_at).end_object();
}

void render(json_writer& out, const audit_entry& value) {
  out.begin_object().key("id").id(value.id).key("at").time(value.at).key("actor").text(value.actor);
  out.key("action").text(value.action).key("subject").text(value.subject);
  out.key("organisation_id").id(value.organisation).key("before").raw(value.before).key("after").raw(value.after);
  out.key("request_id").text_or_null(value.request_id).key("address").text_or_null(value.address).end_object();
}

} // namespace penstock::gateway
