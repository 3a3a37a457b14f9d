#include "tests/storage/store_conformance.hpp"

#include <gmock/gmock.h>

// Integrations: adding, editing, what people and providers do to them, removal.
namespace penstock::storage {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class integration_store : public store_conformance {
protected:
  integration_status status_of(integration_id id) { return integration_of(id).schedule.status; }
  std::vector<std::string> names(const integration_filter& filter, page_request page = {}) {
    std::vector<std::string> found;
    const auto answer = integrations().list(filter, page);
    EXPECT_TRUE(answer);
    for (const auto& each : answer->items)
      found.push_back(each.name);
    return found;
  }
};
PENSTOCK_ON_EVERY_STORE(integration_store);

TEST_P(integration_store, AddedOneIsReadBackWhole) {
  add_integration added;
  added.value.service = "probe";
  added.value.name = "First";
  added.value.organisation = {7};
  added.value.owner = "ann";
  added.value.config = R"({"accounts":["a"]})";
  added.value.schedule.frequency = minutes{15};
  const integration_id id{apply(added)};
  ASSERT_TRUE(id);
  const auto stored = integration_of(id);
  EXPECT_EQ(stored.id, id);
  EXPECT_EQ(stored.service, "probe");
  EXPECT_EQ(stored.name, "First");
  EXPECT_EQ(stored.organisation, organisation_id{7});
  EXPECT_EQ(stored.owner, "ann");
  EXPECT_EQ(stored.config, R"({"accounts":["a"]})");
  EXPECT_EQ(stored.schedule, connected(minutes{15}, clock.now()));
  EXPECT_EQ(stored.created_at, clock.now());
  EXPECT_FALSE(stored.live_run);
  EXPECT_THAT(event_types(), ElementsAre("integration.connected"));
  ASSERT_EQ(news.events.size(), 1u);
  EXPECT_EQ(news.events[0].integration, id);
  EXPECT_EQ(news.events[0].organisation, organisation_id{7});
  EXPECT_EQ(news.events[0].subject, "integrations/" + std::to_string(id.value));
}

TEST_P(integration_store, AddedPausedOneWaitsForConsent) {
  add_integration added;
  added.value.service = "probe";
  added.value.schedule.frequency = minutes{15};
  added.value.schedule.status = integration_status::paused;
  const integration_id id{apply(added)};
  EXPECT_EQ(status_of(id), integration_status::paused);
  EXPECT_EQ(integration_of(id).schedule.next_due_at, no_time);
  EXPECT_TRUE(event_types().empty()) << "it is not connected yet";
  apply(act_on_integration{id, integration_action::reauthorised, ""});
  EXPECT_THAT(event_types(), ElementsAre("integration.connected"));
}

TEST_P(integration_store, UnknownOnesAreNotFound) {
  const integration_id nobody{99};
  EXPECT_EQ(integrations().find(nobody).error().code, error_code::not_found);
  EXPECT_EQ(integrations().find_run(run_id{9}).error().code, error_code::not_found);
  edit_integration edit;
  edit.id = nobody;
  for (const engine_change& change :
       {engine_change{edit}, engine_change{act_on_integration{nobody}}, engine_change{remove_integration{nobody}},
        engine_change{reset_cursor{nobody, "", ""}}, engine_change{mark_triggered{nobody}},
        engine_change{start_run{ids.make<run_id>(), nobody, {}, ""}}}) {
    const auto refused = answer(change);
    ASSERT_FALSE(refused.ok()) << change.index();
    EXPECT_EQ(refused.refused->code, error_code::not_found) << change.index();
  }
}

TEST_P(integration_store, OneThatWasResetIsDueAtOnce) {
  const auto id = add_probe("read again", hours{1});
  apply(reset_cursor{id, "items", "5"});
  clock.advance(minutes{1});
  apply(reset_cursor{id, "items", ""});
  EXPECT_EQ(integration_of(id).schedule.next_due_at, clock.now());
  EXPECT_EQ(answer(reset_cursor{id, "itmes", ""}).refused->code, error_code::not_found) << "a slip is no new stream";
}

TEST_P(integration_store, EditLeavesAbsentValuesAlone) {
  const auto id = add_probe("before", hours{1});
  clock.advance(minutes{1});
  edit_integration edit;
  edit.id = id;
  edit.name = "after";
  apply(edit);
  EXPECT_EQ(integration_of(id).name, "after");
  EXPECT_EQ(integration_of(id).schedule.frequency, duration{hours{1}});
  EXPECT_EQ(integration_of(id).updated_at, clock.now());
  edit.name.reset();
  edit.config = R"({"a":1})";
  edit.frequency = duration{0};
  apply(edit);
  EXPECT_EQ(integration_of(id).name, "after");
  EXPECT_EQ(integration_of(id).config, R"({"a":1})");
  EXPECT_EQ(integration_of(id).schedule.frequency, duration{0});
  EXPECT_EQ(integration_of(id).schedule.next_due_at, no_time);
}

TEST_P(integration_store, ActionsFollowTheStateMachine) {
  const auto id = add_probe();
  apply(act_on_integration{id, integration_action::pause, ""});
  EXPECT_EQ(status_of(id), integration_status::paused);
  EXPECT_EQ(integration_of(id).schedule.next_due_at, no_time);
  apply(act_on_integration{id, integration_action::resume, ""});
  EXPECT_EQ(status_of(id), integration_status::idle);
  EXPECT_NE(integration_of(id).schedule.next_due_at, no_time);
  EXPECT_EQ(answer(act_on_integration{id, integration_action::resume, ""}).refused->code, error_code::conflict);
  apply(act_on_integration{id, integration_action::disconnect, ""});
  EXPECT_EQ(status_of(id), integration_status::disconnected);
  EXPECT_EQ(answer(act_on_integration{id, integration_action::pause, ""}).refused->code, error_code::conflict);
}

TEST_P(integration_store, RequiresReauthIsToldOnceAndEndsWithConsent) {
  const auto id = add_probe();
  apply(act_on_integration{id, integration_action::requires_reauth, "consent was revoked"});
  EXPECT_EQ(status_of(id), integration_status::requires_reauth);
  EXPECT_EQ(integration_of(id).last_error, "consent was revoked");
  apply(act_on_integration{id, integration_action::requires_reauth, "consent was revoked"});
  EXPECT_THAT(event_types("integration.requires_*"), ElementsAre("integration.requires_reauth"));
  apply(act_on_integration{id, integration_action::reauthorised, ""});
  EXPECT_EQ(status_of(id), integration_status::idle);
  EXPECT_EQ(integration_of(id).last_error, "");
  EXPECT_EQ(integration_of(id).schedule.next_due_at, clock.now());
}

TEST_P(integration_store, ListsNewestFirstInPages) {
  for (const auto* name : {"a", "b", "c", "d", "e"})
    add_probe(name);
  page_request page{"", 2};
  auto answer = integrations().list({}, page);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->items.at(0).name, "e");
  EXPECT_EQ(answer->items.at(1).name, "d");
  page.cursor = answer->next_cursor;
  EXPECT_THAT(names({}, page), ElementsAre("c", "b"));
  page.cursor = integrations().list({}, page)->next_cursor;
  answer = integrations().list({}, page);
  ASSERT_TRUE(answer);
  ASSERT_EQ(answer->items.size(), 1u);
  EXPECT_EQ(answer->items[0].name, "a");
  EXPECT_EQ(answer->next_cursor, "");
}

