#include <set>

#include "tests/storage/store_conformance.hpp"

// Organisations, tokens, the audit, and units that are done once.
namespace penstock::storage {
namespace {

using namespace std::chrono_literals;

class access_store : public store_conformance {
protected:
  organisation_id add_org(const std::string& name) {
    return organisation_id{apply(add_organisation{{.id = {}, .name = name}})};
  }
  static access_token token(char digit, organisation_id of = {}) {
    access_token made;
    made.name = "deploy";
    made.hash = std::string(64, digit);
    made.grants = role::operating;
    made.organisation = of;
    made.created_by = "admin";
    return made;
  }
  error_code refusal(engine_change change) {
    unit_of_work unit;
    unit.changes.push_back(std::move(change));
    const auto done = commit(std::move(unit));
    return done.ok() ? error_code::none : done.refused->code;
  }
  std::vector<access_token> tokens() {
    auto all = reader->access().tokens();
    EXPECT_TRUE(all);
    return all.value_or(std::vector<access_token>{});
  }
  static unit_of_work once(const std::string& key, const std::string& fingerprint, job_request wanted) {
    unit_of_work unit;
    unit.changes.push_back(do_once{key, fingerprint});
    unit.jobs.push_back(std::move(wanted));
    return unit;
  }
};
PENSTOCK_ON_EVERY_STORE(access_store);

TEST_P(access_store, OrganisationIsReadBackAndRenamed) {
  const auto id = add_org("Acme");
  auto found = reader->access().find_organisation(id);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->name, "Acme");
  EXPECT_EQ(found->version, 1);
  EXPECT_EQ(found->created_at, clock.now());
  clock.advance(1h);
  apply(edit_organisation{.id = id, .name = "Acme Ltd", .expected_version = 1});
  found = reader->access().find_organisation(id);
  EXPECT_EQ(found->name, "Acme Ltd");
  EXPECT_EQ(found->version, 2);
  EXPECT_EQ(found->updated_at, clock.now());
}

TEST_P(access_store, NamesOfOrganisationsAreTakenOnce) {
  add_org("Acme");
  const auto other = add_org("Other");
  EXPECT_EQ(refusal(add_organisation{{.id = {}, .name = "Acme"}}), error_code::conflict);
  EXPECT_EQ(refusal(edit_organisation{.id = other, .name = "Acme"}), error_code::conflict);
  EXPECT_EQ(refusal(add_organisation{{.id = {}, .name = ""}}), error_code::invalid_argument);
  EXPECT_EQ(refusal(edit_organisation{.id = {77}, .name = "New"}), error_code::not_found);
}

TEST_P(access_store, EditOfAnotherVersionIsRefused) {
  const auto id = add_org("Acme");
  apply(edit_organisation{.id = id, .name = "First", .expected_version = 1});
  EXPECT_EQ(refusal(edit_organisation{.id = id, .name = "Second", .expected_version = 1}),
            error_code::precondition_failed);
  EXPECT_EQ(reader->access().find_organisation(id)->name, "First");
}

TEST_P(access_store, IntegrationAndScheduleHaveVersionsThatEditsRaise) {
  const auto id = add_probe();
  EXPECT_EQ(integration_of(id).version, 1);
  apply(edit_integration{.id = id, .name = "First", .expected_version = 1});
  EXPECT_EQ(integration_of(id).version, 2);
  EXPECT_EQ(refusal(edit_integration{.id = id, .name = "Second", .expected_version = 1}),
            error_code::precondition_failed);
  EXPECT_EQ(integration_of(id).name, "First");
  apply(act_on_integration{id, integration_action::pause, {}});
  EXPECT_EQ(integration_of(id).version, 2) << "what it goes through is no edit";

  schedule nightly;
  nightly.name = "nightly";
  nightly.rule = "30 4 * * *";
  nightly.kind = "probe.task";
  apply(add_schedule{nightly});
  apply(edit_schedule{.name = "nightly", .rule = "30 5 * * *", .expected_version = 1});
  EXPECT_EQ(refusal(edit_schedule{.name = "nightly", .rule = "30 6 * * *", .expected_version = 1}),
            error_code::precondition_failed);
  const auto found = reader->schedules().find("nightly");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->rule, "30 5 * * *");
  EXPECT_EQ(found->version, 2);
}

