#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "tests/storage/store_conformance.hpp"

// Pages of many rows, which may be written together: they say and store what row by row would.
namespace penstock::storage {
namespace {

constexpr integration_id owner{41};
constexpr std::size_t more_than_any = 10'000;

/// A table of synced rows as it is meant, one row after another.
class table_model {
public:
  struct kept {
    std::vector<column_value> values;
    std::int64_t version = 0, first_seen = 0, updated = 0;
    bool deleted = false;
  };

  void write(const synced_row& row, std::int64_t now, row_counts& counts) {
    const auto [found, is_new] = rows_.try_emplace(row.source_id, kept{row.values, row.version, now, now, row.deleted});
    if (is_new) {
      ++(row.deleted ? counts.deleted : counts.added);
      return;
    }
    auto& stored = found->second;
    const bool differs = stored.values != row.values;
    const bool changes = row.deleted ? !stored.deleted || differs : stored.deleted || differs;
    if (stored.version > row.version || !changes) {
      stored.version = std::max(stored.version, row.version);
      ++counts.unchanged;
      return;
    }
    ++(row.deleted && !stored.deleted ? counts.deleted : counts.updated);
    stored = {row.values, row.version, stored.first_seen, now, row.deleted};
  }

  [[nodiscard]] const std::map<std::string, kept>& rows() const noexcept { return rows_; }

private:
  std::map<std::string, kept> rows_;
};

/// Texts that an array's text form could get wrong.
const std::vector<column_value> odd_texts{std::string{},
                                          std::string{"NULL"},
                                          std::string{"null"},
                                          std::string{"{a,b}"},
                                          std::string{"a \"b\" \\ c"},
                                          std::string{"\\"},
                                          std::string{"'"},
                                          std::string{"line\nend"},
                                          std::string{" "},
                                          std::string{"ein Märchen 🚰"},
                                          std::string{"$1 :p"},
                                          column_value{},
                                          std::string(5'000, 'x'),
                                          std::string{"\t{}"}};
const std::vector<column_value> odd_numbers{0.1,   -2.5e-300, 1.7976931348623157e308, 0.0, 1.0 / 3, column_value{},
                                            5e-324};

class random_rows {
public:
  explicit random_rows(std::uint32_t seed) : random_(seed) {}
  std::size_t below(std::size_t limit) { return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_); }
  synced_row draw(std::size_t ids, std::size_t one_deleted_of) {
    synced_row row;
    row.source_id = "tx \"" + std::to_string(below(ids)) + "\\";
    const auto amount = below(3) == 0 ? column_value{} : column_value{static_cast<std::int64_t>(below(3)) - 1};
    row.values = {odd_texts[below(below(4) == 0 ? odd_texts.size() : 2)], amount,
                  odd_numbers[below(odd_numbers.size())]};
    row.version = below(2) == 0 ? 0 : static_cast<std::int64_t>(below(4));
    row.deleted = below(one_deleted_of) == 0;
    return row;
  }

private:
  std::mt19937 random_;
};

std::vector<std::vector<column_value>> sorted(std::vector<std::vector<column_value>> rows) {
  std::sort(rows.begin(), rows.end());
  return rows;
}

class row_pages_store : public store_conformance {
protected:
  row_counts store(std::vector<synced_row> rows) {
    unit_of_work unit;
    unit.rows.push_back({"probe_items", owner, std::move(rows)});
    const auto done = commit(std::move(unit));
    EXPECT_TRUE(done.ok()) << done.refused->message;
    return done.rows;
  }
  std::map<std::string, std::vector<column_value>> stored() {
    const auto found =
      reader->rows().select("SELECT source_id, name, amount, ratio, source_version, first_seen_at, updated_at, "
                            "CASE WHEN deleted_at IS NULL THEN 0 ELSE 1 END FROM probe_items",
                            {}, more_than_any);
    EXPECT_TRUE(found) << found.error().message;
    std::map<std::string, std::vector<column_value>> by_id;
    for (const auto& each : found->rows)
      by_id[std::get<std::string>(each[0])] = {each.begin() + 1, each.end()};
    return by_id;
  }
  void expect_equal(const table_model& model) {
    const auto found = stored();
    EXPECT_EQ(found.size(), model.rows().size());
    for (const auto& [id, row] : model.rows()) {
      auto wanted = row.values;
      wanted.insert(wanted.end(), {row.version, row.first_seen, row.updated, std::int64_t{row.deleted}});
      ASSERT_TRUE(found.contains(id)) << id;
      ASSERT_EQ(found.at(id), wanted) << id;
    }
  }
};
PENSTOCK_ON_EVERY_STORE(row_pages_store);

TEST_P(row_pages_store, PagesOfAnyMixSayAndStoreWhatRowByRowWould) {
  random_rows random(2026);
  table_model model;
  for (int page = 0; page < 16; ++page) {
    SCOPED_TRACE("page " + std::to_string(page));
    clock.advance(std::chrono::seconds{1});
    const auto now = clock.now().time_since_epoch().count();
    // Small and large pages; few ids, so that rows come twice, or many; deletions often, or hardly ever.
    const auto size = 1 + random.below(page % 3 == 0 ? 4 : 700);
    const std::size_t ids = page % 2 == 0 ? 60 : 2'000, deleted = page % 4 < 2 ? 5 : 400;
    std::vector<synced_row> rows;
    row_counts wanted;
    for (std::size_t i = 0; i < size; ++i) {
      rows.push_back(random.draw(ids, deleted));
      model.write(rows.back(), now, wanted);
    }
    const auto counts = store(std::move(rows));
    EXPECT_EQ(counts.added, wanted.added);
    EXPECT_EQ(counts.updated, wanted.updated);
    EXPECT_EQ(counts.deleted, wanted.deleted);
    EXPECT_EQ(counts.unchanged, wanted.unchanged);
    expect_equal(model);
  }
}

TEST_P(row_pages_store, WhatBecameOfARowIsToldOfThatRowInWhateverOrderTheyCome) {
  const auto row = [](std::string id, std::int64_t amount) {
    return synced_row{std::move(id), {std::string{"x"}, amount, 0.5}, 0};
  };
  store({row("m", 1), row("c", 1), row("x", 1)});
  store({row("x", 2), row("z", 1), row("c", 1), row("a", 1), row("m", 2), row("b", 1)});
  const auto told = reader->changes().list({}, 100);
  ASSERT_TRUE(told) << told.error().message;
  std::vector<std::pair<std::string, changed_row::action>> found;
  for (const auto& each : told->rows)
    found.emplace_back(each.source_id, each.what);
  using enum changed_row::action;
  EXPECT_EQ(found, (std::vector<std::pair<std::string, changed_row::action>>{{"m", added},
                                                                             {"c", added},
                                                                             {"x", added},
                                                                             {"x", updated},
                                                                             {"z", added},
                                                                             {"a", added},
                                                                             {"m", updated},
                                                                             {"b", added}}));
}

TEST_P(row_pages_store, IdsThatTheDatabaseMendsToOneAreOneRow) {
  const auto row = [](std::string id, std::string name) {
    return synced_row{std::move(id), {std::move(name), std::int64_t{1}, 0.5}, 0};
  };
  // No UTF-8: kept apart where texts are bytes, and one where they are not.
  const auto counts = store(
    {row("a\xFF", "first"), row("b", "cut off \xE2\x82"), row("a\xFE", "second"), row(std::string{"c\0", 2}, "nul")});
  const auto rows = stored();
  EXPECT_EQ(counts.added, std::ssize(rows));
  EXPECT_EQ(counts.added + counts.updated, 4);
  EXPECT_TRUE(rows.contains("b"));
  if (counts.updated == 1) {
    EXPECT_EQ(rows.at("a\uFFFD")[0], column_value{std::string{"second"}});
    EXPECT_EQ(rows.at("b")[0], column_value{std::string{"cut off \uFFFD\uFFFD"}});
    EXPECT_TRUE(rows.contains("c\uFFFD"));
  }
}

TEST_P(row_pages_store, APageThatIsLargerThanOneStatementTakesIsWhole) {
  std::vector<synced_row> rows;
  for (int i = 0; i < 1'203; ++i)
    rows.push_back({"tx_" + std::to_string(i), {std::string(i % 7 == 0 ? 3'000 : 10, 'x'), std::int64_t{i}, 0.5}, 1});
  rows[800].values[0] = std::string(600'000, 'y'); // by itself more than travels together
  EXPECT_EQ(store(rows).added, 1'203);
  EXPECT_EQ(store(rows).unchanged, 1'203);
  for (auto& row : rows)
    row.version = 2;
  EXPECT_EQ(store(rows).unchanged, 1'203);
  rows[5].values[1] = std::int64_t{-1};
  rows[5].version = 1;
  EXPECT_EQ(store({rows[5], rows[6]}).unchanged, 2) << "the newer version was remembered";
  rows[1'200].values[1] = std::int64_t{-1};
  EXPECT_EQ(store(rows).updated, 1);
}

TEST_P(row_pages_store, AppendedRowsAreAllThereAsTheyAre) {
  unit_of_work unit;
  auto& rows = unit.appends.emplace_back(row_appends{"probe_log", {}}).rows;
  for (int i = 0; i < 1'100; ++i)
    rows.push_back({odd_texts[static_cast<std::size_t>(i) % odd_texts.size()],
                    i % 5 == 0 ? column_value{} : column_value{std::int64_t{i}}});
  rows[700][0] = std::string(300'000, 'z');
  const auto wanted = rows;
  const auto done = commit(std::move(unit));
  ASSERT_TRUE(done.ok()) << done.refused->message;
  const auto found = reader->rows().select("SELECT note, amount FROM probe_log", {}, more_than_any);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(sorted(found->rows), sorted(wanted));
}

} // namespace
} // namespace penstock::storage
