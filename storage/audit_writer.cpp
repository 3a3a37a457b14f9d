#include <string>

#include "storage/access_changes.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

struct insert_audit {
  std::int64_t id = 0, at = 0;
  std::string actor, action, subject;
  nullable<std::int64_t> organisation;
  nullable<std::string> before, after, request, address;
  statement sql;
  explicit insert_audit(session& db)
      : sql(db, "note audit",
            "INSERT INTO audit_log (id, at, actor, action, subject, organisation_id, before_json, after_json, "
            "request_id, address) VALUES (:id, :at, :actor, :action, :subject, :organisation, :before, :after, "
            ":request, :address)") {
    sql.in(id).in(at).in(actor).in(action).in(subject).in(organisation).in(before).in(after).in(request).in(address);
  }
};

} // namespace

result<void> apply(change_context& context, const note_audit& change) {
  const auto& value = change.value;
  auto& insert = context.db.query<insert_audit>();
  insert.id = (value.id ? value.id : context.ids.make<audit_id>()).value;
  insert.at = micros(context.now);
  insert.actor = value.actor;
  insert.action = value.action;
  insert.subject = value.subject;
  insert.organisation.set_or_null(value.organisation.value);
  insert.before.set_or_null(value.before);
  insert.after.set_or_null(value.after);
  insert.request.set_or_null(value.request_id);
  insert.address.set_or_null(value.address);
  insert.sql.post();
  return {};
}

} // namespace penstock::storage