TEST_P(access_store, OrganisationGoesWithItsTokensOnceItHasNoIntegrations) {
  const auto id = add_org("Acme");
  apply(add_token{token('a', id)});
  apply(add_token{token('b')});
  const auto held = add_probe("probe", 1h, id);
  EXPECT_EQ(refusal(remove_organisation{id}), error_code::conflict);
  apply(remove_integration{held});
  apply(remove_organisation{id});
  ASSERT_EQ(tokens().size(), 1u);
  EXPECT_EQ(tokens()[0].hash, std::string(64, 'b'));
  EXPECT_EQ(refusal(remove_organisation{id}), error_code::not_found);
}

TEST_P(access_store, OrganisationsAreListedInPagesTheNewestFirst) {
  for (const auto* name : {"A", "B", "C"}) {
    add_org(name);
    clock.advance(1s);
  }
  const auto first = reader->access().organisations({.limit = 2});
  ASSERT_TRUE(first);
  ASSERT_EQ(first->items.size(), 2u);
  EXPECT_EQ(first->items[0].name, "C");
  const auto second = reader->access().organisations({.cursor = first->next_cursor, .limit = 2});
  ASSERT_TRUE(second);
  ASSERT_EQ(second->items.size(), 1u);
  EXPECT_EQ(second->items[0].name, "A");
  EXPECT_EQ(second->next_cursor, "");
}

TEST_P(access_store, TokenIsReadBackWithoutWhatItIs) {
  const auto of = add_org("Acme");
  auto made = token('a', of);
  made.expires_at = clock.now() + 24h;
  const token_id id{apply(add_token{made})};
  const auto all = tokens();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].id, id);
  EXPECT_EQ(all[0].name, "deploy");
  EXPECT_EQ(all[0].hash, made.hash);
  EXPECT_EQ(all[0].grants, role::operating);
  EXPECT_EQ(all[0].organisation, of);
  EXPECT_EQ(all[0].created_by, "admin");
  EXPECT_EQ(all[0].created_at, clock.now());
  EXPECT_EQ(all[0].expires_at, made.expires_at);
  EXPECT_EQ(all[0].last_used_at, no_time);
}

TEST_P(access_store, TokensThatCannotBeAreRefused) {
  apply(add_token{token('a')});
  EXPECT_EQ(refusal(add_token{token('a')}), error_code::conflict);
  EXPECT_EQ(refusal(add_token{token('b', {77})}), error_code::not_found);
  auto expired = token('c');
  expired.expires_at = clock.now();
  EXPECT_EQ(refusal(add_token{expired}), error_code::invalid_argument);
  auto nameless = token('d');
  nameless.name.clear();
  EXPECT_EQ(refusal(add_token{nameless}), error_code::invalid_argument);
  EXPECT_EQ(refusal(remove_token{{77}}), error_code::not_found);
}

TEST_P(access_store, LastUseOfATokenOnlyGoesForward) {
  const token_id id{apply(add_token{token('a')})};
  apply(note_token_uses{{{id, clock.now()}, {{77}, clock.now()}}});
  apply(note_token_uses{{{id, clock.now() - 1h}}});
  EXPECT_EQ(tokens().at(0).last_used_at, clock.now());
  apply(remove_token{id});
  EXPECT_TRUE(tokens().empty());
}

