#include "storage/plain_completions.hpp"

#include <algorithm>
#include <string>
#include <tuple>

#include "storage/ending_ids.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

std::string insert_sql(std::size_t jobs) {
  std::string sql = "INSERT INTO plain_ends (job_id, started_at, finished_at) VALUES ";
  for (std::size_t i = 0; i < jobs; ++i) {
    const auto n = std::to_string(i);
    sql.append(i == 0 ? "(:id" : ", (:id").append(n).append(", :started").append(n).append(", :finished").append(n);
    sql.append(")");
  }
  return sql;
}

} // namespace

/// Of one job by its place; of more by the stretch in which they lie.
struct plain_completions::removals {
  ending_ids ids;
  std::int64_t run_at = 0, id = 0;
  std::int64_t first_run_at = 0, first_id = 0, last_run_at = 0, last_id = 0;
  statement one, several;

  explicit removals(plain_completions& of)
      : ids(of.db_.raw()),
        one(
          of.db_, "complete jobs",
          "DELETE FROM waiting_jobs WHERE queue_id = :queue AND priority = :priority AND run_at = :run_at AND id = :id "
          "AND attempts = :attempts AND tied = 0"),
        several(of.db_, "complete jobs",
                "DELETE FROM waiting_jobs WHERE queue_id = :queue AND priority = :priority "
                "AND (run_at, id) >= (:first_run_at, :first_id) AND (run_at, id) <= (:last_run_at, :last_id) "
                "AND attempts = :attempts AND tied = 0 AND is_ending(id)") {
    auto& like = of.like_;
    one.in(like.queue).in(like.priority).in(run_at).in(id).in(like.attempts);
    several.in(like.queue).in(like.priority).in(first_run_at).in(first_id).in(last_run_at).in(last_id);
    several.in(like.attempts);
  }

  bool remove(const end& job) {
    run_at = job.run_at;
    id = job.id;
    return one.run() > 0;
  }

  /// How many of them.
  std::int64_t remove(std::span<const end> jobs) {
    const auto place = [](const end& job) { return std::tie(job.run_at, job.id); };
    const auto [first, last] = std::minmax_element(
      jobs.begin(), jobs.end(), [&](const end& left, const end& right) { return place(left) < place(right); });
    std::tie(first_run_at, first_id) = place(*first);
    std::tie(last_run_at, last_id) = place(*last);
    ids.clear();
    for (const auto& each : jobs)
      ids.add(each.id);
    return several.run();
  }
};

struct plain_completions::insertion {
  statement sql;
  insertion(plain_completions& of, std::span<end> jobs) : sql(of.db_, "insert plain ends", insert_sql(jobs.size())) {
    for (auto& each : jobs)
      sql.in(each.id).in(each.started_at).in(each.finished_at);
  }
};

plain_completions::plain_completions(session& db) : db_(db) {}

plain_completions::~plain_completions() = default;

void plain_completions::complete(const likeness& like, std::span<const end> jobs, std::span<bool> done,
                                 bool one_by_one) {
  like_ = like;
  if (!removals_)
    removals_ = std::make_unique<removals>(*this);
  if (!one_by_one && jobs.size() > 1) {
    if (removals_->remove(jobs) != std::ssize(jobs))
      throw ambiguous_batch{};
    std::fill(done.begin(), done.end(), true);
    return insert(jobs);
  }
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    done[i] = removals_->remove(jobs[i]);
    if (done[i])
      insert(jobs.subspan(i, 1));
  }
}

void plain_completions::insert(std::span<const end> jobs) {
  insertions_.cut(jobs.size(), false, [&](std::unique_ptr<insertion>& sql, std::size_t at, std::size_t count) {
    if (!sql)
      sql = std::make_unique<insertion>(*this, std::span{ends_}.first(count));
    const auto some = jobs.subspan(at, count);
    std::copy(some.begin(), some.end(), ends_.begin());
    sql->sql.run();
  });
}

} // namespace penstock::storage
