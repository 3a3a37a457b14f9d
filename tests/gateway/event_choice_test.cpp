#include "gateway/event_choice.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "core/id_generator.hpp"

namespace penstock::gateway {
namespace {

using namespace std::chrono_literals;

const timestamp noon = timestamp(std::chrono::sys_days(std::chrono::year(2026) / 6 / 1)) + 12h;

/// Events as the store gives them: positions without holes from `first` on, types by turns.
class listed_events : public storage::event_reads {
public:
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
  result<std::vector<event>> list(const storage::event_filter& filter, std::int64_t limit) override {
    ++reads;
    std::vector<event> found;
    for (const auto& each : all_)
      if (std::ssize(found) < limit && each.position > filter.after_position && each.time >= filter.since &&
          (filter.type_glob.empty() || matches_glob(filter.type_glob, each.type)))
        found.push_back(each);
    return found;
  }
  result<std::int64_t> last_position() override { return all_.empty() ? 0 : all_.back().position; }
  result<std::int64_t> first_position() override { return all_.empty() ? 0 : all_.front().position; }
  result<std::vector<storage::event_count>> count_by_type(timestamp, organisation_id) override {
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
  EXPECT_LE(store.reads, 25);
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

class stored_by_id : public listed_events {
public:
  explicit stored_by_id(event one) : listed_events(1, 3), one_(std::move(one)) {}
  result<std::vector<event>> list(const storage::event_filter& filter, std::int64_t limit) override {
    return filter.since <= one_.time && limit > 0 ? std::vector<event>{one_} : std::vector<event>{};
  }

private:
  event one_;
};

TEST(event_choice, ResumesBehindAPositionOrAnId) {
  event one;
  one.position = 2;
  one.time = noon;
  one.id = {((noon - id_generator::epoch) / std::chrono::milliseconds(1)) << 22};
  stored_by_id store(one);
  EXPECT_EQ(resume_position(store, 3).value(), 3);
  EXPECT_EQ(resume_position(store, one.id.value).value(), 2);
  const auto unknown = resume_position(store, one.id.value + 1);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, error_code::not_found);
}

} // namespace
} // namespace penstock::gateway