TEST_P(access_store, AuditIsWrittenWithWhatItTellsOfOrNotAtAll) {
  const auto of = add_org("Acme");
  unit_of_work unit;
  unit.changes.push_back(edit_organisation{.id = of, .name = "Renamed"});
  unit.changes.push_back(note_audit{{.actor = "token deploy",
                                     .action = "PATCH /api/v1/organisations/{id}",
                                     .subject = "/api/v1/organisations/1",
                                     .organisation = of,
                                     .before = R"({"name":"Acme"})",
                                     .after = R"({"name":"Renamed"})",
                                     .request_id = "r-1",
                                     .address = "203.0.113.9"}});
  EXPECT_TRUE(commit(std::move(unit)).ok());
  unit_of_work refused;
  refused.changes.push_back(note_audit{{.actor = "admin", .action = "DELETE", .subject = "x"}});
  refused.changes.push_back(remove_organisation{{77}});
  EXPECT_FALSE(commit(std::move(refused)).ok());

  const auto found = reader->access().audit({}, {});
  ASSERT_TRUE(found);
  ASSERT_EQ(found->items.size(), 1u);
  const auto& entry = found->items[0];
  EXPECT_EQ(entry.at, clock.now());
  EXPECT_EQ(entry.actor, "token deploy");
  EXPECT_EQ(entry.action, "PATCH /api/v1/organisations/{id}");
  EXPECT_EQ(entry.organisation, of);
  EXPECT_EQ(entry.before, R"({"name":"Acme"})");
  EXPECT_EQ(entry.after, R"({"name":"Renamed"})");
  EXPECT_EQ(entry.request_id, "r-1");
  EXPECT_EQ(entry.address, "203.0.113.9");
}

TEST_P(access_store, AuditIsFilteredAndSwept) {
  const auto of = add_org("Acme");
  const auto note = [&](const std::string& actor, organisation_id whose) {
    apply(note_audit{{.actor = actor, .action = "POST", .subject = "/x/" + actor, .organisation = whose}});
    clock.advance(24h);
  };
  note("a", {});
  note("b", of);
  note("c", of);
  const auto actors = [&](const audit_filter& filter) {
    std::string all;
    const auto found = reader->access().audit(filter, {});
    EXPECT_TRUE(found);
    for (const auto& each : found->items)
      all += each.actor;
    return all;
  };
  EXPECT_EQ(actors({}), "cba");
  EXPECT_EQ(actors({.organisation = of}), "cb");
  EXPECT_EQ(actors({.actor = "a"}), "a");
  EXPECT_EQ(actors({.subject = "/x/b"}), "b");
  const auto swept = answer(sweep_history{.audit_before = clock.now() - 36h});
  EXPECT_EQ(swept.created.back(), 2);
  EXPECT_EQ(actors({}), "c");
}

TEST_P(access_store, UnitUnderAKeyIsDoneOnceAndAnswersTheSameAgain) {
  const auto first = commit(once("0 order-7", "f1", request("probe.task")));
  ASSERT_TRUE(first.ok());
  const auto again = commit(once("0 order-7", "f1", request("probe.task")));
  ASSERT_TRUE(again.ok());
  ASSERT_EQ(again.jobs.size(), 1u);
  EXPECT_EQ(again.jobs[0].id, first.jobs[0].id);
  EXPECT_FALSE(again.jobs[0].deduplicated);
  EXPECT_EQ(summary("default").waiting, 1);
  EXPECT_EQ(commit(once("0 order-7", "f2", request("probe.task"))).refused->code, error_code::key_reused);
  EXPECT_TRUE(commit(once("1 order-7", "f2", request("probe.task"))).ok()) << "another caller's key is another key";
  EXPECT_EQ(summary("default").waiting, 2);
}

TEST_P(access_store, TwoOfOneKeyInOneCommitAreDoneOnce) {
  std::vector<unit_of_work> units;
  for (int i = 0; i < 3; ++i)
    units.push_back(once("0 together", "f1", request("probe.task")));
  const auto done = commit_group(std::move(units));
  std::set<job_id> told;
  for (const auto& batch : done.batches)
    for (const auto& unit : batch.units) {
      ASSERT_TRUE(unit.ok());
      told.insert(unit.jobs.at(0).id);
    }
  EXPECT_EQ(told.size(), 1u);
  EXPECT_EQ(summary("default").waiting, 1);
}

TEST_P(access_store, RefusedUnitLeavesItsKeyFree) {
  unit_of_work unit = once("0 k", "f1", request("probe.task"));
  unit.changes.push_back(remove_token{{77}});
  EXPECT_FALSE(commit(std::move(unit)).ok());
  EXPECT_TRUE(commit(once("0 k", "f1", request("probe.task"))).ok());
}