TEST_P(integration_store, ListFiltersByServiceStatusAndOrganisation) {
  add_probe("one", hours{1}, {1});
  const auto two = add_probe("two", hours{1}, {2});
  apply(act_on_integration{two, integration_action::pause, ""});
  EXPECT_THAT(names({.service = "probe"}), ElementsAre("two", "one"));
  EXPECT_THAT(names({.service = "other"}), IsEmpty());
  EXPECT_THAT(names({.status = integration_status::paused}), ElementsAre("two"));
  EXPECT_THAT(names({.organisation = {1}}), ElementsAre("one"));
  EXPECT_THAT(names({.status = integration_status::paused, .organisation = {1}}), IsEmpty());
  apply(trigger_due_integrations{});
  EXPECT_THAT(names({.status = integration_status::processing}), ElementsAre("one"));
  EXPECT_THAT(names({.status = integration_status::idle}), IsEmpty());
}

TEST_P(integration_store, TheViewShowsWhatTheDueCheckTriggered) {
  const auto id = add_probe("one", hours{1});
  const auto shown = [&](const std::string& column) {
    const auto rows = reader->rows().select("SELECT " + column + " FROM v_integrations", {});
    const auto& value = rows->rows.at(0).at(0);
    return std::holds_alternative<std::string>(value) ? std::get<std::string>(value) : "none";
  };
  EXPECT_EQ(shown("status"), "idle");
  EXPECT_NE(shown("next_due_at"), "none");
  EXPECT_EQ(shown("last_triggered_at"), "none");
  clock.advance(minutes{1});
  apply(trigger_due_integrations{});
  EXPECT_EQ(shown("status"), "processing");
  EXPECT_EQ(shown("next_due_at"), "none");
  EXPECT_EQ(shown("last_triggered_at"), shown("updated_at"));
  EXPECT_EQ(integration_of(id).updated_at, clock.now());
}

