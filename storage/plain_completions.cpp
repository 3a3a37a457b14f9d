#include "storage/plain_completions.hpp"

#include <algorithm>
#include <string>
#include <tuple>

#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

std::string delete_sql(std::size_t jobs) {
  std::string sql = "DELETE FROM waiting_jobs WHERE queue_id = :queue AND priority = :priority ";
  if (jobs == 1)
    return sql + "AND run_at = :run_at AND id = :id AND attempts = :attempts AND tied = 0";
  sql += "AND (run_at, id) >= (:first_run_at, :first_id) AND (run_at, id) <= (:last_run_at, :last_id) "
         "AND attempts = :attempts AND tied = 0 AND +id"; // the plus keeps the planner from looking each of them up
  for (std::size_t i = 0; i < jobs; ++i)
    sql += (i == 0 ? " IN (:id" : ", :id") + std::to_string(i) + (i + 1 == jobs ? ")" : "");
  return sql;
}

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

struct plain_completions::statements {
  statement remove, insert;
  statements(plain_completions& of, std::span<end> jobs)
      : remove(of.db_, "complete jobs", delete_sql(jobs.size())),
        insert(of.db_, "insert plain ends", insert_sql(jobs.size())) {
    remove.in(of.like_.queue).in(of.like_.priority);
    if (jobs.size() == 1)
      remove.in(jobs.front().run_at).in(jobs.front().id).in(of.like_.attempts);
    else
      remove.in(of.first_run_at_).in(of.first_id_).in(of.last_run_at_).in(of.last_id_).in(of.like_.attempts);
    for (auto& each : jobs) {
      if (jobs.size() > 1)
        remove.in(each.id);
      insert.in(each.id).in(each.started_at).in(each.finished_at);
    }
  }
};

plain_completions::plain_completions(session& db) : db_(db) {}

plain_completions::~plain_completions() = default;

void plain_completions::complete(const likeness& like, std::span<const end> jobs, std::span<bool> done,
                                 bool one_by_one) {
  like_ = like;
  sql_.cut(jobs.size(), one_by_one, [&](std::unique_ptr<statements>& sql, std::size_t at, std::size_t count) {
    run(sql, jobs.subspan(at, count), done.subspan(at, count));
  });
}

void plain_completions::run(std::unique_ptr<statements>& sql, std::span<const end> jobs, std::span<bool> done) {
  if (!sql)
    sql = std::make_unique<statements>(*this, std::span{ends_}.first(jobs.size()));
  std::copy(jobs.begin(), jobs.end(), ends_.begin());
  const auto place = [](const end& job) { return std::tie(job.run_at, job.id); };
  const auto [first, last] = std::minmax_element(
    jobs.begin(), jobs.end(), [&](const end& left, const end& right) { return place(left) < place(right); });
  std::tie(first_run_at_, first_id_) = place(*first);
  std::tie(last_run_at_, last_id_) = place(*last);
  const auto gone = sql->remove.run();
  if (gone != std::ssize(jobs) && jobs.size() > 1)
    throw ambiguous_batch{};
  std::fill(done.begin(), done.end(), gone == std::ssize(jobs));
  if (gone > 0)
    sql->insert.run();
}

} // namespace penstock::storage
