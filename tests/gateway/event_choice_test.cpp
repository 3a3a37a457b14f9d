#include "gateway/event_choice.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace penstock::gateway {
namespace {

using namespace std::chrono_literals;

const timestamp noon = timestamp(std::chrono::sys_days(std::chrono::year(2026) / 6 / 1)) + 12h;

/// Events as the store gives them, which looks at few at a time.
class listed_events : public storage::event_reads {
public:
  static constexpr std::int64_t looked_at = 1'000;

  listed_events(std::int64_t first, std::int64_t last) {
    for (auto position = first; position <= last; ++position) {
      event one;
      one.position = position;
      one.id = {1'000'000'000'000'000 + position};
      one.type = position % 10 == 0 ? "rare.event" : "common.event";
      one.time = noon + std::chrono::seconds(position);
      all_.push_back(std::move(one));
    }
  }
  /// Those from there on come so much later, as after a restore.
  void move_on(std::int64_t from, std::int64_t by) {
    for (auto& each : all_)
      if (each.position >= from)
        each.position += by;
  }
  result<std::vector<event>> list(const storage::event_filter&, std::int64_t) override {
    return failure(error_code::internal, "nobody lists here without a bound");
  }
  result<storage::event_stretch> look_through(const storage::event_filter& filter, std::int64_t limit) override {
    ++reads;
    auto rows = all_;
    if (filter.newest_first)
      std::reverse(rows.begin(), rows.end());
    storage::event_stretch found;
    std::int64_t looked = 0, last = 0;
    for (const auto& each : rows) {
      if (each.position <= filter.after_position ||
          (filter.before_position > 0 && each.position >= filter.before_position))
        continue;
      if (looked++ == looked_at || std::ssize(found.events) == limit) {
        found.ended_at = last;
        return found;
      }
      last = each.position;
      if (each.time >= filter.since && (filter.source.empty() || filter.source == each.source) &&
          (filter.type_glob.empty() || matches_glob(filter.type_glob, each.type)))
        found.events.push_back(each);
    }
    return found;
  }
  result<std::int64_t> last_position() override { return all_.empty() ? 0 : all_.back().position; }
  result<std::int64_t> first_position() override { return all_.empty() ? 0 : all_.front().position; }
  result<std::int64_t> position_of(event_id id) override {
    const auto found = std::find_if(all_.begin(), all_.end(), [&](const event& each) { return each.id == id; });
    return found == all_.end() ? 0 : found->position;
  }
  result<storage::event_counts> count_by_type(timestamp, organisation_id) override {
    return failure(error_code::internal, "nobody counts here");
  }

  int reads = 0;

private:
  std::vector<event> all_;
};

std::vector<std::int64_t> positions(const storage::page_of<event>& page) {
  std::vector<std::int64_t> found;
  for (const auto& each : page.items)
    found.push_back(each.position);
  return found;
}

/// All pages of a list, put together.
std::vector<std::int64_t> walk(storage::event_reads& reads, const event_choice& choice, std::int64_t limit) {
  std::vector<std::int64_t> all;
  std::int64_t before = 0;
  for (int pages = 0; pages < 1000; ++pages) {
    const auto page = newest_events(reads, choice, before, limit);
    EXPECT_TRUE(page);
    EXPECT_LE(std::ssize(page->items), limit);
    for (const auto position : positions(*page))
      all.push_back(position);
    if (page->next_cursor.empty())
      return all;
    before = std::stoll(page->next_cursor);
  }
  ADD_FAILURE() << "the list has no end";
  return all;
}

TEST(event_choice, GlobsMatchWholeTexts) {
  struct row {
    std::string_view glob, text;
    bool matches;
  };
  const row rows[] = {
    {"*", "", true},
    {"*", "a.b", true},
    {"integration.*", "integration.updated", true},
    {"integration.*", "integration", false},
    {"*.failed", "job.failed", true},
    {"*.failed", "job.failed.x", false},
    {"job.?ailed", "job.failed", true},
    {"job.failed", "job.failed", true},
    {"job.failed", "Job.failed", false},
    {"a*b*c", "a1b2b3c", true},
    {"a*b*c", "a1b2b3", false},
    {"**", "x", true},
    {"?", "", false},
    {"", "", true},
    {"a*", "b", false},
  };
  for (const auto& row : rows)
    EXPECT_EQ(matches_glob(row.glob, row.text), row.matches) << row.glob << " " << row.text;
}

TEST(event_choice, MatchesAllThatIsAskedFor) {
  event one;
  one.type = "job.failed";
  one.source = "s";
  one.subject = "executions/1";
  one.time = noon;
  EXPECT_TRUE(event_choice{}.matches(one));
  EXPECT_TRUE((event_choice{"job.*", "s", "executions/1", noon}.matches(one)));
  EXPECT_FALSE((event_choice{"queue.*", "", "", no_time}.matches(one)));
  EXPECT_FALSE((event_choice{"", "t", "", no_time}.matches(one)));
  EXPECT_FALSE((event_choice{"", "", "executions/2", no_time}.matches(one)));
  EXPECT_FALSE((event_choice{"", "", "", noon + 1us}.matches(one)));
}

TEST(event_choice, ReaderOfAnOrganisationGetsItsEventsAlone) {
  event_choice choice;
  choice.organisation = {7};
  event theirs, others, nobodys;
  theirs.organisation = {7};
  others.organisation = {8};
  EXPECT_TRUE(choice.matches(theirs));
  EXPECT_FALSE(choice.matches(others));
  EXPECT_FALSE(choice.matches(nobodys));
  EXPECT_EQ(choice.filter(3).organisation, organisation_id{7});
}

TEST(event_choice, NewestPagesTakeEachEventOnce) {
  // Old events were swept: positions begin late. More events than a window, and a page that divides them evenly.
  listed_events store(501, 3500);
  for (const std::int64_t limit : {1000, 200, 7}) {
    const auto all = walk(store, {}, limit == 7 ? 50 : limit);
    ASSERT_EQ(all.size(), 3000u) << limit;
    EXPECT_EQ(all.front(), 3500);
    EXPECT_EQ(all.back(), 501);
    EXPECT_TRUE(std::is_sorted(all.rbegin(), all.rend()));
  }
}

TEST(event_choice, NewestPagesPassTheHoleOfARestore) {
  listed_events store(1, 3000);
  store.move_on(2900, 10'000'000'000);
  const auto all = walk(store, {}, 200);
  ASSERT_EQ(all.size(), 3000u);
  EXPECT_EQ(all[100], 10'000'002'900);
  EXPECT_EQ(all[101], 2899);
}

TEST(event_choice, NewestPagesKeepToFilters) {
  listed_events store(1, 2500);
  event_choice rare;
  rare.type_glob = "rare.*";
  const auto all = walk(store, rare, 50);
  ASSERT_EQ(all.size(), 250u);
  EXPECT_EQ(all.front(), 2500);
  event_choice late;
  late.since = noon + 2000s;
  EXPECT_EQ(walk(store, late, 50).size(), 501u);
}

TEST(event_choice, RareFilterCostsABoundedNumberOfReads) {
  listed_events store(1, 50'000);
  event_choice none;
  none.type_glob = "no.such.type";
  const auto page = newest_events(store, none, 0, 50);
  ASSERT_TRUE(page);
  EXPECT_TRUE(page->items.empty());
  EXPECT_FALSE(page->next_cursor.empty()) << "there is more to look through";
  EXPECT_EQ(store.reads, 1);
}

TEST(event_choice, RareFilterIsBoundedAlsoFromTheOldestOn) {
  listed_events store(1, 5'000);
  event_choice none;
  none.type_glob = "no.such.type";
  auto page = events_after(store, none, 0, 50);
  ASSERT_TRUE(page);
  EXPECT_TRUE(page->items.empty());
  EXPECT_EQ(page->next_cursor, "1000") << "there is more to look through";
  EXPECT_EQ(store.reads, 1);
  page = events_after(store, none, 4'000, 50);
  EXPECT_EQ(page->next_cursor, "");
}

TEST(event_choice, NothingStoredIsAnEmptyPage) {
  listed_events store(1, 0);
  const auto page = newest_events(store, {}, 0, 50);
  ASSERT_TRUE(page);
  EXPECT_TRUE(page->items.empty());
  EXPECT_EQ(page->next_cursor, "");
}

TEST(event_choice, OldestFirstReadsOnBehindAPosition) {
  listed_events store(1, 10);
  const auto first = events_after(store, {}, 0, 4);
  ASSERT_TRUE(first);
  EXPECT_EQ(positions(*first), (std::vector<std::int64_t>{1, 2, 3, 4}));
  EXPECT_EQ(first->next_cursor, "4");
  const auto last = events_after(store, {}, 8, 2);
  ASSERT_TRUE(last);
  EXPECT_EQ(positions(*last), (std::vector<std::int64_t>{9, 10}));
  EXPECT_EQ(last->next_cursor, "");
}

TEST(event_choice, ResumesBehindAPositionOrAnId) {
  listed_events store(1, 3);
  EXPECT_EQ(resume_position(store, 3).value(), 3);
  EXPECT_EQ(resume_position(store, 1'000'000'000'000'002).value(), 2);
  const auto unknown = resume_position(store, 1'000'000'000'000'004);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, error_code::not_found);
}

TEST(event_choice, OnlyWhatMayBeGoneIsTold) {
  EXPECT_FALSE(was_swept(0, 501)) << "from the oldest that is kept";
  EXPECT_TRUE(was_swept(499, 501));
  EXPECT_FALSE(was_swept(500, 501));
  EXPECT_FALSE(was_swept(501, 501));
}

} // namespace
} // namespace penstock::gateway
