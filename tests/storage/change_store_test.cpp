#include "tests/storage/store_conformance.hpp"

// Which synced rows were changed, and what is kept beside: the feed of changes, counts of events, maintenance.
namespace penstock::storage {
namespace {

using namespace std::chrono_literals;

class change_store : public store_conformance {
protected:
  static synced_row row(std::string id, std::int64_t amount) {
    return {std::move(id), {std::string("n"), amount, 0.5}, 0};
  }
  void store(std::vector<synced_row> rows, integration_id owner = {41}) {
    unit_of_work unit;
    unit.rows.push_back({"probe_items", owner, std::move(rows)});
    ASSERT_TRUE(commit(std::move(unit)).ok());
  }
  changed_rows list(const change_filter& filter = {}, std::int64_t limit = 100) {
    auto found = reader->changes().list(filter, limit);
    EXPECT_TRUE(found) << found.error().message;
    return found.value_or(changed_rows{});
  }
  /// "+a ~b -c"
  static std::string text_of(const changed_rows& found) {
    std::string text;
    for (const auto& each : found.rows) {
      const bool added = each.what == changed_row::action::added, gone = each.what == changed_row::action::deleted;
      text += (text.empty() ? "" : " ") + std::string(added ? "+" : gone ? "-" : "~") + each.source_id;
    }
    return text;
  }
};
PENSTOCK_ON_EVERY_STORE(change_store);

TEST_P(change_store, TellsWhatWasAddedAndUpdatedInTheOrderOfItsEvents) {
  store({row("a", 1), row("b", 1)});
  clock.advance(1h);
  store({row("a", 1), row("b", 2), row("c", 1)});
  store({row("a", 1)});
  const auto found = list();
  EXPECT_EQ(text_of(found), "+a +b ~b +c") << "what is as it was is not told";
  EXPECT_FALSE(found.more);
  ASSERT_EQ(found.rows.size(), 4u);
  EXPECT_EQ(found.rows[0].position, 1);
  EXPECT_EQ(found.rows[1].index, 1);
  EXPECT_EQ(found.rows[2].position, 2);
  EXPECT_EQ(found.rows[2].index, 0);
  EXPECT_EQ(found.rows[3].at, clock.now());
  EXPECT_EQ(found.rows[3].table, "probe_items");
  EXPECT_EQ(found.rows[3].integration, integration_id{41});
  EXPECT_EQ(event_types("records.changed").size(), 2u) << "each commit tells of it once";
}

TEST_P(change_store, TellsOnceThatARowIsDeletedAndOnceThatItIsBack) {
  auto gone = row("a", 1);
  gone.deleted = true;
  store({row("a", 1), row("b", 1)});
  store({gone});
  store({gone});
  EXPECT_EQ(text_of(list()), "+a +b -a");
  store({row("a", 1)});
  store({row("a", 1)});
  EXPECT_EQ(text_of(list()), "+a +b -a ~a");
  auto never_there = row("c", 1);
  never_there.deleted = true;
  store({never_there});
  EXPECT_EQ(text_of(list()), "+a +b -a ~a -c") << "nobody may take it for a row that is there";
  const auto told = reader->events().list({}, 100).value();
  EXPECT_NE(told.back().data.find(R"("deleted":1)"), std::string::npos) << told.back().data;
}

TEST_P(change_store, IdsThatNeedEscapesComeBackAsTheyAre) {
  const std::string odd = "a\"b\\c\n+~é/\t1";
  store({row(odd, 1)});
  EXPECT_EQ(list().rows.at(0).source_id, odd);
}

TEST_P(change_store, GoesOnBehindAnyRow) {
  store({row("a", 1), row("b", 1), row("c", 1)});
  store({row("d", 1)});
  std::string all;
  change_filter from;
  for (int pages = 0;; ++pages) {
    ASSERT_LT(pages, 10);
    const auto found = list(from, 1);
    all += text_of(found);
    if (found.rows.empty())
      break;
    EXPECT_EQ(found.more, found.rows.back().source_id != "d");
    from.after_position = found.rows.back().position;
    from.after_index = found.rows.back().index;
  }
  EXPECT_EQ(all, "+a+b+c+d");
  EXPECT_EQ(text_of(list({.after_position = 1})), "+d") << "behind all rows of an event";
  EXPECT_EQ(text_of(list({.after_position = 1, .after_index = 0})), "+b +c +d");
  EXPECT_EQ(text_of(list({.after_position = 2})), "");
}

TEST_P(change_store, TableAndOrganisationChoose) {
  const auto organisation = organisation_id{apply(add_organisation{{.id = {}, .name = "Acme"}})};
  const auto owned = add_probe("owned", 1h, organisation);
  store({row("a", 1)}, owned);
  store({row("b", 1)});
  EXPECT_EQ(text_of(list({.table = "probe_items", .organisation = organisation})), "+a");
  EXPECT_EQ(text_of(list({.table = "another"})), "");
  EXPECT_EQ(text_of(list()), "+a +b");
}

TEST_P(change_store, WhatIsRefusedChangedNothing) {
  unit_of_work unit;
  unit.rows.push_back({"probe_items", {41}, {row("a", 1)}});
  unit.changes.emplace_back(remove_user{{77}});
  EXPECT_FALSE(commit(std::move(unit)).ok());
  EXPECT_TRUE(list().rows.empty());
}

TEST_P(change_store, GoesWithItsEvents) {
  store({row("a", 1)});
  clock.advance(24h);
  store({row("b", 1)});
  EXPECT_EQ(reader->events().first_position().value(), 1);
  apply(sweep_history{.events_before = clock.now() - 1h});
  EXPECT_EQ(text_of(list()), "+b");
  EXPECT_EQ(reader->events().first_position().value(), 2);
  EXPECT_EQ(reader->rows().select("SELECT COUNT(*) FROM changed_rows", {})->rows.at(0).at(0),
            column_value{std::int64_t{1}});
}

TEST_P(change_store, LimitsAreKept) {
  EXPECT_EQ(reader->changes().list({}, 0).error().code, error_code::invalid_argument);
  EXPECT_EQ(reader->changes().list({}, 1001).error().code, error_code::invalid_argument);
}

TEST_P(change_store, EventsAreCountedByType) {
  store({row("a", 1)});
  clock.advance(2h);
  store({row("b", 1)});
  store({row("c", 1)});
  apply(pause_queue{"default", true});
  const auto counts = reader->events().count_by_type(clock.now() - 1h, {});
  ASSERT_TRUE(counts);
  EXPECT_EQ(counts->since, clock.now() - 1h);
  ASSERT_EQ(counts->items.size(), 2u);
  EXPECT_EQ(counts->items.at(0).type, "records.changed");
  EXPECT_EQ(counts->items.at(0).count, 2);
  EXPECT_EQ(counts->items.at(0).last_at, clock.now());
  EXPECT_EQ(counts->items.at(1).type, "queue.paused");
  EXPECT_EQ(reader->events().count_by_type(clock.now() - 3h, {})->items.at(0).count, 3);
  EXPECT_TRUE(reader->events().count_by_type(clock.now() - 3h, {77})->items.empty());
}

TEST_P(change_store, MaintenanceIsRemembered) {
  EXPECT_FALSE(reader->jobs().maintenance()->on);
  apply(set_maintenance{true, "admin"});
  clock.advance(1h);
  apply(set_maintenance{true, "another"});
  auto state = reader->jobs().maintenance();
  EXPECT_TRUE(state->on);
  EXPECT_EQ(state->by, "admin") << "it was on already";
  EXPECT_EQ(state->since, clock.now() - 1h);
  apply(set_maintenance{false, "admin"});
  apply(set_maintenance{false, "admin"});
  EXPECT_FALSE(reader->jobs().maintenance()->on);
  EXPECT_EQ(event_types("maintenance.*"), (std::vector<std::string>{"maintenance.began", "maintenance.ended"}));
}

} // namespace
} // namespace penstock::storage