TEST_P(access_store, FiringOfAScheduleIsToldAgainUnderItsKey) {
  schedule nightly;
  nightly.name = "nightly";
  nightly.rule = "30 4 * * *";
  nightly.kind = "probe.task";
  apply(add_schedule{nightly});
  const auto fire = [&] {
    unit_of_work unit;
    unit.changes.push_back(do_once{"0 fire", "f"});
    unit.changes.push_back(fire_schedule{.name = "nightly", .reason = firing_reason::manual});
    return commit(std::move(unit));
  };
  const auto first = fire(), again = fire();
  ASSERT_EQ(again.firings.size(), 1u);
  EXPECT_EQ(again.firings[0].jobs, first.firings.at(0).jobs);
  EXPECT_EQ(again.firings[0].at, first.firings[0].at);
  EXPECT_EQ(summary("default").waiting, 1);
}

TEST_P(access_store, KeyIsFreeAgainAfterADayThoughNobodySwept) {
  EXPECT_TRUE(commit(once("0 k", "f1", request("probe.task"))).ok());
  clock.advance(25h);
  const auto later = commit(once("0 k", "f2", request("probe.task")));
  ASSERT_TRUE(later.ok());
  EXPECT_FALSE(later.repeated);
  EXPECT_TRUE(commit(once("0 k", "f2", request("probe.task"))).repeated);
  EXPECT_EQ(summary("default").waiting, 2);
}

TEST_P(access_store, IntegrationOfAnUnknownOrganisationIsRefused) {
  integration value;
  value.service = "probe";
  value.name = "x";
  value.organisation = {77};
  EXPECT_EQ(refusal(add_integration{value}), error_code::not_found);
}

TEST_P(access_store, DeclarationThatChangesAScheduleIsANewVersion) {
  schedule nightly;
  nightly.name = "nightly";
  nightly.rule = "30 4 * * *";
  nightly.kind = "probe.task";
  apply(put_schedule{nightly});
  apply(put_schedule{nightly});
  EXPECT_EQ(reader->schedules().find("nightly")->version, 1);
  nightly.rule = "30 5 * * *";
  apply(put_schedule{nightly});
  EXPECT_EQ(reader->schedules().find("nightly")->version, 2);
}

TEST_P(access_store, AnswerIsKeptForADay) {
  apply(keep_answer{"0 k", "f", 201, R"({"id":"1"})"});
  const auto kept = reader->access().find_answer("0 k");
  ASSERT_TRUE(kept && *kept);
  EXPECT_EQ((*kept)->fingerprint, "f");
  EXPECT_EQ((*kept)->status, 201);
  EXPECT_EQ((*kept)->body, R"({"id":"1"})");
  EXPECT_EQ((*kept)->at, clock.now());
  EXPECT_FALSE(reader->access().find_answer("0 other")->has_value());
  clock.advance(23h);
  apply(sweep_history{});
  EXPECT_TRUE(reader->access().find_answer("0 k")->has_value());
  clock.advance(2h);
  apply(sweep_history{});
  EXPECT_FALSE(reader->access().find_answer("0 k")->has_value());
}

TEST_P(access_store, JobsAndEventsAreListedByOrganisation) {
  const auto of = add_org("Acme");
  auto theirs = request("probe.task");
  theirs.organisation = of;
  const auto id = enqueue(theirs).id;
  enqueue(request("probe.task"));
  const auto listed = jobs().list({.organisation = of}, {});
  ASSERT_TRUE(listed);
  ASSERT_EQ(listed->items.size(), 1u);
  EXPECT_EQ(listed->items[0].job.id, id);

  add_probe("theirs", 1h, of);
  add_probe("no one's");
  const auto events = reader->events().list({.organisation = of}, 100);
  ASSERT_TRUE(events);
  ASSERT_EQ(events->size(), 1u);
  EXPECT_EQ(events->at(0).organisation, of);
}

} // namespace
} // namespace penstock::storage
