#include <algorithm>
#include <string>

#include "core/id_text.hpp"
#include "storage/access_changes.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

struct insert_organisation {
  std::int64_t id = 0, created_at = 0, updated_at = 0;
  std::string name;
  statement sql;
  explicit insert_organisation(session& db)
      : sql(db, "add organisation",
            "INSERT INTO organisations (id, name, version, created_at, updated_at) VALUES (:id, :name, 1, :created, "
            ":updated) ON CONFLICT (name) DO NOTHING") {
    sql.in(id).in(name).in(created_at).in(updated_at);
  }
};

struct hold_organisation {
  std::int64_t id = 0, version = 0;
  std::string name;
  statement sql;
  explicit hold_organisation(session& db)
      : sql(db, "hold organisation",
            "SELECT name, version FROM organisations WHERE id = :id" + db.sql_dialect().for_update()) {
    sql.in(id).out(name).out(version);
  }
};

struct other_of_that_name {
  std::int64_t id = 0, found = 0;
  std::string name;
  statement sql;
  explicit other_of_that_name(session& db)
      : sql(db, "find organisation of that name", "SELECT id FROM organisations WHERE name = :name AND id <> :id") {
    sql.in(name).in(id).out(found);
  }
};

struct rename_organisation {
  std::int64_t id = 0, now = 0;
  std::string name;
  statement sql;
  explicit rename_organisation(session& db)
      : sql(db, "rename organisation",
            "UPDATE organisations SET name = :name, version = version + 1, updated_at = :now WHERE id = :id") {
    sql.in(name).in(now).in(id);
  }
};

struct one_integration_of {
  std::int64_t organisation = 0, found = 0;
  statement sql;
  explicit one_integration_of(session& db)
      : sql(db, "find integration of organisation",
            "SELECT id FROM integrations WHERE organisation_id = :organisation LIMIT 1") {
    sql.in(organisation).out(found);
  }
};

template <int N>
struct delete_of_organisation {
  std::int64_t id = 0;
  statement sql;
  static constexpr const char* conditions[] = {
    "access_tokens WHERE organisation_id", "user_sessions WHERE user_id IN (SELECT id FROM users WHERE organisation_id",
    "users WHERE organisation_id", "organisations WHERE id"};
  explicit delete_of_organisation(session& db)
      : sql(db, "remove organisation", std::string{"DELETE FROM "} + conditions[N] + (N == 1 ? " = :id)" : " = :id")) {
    sql.in(id);
  }
  static void run(session& db, organisation_id id) {
    auto& query = db.query<delete_of_organisation>();
    query.id = id.value;
    query.sql.run();
  }
};

auto no_organisation(organisation_id id) {
  return failure(error_code::not_found, "there is no organisation " + to_string(id));
}

auto name_is_taken(const std::string& name) {
  return failure(error_code::conflict, "there is an organisation '" + name + "' already");
}

} // namespace

result<void> check_access_name(const std::string& name) {
  constexpr std::size_t longest = 200;
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 127; };
  if (name.empty() || name.size() > longest || std::any_of(name.begin(), name.end(), is_control))
    return failure(error_code::invalid_argument, "a name has 1 to 200 bytes, none of them a control character");
  return {};
}

result<void> require_organisation(session& db, organisation_id id) {
  if (!id)
    return {};
  auto& held = db.query<hold_organisation>();
  held.id = id.value;
  if (!held.sql.one())
    return no_organisation(id);
  return {};
}

result<void> apply(change_context& context, const add_organisation& change) {
  if (auto fine = check_access_name(change.value.name); !fine)
    return fine;
  auto& insert = context.db.query<insert_organisation>();
  const auto id = change.value.id ? change.value.id : context.ids.make<organisation_id>();
  insert.id = id.value;
  insert.name = change.value.name;
  insert.created_at = insert.updated_at = micros(context.now);
  if (insert.sql.run() != 1)
    return name_is_taken(change.value.name);
  context.result.created.push_back(id.value);
  return {};
}

result<void> apply(change_context& context, const edit_organisation& change) {
  auto& held = context.db.query<hold_organisation>();
  held.id = change.id.value;
  if (!held.sql.one())
    return no_organisation(change.id);
  if (change.expected_version && *change.expected_version != held.version)
    return failure(error_code::precondition_failed,
                   "organisation " + to_string(change.id) + " was edited meanwhile: read it again");
  if (!change.name || *change.name == held.name)
    return {};
  if (auto fine = check_access_name(*change.name); !fine)
    return fine;
  auto& other = context.db.query<other_of_that_name>();
  other.id = change.id.value;
  other.name = *change.name;
  if (other.sql.one())
    return name_is_taken(*change.name);
  auto& rename = context.db.query<rename_organisation>();
  rename.id = change.id.value;
  rename.name = *change.name;
  rename.now = micros(context.now);
  rename.sql.run();
  return {};
}

result<void> apply(change_context& context, const remove_organisation& change) {
  auto& held = context.db.query<hold_organisation>();
  held.id = change.id.value;
  if (!held.sql.one())
    return no_organisation(change.id);
  auto& integrations = context.db.query<one_integration_of>();
  integrations.organisation = change.id.value;
  if (integrations.sql.one())
    return failure(error_code::conflict, "organisation " + to_string(change.id) +
                                           " has integrations: remove those first, such as integration " +
                                           std::to_string(integrations.found));
  delete_of_organisation<0>::run(context.db, change.id);
  delete_of_organisation<1>::run(context.db, change.id);
  delete_of_organisation<2>::run(context.db, change.id);
  delete_of_organisation<3>::run(context.db, change.id);
  return {};
}

} // namespace penstock::storage