TEST_P(integration_store, OneThatIsEditedWhileTriggeredStaysSo) {
  const auto id = add_probe("one", hours{1});
  apply(trigger_due_integrations{});
  const auto triggered_at = clock.now();
  clock.advance(minutes{1});
  edit_integration edit;
  edit.id = id;
  edit.name = "renamed";
  apply(edit);
  const auto after = integration_of(id);
  EXPECT_EQ(after.name, "renamed");
  EXPECT_EQ(after.schedule.status, integration_status::processing);
  EXPECT_EQ(after.schedule.last_triggered_at, triggered_at);
  EXPECT_EQ(after.schedule.next_due_at, no_time);
  EXPECT_EQ(apply(trigger_due_integrations{}), 0);
}

TEST_P(integration_store, BadPageRequestsAreRefused) {
  for (const page_request& page : {page_request{"", 0}, page_request{"", 201}, page_request{"nonsense", 10}}) {
    const auto answer = integrations().list({}, page);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, error_code::invalid_argument);
  }
}

TEST_P(integration_store, RemovalTakesAllButTheRows) {
  const auto id = add_probe();
  const auto other = add_probe("other");
  unit_of_work page;
  page.rows.push_back({"probe_items", id, {{"s1", {std::string{"n"}, std::int64_t{1}, 0.5}, 1}}});
  page.rows.push_back({"probe_items", other, {{"s1", {std::string{"n"}, std::int64_t{1}, 0.5}, 1}}});
  ASSERT_TRUE(commit(page).ok());
  auto wanted = request("probe.fetch");
  wanted.integration = id;
  const auto waiting = enqueue(wanted).id;
  apply(reset_cursor{id, "items", "5"});
  credential tokens;
  tokens.integration = id;
  tokens.access_token = "t";
  apply(store_credential{tokens, 0});

  apply(remove_integration{id, false});
  EXPECT_EQ(integrations().find(id).error().code, error_code::not_found);
  EXPECT_EQ(job(waiting).state, job_state::cancelled);
  EXPECT_TRUE(integrations().cursors(id)->empty());
  EXPECT_FALSE(integrations().credential_of(id)->has_value());
  EXPECT_TRUE(ready_ids("fetch").empty());
  EXPECT_THAT(names({}), ElementsAre("other"));
  EXPECT_EQ(reader->rows().select("SELECT source_id FROM probe_items", {})->rows.size(), 2u);
  EXPECT_EQ(apply(trigger_due_integrations{}), 1) << "the other one";
}

TEST_P(integration_store, RemovalWithRowsTakesItsRowsAlone) {
  const auto id = add_probe();
  const auto other = add_probe("other");
  unit_of_work page;
  for (const auto each : {id, other})
    page.rows.push_back({"probe_items", each, {{"s1", {std::string{"n"}, std::int64_t{1}, 0.5}, 1}}});
  page.appends.push_back({"probe_log", {{std::string{"note"}, std::int64_t{1}}}});
  ASSERT_TRUE(commit(page).ok());
  apply(remove_integration{id, true});
  const auto left = reader->rows().select("SELECT integration_id FROM probe_items", {});
  ASSERT_TRUE(left);
  ASSERT_EQ(left->rows.size(), 1u);
  EXPECT_EQ(left->rows[0].at(0), column_value{other.value});
  EXPECT_EQ(reader->rows().select("SELECT note FROM probe_log", {})->rows.size(), 1u)
    << "rows of a log belong to no integration";
}

TEST_P(integration_store, RemovalIsRefusedWhileARunIsLive) {
  const auto id = add_probe();
  start_run_of(id);
  const auto refused = answer(remove_integration{id, true});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.refused->code, error_code::conflict);
  EXPECT_TRUE(integrations().find(id));
}

} // namespace
} // namespace penstock::storage
