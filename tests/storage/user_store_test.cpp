#include "tests/storage/store_conformance.hpp"

// People who sign in, and their sessions.
namespace penstock::storage {
namespace {

using namespace std::chrono_literals;

class user_store : public store_conformance {
protected:
  user_id add(const std::string& name, organisation_id of = {}) {
    user made;
    made.name = name;
    made.password_hash = "hash of " + name;
    made.grants = role::operating;
    made.organisation = of;
    made.created_by = "admin";
    return user_id{apply(add_user{made})};
  }
  open_session session(char digit, user_id of) { return {std::string(64, digit), of, 1, clock.now() + 1h, "10.0.0.1"}; }
  open_session session_of_version(user_id of, std::int64_t version) {
    auto opened = session('v', of);
    opened.expected_version = version;
    return opened;
  }
  error_code refusal(engine_change change) {
    unit_of_work unit;
    unit.changes.push_back(std::move(change));
    const auto done = commit(std::move(unit));
    return done.ok() ? error_code::none : done.refused->code;
  }
  std::int64_t stored_sessions() {
    const auto found = reader->rows().select("SELECT COUNT(*) FROM user_sessions", {});
    EXPECT_TRUE(found);
    return found ? std::get<std::int64_t>(found->rows.at(0).at(0)) : -1;
  }
  std::vector<std::string> hashes() {
    std::vector<std::string> all;
    const auto found = reader->access().user_sessions(clock.now());
    EXPECT_TRUE(found);
    for (const auto& each : *found)
      all.push_back(each.hash.substr(0, 1));
    std::sort(all.begin(), all.end());
    return all;
  }
};
PENSTOCK_ON_EVERY_STORE(user_store);

TEST_P(user_store, UserIsReadBack) {
  const auto organisation = organisation_id{apply(add_organisation{{.id = {}, .name = "Acme"}})};
  const auto id = add("anna", organisation);
  const auto found = reader->access().find_user(id);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->name, "anna");
  EXPECT_EQ(found->password_hash, "hash of anna");
  EXPECT_EQ(found->grants, role::operating);
  EXPECT_EQ(found->organisation, organisation);
  EXPECT_EQ(found->created_by, "admin");
  EXPECT_EQ(found->created_at, clock.now());
  EXPECT_EQ(found->last_signed_in_at, no_time);
  EXPECT_EQ(found->version, 1);
  EXPECT_EQ(reader->access().find_user_named("anna").value()->id, id);
  EXPECT_FALSE(reader->access().find_user_named("Anna").value());
  EXPECT_EQ(reader->access().find_user({77}).error().code, error_code::not_found);
  EXPECT_EQ(reader->access().users()->size(), 1u);
}

TEST_P(user_store, WhatCannotBeIsRefused) {
  add("anna");
  const auto with = [](const std::string& name, const std::string& hash, organisation_id of = {}) {
    user made;
    made.name = name;
    made.password_hash = hash;
    made.organisation = of;
    return add_user{made};
  };
  EXPECT_EQ(refusal(with("anna", "h")), error_code::conflict);
  EXPECT_EQ(refusal(with("", "h")), error_code::invalid_argument);
  EXPECT_EQ(refusal(with("ben", "")), error_code::invalid_argument);
  EXPECT_EQ(refusal(with("ben", "h", {77})), error_code::not_found);
  EXPECT_EQ(refusal(edit_user{.id = {77}}), error_code::not_found);
  EXPECT_EQ(refusal(remove_user{{77}}), error_code::not_found);
  EXPECT_EQ(refusal(session('a', {77})), error_code::not_found);
}

TEST_P(user_store, SessionIsReadUntilItExpires) {
  const auto id = add("anna");
  apply(session('a', id));
  const auto found = reader->access().user_sessions(clock.now());
  ASSERT_EQ(found->size(), 1u);
  EXPECT_EQ(found->front().who.id, id);
  EXPECT_EQ(found->front().who.name, "anna");
  EXPECT_EQ(found->front().who.grants, role::operating);
  EXPECT_TRUE(found->front().who.password_hash.empty());
  EXPECT_EQ(found->front().expires_at, clock.now() + 1h);
  EXPECT_EQ(found->front().address, "10.0.0.1");
  EXPECT_EQ(reader->access().find_user(id)->last_signed_in_at, clock.now());
  EXPECT_EQ(reader->access().find_user(id)->version, 1) << "signing in is no edit";
  clock.advance(1h);
  EXPECT_TRUE(hashes().empty());
  apply(session('b', id));
  EXPECT_EQ(stored_sessions(), 1) << "the next sign-in forgets what has expired";
}

TEST_P(user_store, SessionOpensOnlyForTheUserAsItWasRead) {
  const auto id = add("anna");
  auto late = session('a', id);
  apply(edit_user{.id = id, .grants = role::viewer});
  EXPECT_EQ(refusal(std::move(late)), error_code::precondition_failed);
  EXPECT_TRUE(hashes().empty());
}

TEST_P(user_store, EditEndsSessionsButForOne) {
  const auto id = add("anna"), other = add("ben");
  apply(session('a', id));
  apply(session('b', id));
  apply(session('c', other));
  apply(edit_user{.id = id, .password_hash = "another", .session_kept = std::string(64, 'b')});
  EXPECT_EQ(hashes(), (std::vector<std::string>{"b", "c"}));
  apply(edit_user{.id = id, .grants = role::viewer});
  EXPECT_EQ(hashes(), (std::vector<std::string>{"c"}));
  const auto found = reader->access().find_user(id);
  EXPECT_EQ(found->password_hash, "another");
  EXPECT_EQ(found->grants, role::viewer);
  EXPECT_EQ(found->version, 3);
  EXPECT_EQ(refusal(edit_user{.id = id, .grants = role::admin, .expected_version = 2}),
            error_code::precondition_failed);
}

TEST_P(user_store, SessionsEndOneByOneAndWithTheirUser) {
  const auto id = add("anna");
  apply(session('a', id));
  apply(session('b', id));
  apply(close_session{std::string(64, 'a')});
  apply(close_session{std::string(64, 'a')});
  EXPECT_EQ(hashes(), (std::vector<std::string>{"b"}));
  apply(remove_user{id});
  EXPECT_EQ(stored_sessions(), 0);
}

TEST_P(user_store, VeryManySessionsEndTheOldest) {
  const auto id = add("anna");
  const std::string digits = "0123456789abcdefghijklmnop";
  for (const char digit : digits) {
    clock.advance(1s);
    apply(session(digit, id));
  }
  const auto left = hashes();
  ASSERT_EQ(std::ssize(left), 20);
  EXPECT_EQ(left.front(), digits.substr(digits.size() - 20, 1));
}

TEST_P(user_store, WhoCameWasChangedAndWentIsTold) {
  const auto id = add("anna");
  apply(edit_user{.id = id, .grants = role::viewer});
  apply(session_of_version(id, 2));
  apply(remove_user{id});
  EXPECT_EQ(event_types("user.*"), (std::vector<std::string>{"user.created", "user.updated", "user.removed"}));
  event_filter filter;
  filter.type_glob = "user.updated";
  const auto told = reader->events().list(filter, 10);
  ASSERT_EQ(told->size(), 1u);
  EXPECT_EQ(told->front().subject, "users/" + std::to_string(id.value));
  EXPECT_NE(told->front().data.find(R"("role":"viewer")"), std::string::npos) << told->front().data;
  EXPECT_EQ(told->front().data.find("hash"), std::string::npos);
}

TEST_P(user_store, UsersGoWithTheirOrganisation) {
  const auto organisation = organisation_id{apply(add_organisation{{.id = {}, .name = "Acme"}})};
  const auto id = add("anna", organisation);
  apply(session('a', id));
  add("ben");
  apply(remove_organisation{organisation});
  EXPECT_EQ(reader->access().users()->size(), 1u);
  EXPECT_TRUE(hashes().empty());
}

} // namespace
} // namespace penstock::storage
