#include "storage/access_reads.hpp"

#include <string>

#include "core/id_text.hpp"
#include "storage/page_walk.hpp"
#include "storage/seam.hpp"
#include "storage/statement.hpp"
#include "storage/user_reads.hpp"

namespace penstock::storage {
namespace {

struct organisation_columns {
  static constexpr const char* names = "id, name, version, created_at, updated_at";
  organisation row;
  std::int64_t created_at = 0, updated_at = 0;

  void bind(statement& sql) { sql.out(row.id.value).out(row.name).out(row.version).out(created_at).out(updated_at); }
  [[nodiscard]] organisation value() const {
    auto found = row;
    found.created_at = moment(created_at);
    found.updated_at = moment(updated_at);
    return found;
  }
};

struct find_organisation_row {
  std::int64_t id = 0;
  organisation_columns row;
  statement sql;
  explicit find_organisation_row(session& db)
      : sql(db, "find organisation",
            std::string{"SELECT "} + organisation_columns::names + " FROM organisations WHERE id = :wanted") {
    sql.in(id);
    row.bind(sql);
  }
};

struct list_organisations {
  std::int64_t before = 0, limit = 0;
  organisation_columns row;
  statement sql;
  explicit list_organisations(session& db)
      : sql(db, "list organisations",
            std::string{"SELECT "} + organisation_columns::names +
              " FROM organisations WHERE id < :before ORDER BY id DESC LIMIT :limit") {
    sql.in(before).in(limit);
    row.bind(sql);
  }
};

struct read_tokens {
  access_token row;
  std::int64_t grants = 0, created_at = 0;
  nullable<std::int64_t> organisation, expires_at, last_used_at;
  statement sql;
  explicit read_tokens(session& db)
      : sql(db, "read tokens",
            "SELECT id, name, hash, role, organisation_id, created_by, created_at, expires_at, last_used_at FROM "
            "access_tokens ORDER BY id DESC") {
    sql.out(row.id.value).out(row.name).out(row.hash).out(grants).out(organisation).out(row.created_by);
    sql.out(created_at).out(expires_at).out(last_used_at);
  }
  [[nodiscard]] access_token value() const {
    auto found = row;
    found.grants = static_cast<role>(grants);
    found.organisation = {organisation.value_or(0)};
    found.created_at = moment(created_at);
    found.expires_at = moment_or_none(expires_at);
    found.last_used_at = moment_or_none(last_used_at);
    return found;
  }
};

struct find_answer_row {
  std::string key, fingerprint;
  std::int64_t at = 0;
  nullable<std::int64_t> status;
  nullable<std::string> body;
  statement sql;
  explicit find_answer_row(session& db)
      : sql(db, "find kept answer", "SELECT fingerprint, status, body, at FROM once_keys WHERE key = :key") {
    sql.in(key).out(fingerprint).out(status).out(body).out(at);
  }
};

class sql_access_reads final : public access_reads {
public:
  explicit sql_access_reads(session& db) : db_(db) {}

  result<organisation> find_organisation(organisation_id id) override {
    return at_seam([&]() -> result<organisation> {
      auto& query = db_.query<find_organisation_row>();
      query.id = id.value;
      if (!query.sql.one())
        return failure(error_code::not_found, "there is no organisation " + to_string(id));
      return query.row.value();
    });
  }

  result<page_of<organisation>> organisations(const page_request& page) override {
    const auto walk = start_walk(page);
    if (!walk)
      return failure(walk.error());
    return at_seam([&]() -> result<page_of<organisation>> {
      page_of<organisation> found;
      auto& query = db_.query<list_organisations>();
      query.before = walk->before;
      query.limit = walk->limit + 1;
      for (bool row = query.sql.first(); row; row = query.sql.next())
        found.items.push_back(query.row.value());
      cut(found, walk->limit);
      return found;
    });
  }

  result<std::vector<access_token>> tokens() override {
    return at_seam([&]() -> result<std::vector<access_token>> {
      std::vector<access_token> all;
      auto& query = db_.query<read_tokens>();
      for (bool row = query.sql.first(); row; row = query.sql.next())
        all.push_back(query.value());
      return all;
    });
  }

  result<std::vector<user>> users() override {
    return at_seam([&]() -> result<std::vector<user>> { return read_users(db_); });
  }

  result<user> find_user(user_id id) override {
    return at_seam([&]() -> result<user> {
      if (auto found = read_user(db_, id))
        return *std::move(found);
      return failure(error_code::not_found, "there is no user " + to_string(id));
    });
  }

  result<std::optional<user>> find_user_named(const std::string& name) override {
    return at_seam([&]() -> result<std::optional<user>> { return read_user_named(db_, name); });
  }

  result<std::vector<user_session>> user_sessions(timestamp now) override {
    return at_seam([&]() -> result<std::vector<user_session>> { return read_user_sessions(db_, now); });
  }

  result<page_of<audit_entry>> audit(const audit_filter& filter, const page_request& page) override {
    const auto walk = start_walk(page);
    if (!walk)
      return failure(walk.error());
    return at_seam([&]() -> result<page_of<audit_entry>> { return read_audit(filter, *walk); });
  }

  result<std::optional<kept_answer>> find_answer(const std::string& key) override {
    return at_seam([&]() -> result<std::optional<kept_answer>> {
      auto& query = db_.query<find_answer_row>();
      query.key = key;
      if (!query.sql.one())
        return std::nullopt;
      return kept_answer{query.fingerprint, static_cast<int>(query.status.value_or(0)), query.body.value_or(""),
                         moment(query.at)};
    });
  }

private:
  template <class T>
  static void cut(page_of<T>& found, std::int64_t limit) {
    if (std::ssize(found.items) <= limit)
      return;
    found.items.pop_back();
    found.next_cursor = to_string(found.items.back().id);
  }

  page_of<audit_entry> read_audit(const audit_filter& filter, const page_walk& walk) {
    std::string actor = filter.actor, subject = filter.subject;
    std::int64_t organisation = filter.organisation.value, before_id = walk.before, limit = walk.limit + 1, at = 0;
    std::string text = "SELECT id, at, actor, action, subject, organisation_id, before_json, after_json, request_id, "
                       "address FROM audit_log WHERE id < :before";
    if (!actor.empty())
      text += " AND actor = :actor";
    if (!subject.empty())
      text += " AND subject = :subject";
    if (organisation != 0)
      text += " AND organisation_id = :organisation";
    statement rows(db_, "list audit", text + " ORDER BY id DESC LIMIT :limit");
    rows.in(before_id);
    if (!actor.empty())
      rows.in(actor);
    if (!subject.empty())
      rows.in(subject);
    if (organisation != 0)
      rows.in(organisation);
    rows.in(limit);
    audit_entry row;
    nullable<std::int64_t> of_organisation;
    nullable<std::string> before, after, request, address;
    rows.out(row.id.value).out(at).out(row.actor).out(row.action).out(row.subject).out(of_organisation);
    rows.out(before).out(after).out(request).out(address);
    page_of<audit_entry> found;
    for (bool more = rows.first(); more; more = rows.next()) {
      auto& one = found.items.emplace_back(row);
      one.at = moment(at);
      one.organisation = {of_organisation.value_or(0)};
      one.before = before.value_or("");
      one.after = after.value_or("");
      one.request_id = request.value_or("");
      one.address = address.value_or("");
    }
    cut(found, walk.limit);
    return found;
  }

  session& db_;
};

} // namespace

std::unique_ptr<access_reads> make_access_reads(session& db) { return std::make_unique<sql_access_reads>(db); }

} // namespace penstock::storage
