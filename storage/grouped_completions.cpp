#include "storage/grouped_completions.hpp"

#include <algorithm>
#include <string>

#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

std::string update_sql(std::size_t jobs) {
  std::string sql = "UPDATE jobs SET state = 3, spare = 0, attempts = attempts + 1, started_at = :started_at, "
                    "finished_at = :finished_at WHERE id";
  if (jobs == 1)
    sql += " = :id0";
  else
    for (std::size_t i = 0; i < jobs; ++i)
      sql += (i == 0 ? " IN (:id" : ", :id") + std::to_string(i) + (i + 1 == jobs ? ")" : "");
  return sql + " AND state = 0 AND attempts = :attempts AND queue_id = :queue AND ties = 0 AND group_key IS NOT NULL";
}

} // namespace

struct grouped_completions::update {
  statement sql;
  update(session& db, likeness& like, std::span<std::int64_t> ids) : sql(db, "complete jobs", update_sql(ids.size())) {
    sql.in(like.started_at).in(like.finished_at);
    for (auto& id : ids)
      sql.in(id);
    sql.in(like.attempts).in(like.queue);
  }
};

struct grouped_completions::find {
  std::int64_t id = 0, attempts = 0, found = 0;
  statement sql;
  find(session& db, likeness& like)
      : sql(db, "find completed job",
            "SELECT id FROM jobs WHERE id = :id AND state = 3 AND attempts = :attempts AND queue_id = :queue "
            "AND started_at = :started_at AND finished_at = :finished_at AND ties = 0") {
    sql.in(id).in(attempts).in(like.queue).in(like.started_at).in(like.finished_at).out(found);
  }
};

grouped_completions::grouped_completions(session& db) : db_(db) {}

grouped_completions::~grouped_completions() = default;

void grouped_completions::complete(const likeness& like, std::span<const std::int64_t> jobs, std::span<bool> done,
                                   bool one_by_one) {
  like_ = like;
  sql_.cut(jobs.size(), one_by_one, [&](std::unique_ptr<update>& sql, std::size_t at, std::size_t count) {
    run(sql, jobs.subspan(at, count), done.subspan(at, count));
  });
}

void grouped_completions::run(std::unique_ptr<update>& sql, std::span<const std::int64_t> jobs, std::span<bool> done) {
  if (!sql)
    sql = std::make_unique<update>(db_, like_, std::span{ids_}.first(jobs.size()));
  std::copy(jobs.begin(), jobs.end(), ids_.begin());
  const auto changed = sql->sql.run();
  std::fill(done.begin(), done.end(), changed == std::ssize(jobs));
  if (changed != std::ssize(jobs) && jobs.size() > 1)
    tell_apart(jobs, done, changed);
}

void grouped_completions::tell_apart(std::span<const std::int64_t> jobs, std::span<bool> done, std::int64_t changed) {
  if (!find_)
    find_ = std::make_unique<find>(db_, like_);
  find_->attempts = like_.attempts + 1;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    find_->id = jobs[i];
    const bool twice = std::find(jobs.begin(), jobs.begin() + static_cast<std::ptrdiff_t>(i), jobs[i]) !=
                       jobs.begin() + static_cast<std::ptrdiff_t>(i);
    done[i] = !twice && find_->sql.one();
  }
  // One that had been completed before in the very same way looks like one that was completed now.
  if (std::count(done.begin(), done.end(), true) != changed)
    throw ambiguous_batch{};
}

} // namespace penstock::storage
