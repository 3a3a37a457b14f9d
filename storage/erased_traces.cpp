#include "storage/erased_traces.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <vector>

#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

constexpr std::int64_t rows_a_stretch = 2'000;

bool is_of_organisation(session& db, std::int64_t integration, std::int64_t organisation) {
  std::int64_t found = 0;
  statement look(db, "look whose integration", "SELECT id FROM integrations WHERE id = :id AND organisation_id = :org");
  look.in(integration).in(organisation).out(found);
  return look.one();
}

/// The number behind "/WHAT/" in an address.
std::optional<std::int64_t> number_behind(std::string_view text, std::string_view what) {
  const auto at = text.find(what);
  if (at == std::string_view::npos)
    return std::nullopt;
  std::int64_t number = 0;
  const auto* begin = text.data() + at + what.size();
  const auto [end, problem] = std::from_chars(begin, text.data() + text.size(), number);
  return problem == std::errc{} && end != begin ? std::optional{number} : std::nullopt;
}

struct audit_row {
  std::int64_t id = 0;
  nullable<std::int64_t> organisation;
  std::string action, subject, bodies;
};

bool tells_of(session& db, const erased_owner& owner, const audit_row& row) {
  const auto id = owner.organisation ? owner.organisation : owner.integration;
  if (row.bodies.find('"' + std::to_string(id) + '"') != std::string::npos)
    return true;
  const auto integration = number_behind(row.subject, "/integrations/");
  if (!owner.organisation)
    return integration == id;
  return (row.organisation.has_value() && row.organisation.value == id) ||
         number_behind(row.subject, "/organisations/") == id ||
         (integration && is_of_organisation(db, *integration, id));
}

bool is_segment(std::string_view path, std::string_view wanted) {
  for (std::size_t at = 0; at <= path.size();) {
    const auto end = std::min(path.find('/', at), path.size());
    if (path.substr(at, end - at) == wanted)
      return true;
    at = end + 1;
  }
  return false;
}

/// "group ORGANISATION/CREDENTIAL", "refresh INTEGRATION VERSION", "calls RUN PREFIX" (shared_limits.cpp).
bool limits(const erased_owner& owner, std::string_view name) {
  const auto take_word = [&name] {
    const auto word = name.substr(0, name.find(' '));
    name.remove_prefix(std::min(word.size() + 1, name.size()));
    return word;
  };
  const auto kind = take_word();
  const auto id = std::to_string(owner.organisation ? owner.organisation : owner.integration);
  if (kind == "refresh")
    return !owner.organisation && take_word() == id;
  if (kind == "calls")
    take_word();
  else if (kind != "group")
    return false;
  return owner.organisation ? name.substr(0, name.find('/')) == id : is_segment(name, id);
}

} // namespace

std::int64_t erase_audit(session& db, const erased_owner& owner, std::int64_t& after) {
  std::vector<audit_row> found;
  audit_row row;
  std::int64_t limit = rows_a_stretch, seen = 0;
  statement read(db, "walk audit",
                 "SELECT id, organisation_id, action, subject, COALESCE(before_json, '') || COALESCE(after_json, '') "
                 "FROM audit_log WHERE id > :after ORDER BY id LIMIT :limit");
  read.in(after).in(limit).out(row.id).out(row.organisation).out(row.action).out(row.subject).out(row.bodies);
  for (bool more = read.first(); more; more = read.next(), ++seen)
    found.push_back(row);
  const auto last = found.empty() ? 0 : found.back().id;
  std::erase_if(found, [&](const audit_row& each) { return !tells_of(db, owner, each); });
  std::int64_t id = 0, gone = 0;
  statement drop(db, "erase audit", "DELETE FROM audit_log WHERE id = :id");
  drop.in(id);
  statement keep(
    db, "keep that it was erased",
    "UPDATE audit_log SET organisation_id = NULL, before_json = NULL, after_json = NULL WHERE id = :id AND "
    "organisation_id IS NOT NULL");
  keep.in(id);
  for (const auto& each : found) {
    id = each.id;
    if (each.action != "penstock erase")
      gone += drop.run();
    else if (owner.organisation)
      gone += keep.run();
  }
  after = seen == limit ? last : 0;
  return gone;
}

std::int64_t erase_events(session& db, const erased_owner& owner, std::int64_t& after) {
  const auto id = owner.organisation ? owner.organisation : owner.integration;
  std::vector<std::int64_t> found;
  std::int64_t position = 0, limit = rows_a_stretch, seen = 0, last = 0;
  nullable<std::int64_t> organisation, integration;
  std::string subject;
  statement read(db, "walk events",
                 "SELECT position, organisation_id, integration_id, subject FROM events WHERE position > :after ORDER "
                 "BY position LIMIT :limit");
  read.in(after).in(limit).out(position).out(organisation).out(integration).out(subject);
  const auto ids = owner.organisation ? &organisation : &integration;
  for (bool more = read.first(); more; more = read.next(), ++seen) {
    last = position;
    const auto named = number_behind("/" + subject, owner.organisation ? "/organisations/" : "/integrations/");
    if ((ids->has_value() && ids->value == id) || named == id)
      found.push_back(position);
  }
  after = seen == limit ? last : 0;
  std::int64_t gone = 0;
  statement drop(db, "erase events",
                 "DELETE FROM events WHERE position = :position AND position < (SELECT MAX(position) FROM events)");
  drop.in(position);
  statement blank(
    db, "blank event",
    "UPDATE events SET type = 'erased', subject = '', data = '{}', integration_id = NULL, organisation_id "
    "= NULL WHERE position = :position");
  blank.in(position);
  for (const auto each : found) {
    position = each;
    gone += drop.run() == 1 ? 1 : blank.run();
  }
  return gone;
}

std::int64_t erase_answers(session& db, const erased_owner& owner) {
  std::string pattern = "%\"" + std::to_string(owner.organisation ? owner.organisation : owner.integration) + "\"%";
  statement blank(db, "erase kept answers", "UPDATE once_keys SET body = NULL, status = NULL WHERE body LIKE :pattern");
  blank.in(pattern);
  return blank.run();
}

std::int64_t erase_delivery_names(session& db, std::int64_t integration) {
  std::string pattern = "webhook " + std::to_string(integration) + " %";
  std::int64_t limit = rows_a_stretch;
  statement drop(db, "erase names of deliveries",
                 "DELETE FROM once_keys WHERE key IN (SELECT key FROM once_keys WHERE key LIKE :pattern LIMIT :limit)");
  drop.in(pattern).in(limit);
  return drop.run();
}

std::int64_t erase_limits(session& db, const erased_owner& owner) {
  std::vector<std::string> found;
  std::string name;
  statement read(db, "walk shared limits", "SELECT name FROM shared_limits ORDER BY name");
  read.out(name);
  for (bool more = read.first(); more; more = read.next())
    if (limits(owner, name))
      found.push_back(name);
  statement drop(db, "erase shared limit", "DELETE FROM shared_limits WHERE name = :name");
  drop.in(name);
  for (const auto& each : found) {
    name = each;
    drop.run();
  }
  return std::ssize(found);
}

} // namespace penstock::storage
