#include "storage/plain_inserter.hpp"

#include <span>
#include <utility>

#include "storage/array_text.hpp"
#include "storage/portable_text.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

std::string insert_sql(std::size_t rows) {
  std::string sql = "INSERT INTO jobs (id, queue_id, kind_id, state, priority, attempts, ties, run_at, started_at, "
                    "finished_at, args, triggered_by, trace_id) VALUES ";
  for (std::size_t i = 0; i < rows; ++i) {
    const auto n = std::to_string(i);
    sql.append(i == 0 ? "(:id" : ", (:id").append(n).append(", :queue").append(n).append(", :kind").append(n);
    sql.append(", 0, :priority").append(n).append(", 0, 0, :run_at").append(n).append(", :started_at").append(n);
    sql.append(", :finished_at").append(n).append(", :args").append(n).append(", :triggered_by").append(n);
    sql.append(", :trace_id").append(n).append(")");
  }
  return sql;
}

std::string insert_order_sql(std::size_t rows) {
  std::string sql = "INSERT INTO waiting_jobs (queue_id, priority, run_at, id, attempts, tied) VALUES ";
  for (std::size_t i = 0; i < rows; ++i) {
    const auto n = std::to_string(i);
    sql.append(i == 0 ? "(:queue" : ", (:queue")
      .append(n)
      .append(", :priority")
      .append(n)
      .append(", :run_at")
      .append(n);
    sql.append(", :id").append(n).append(", 0, 0)");
  }
  return sql;
}

} // namespace

struct plain_inserter::insert_rows {
  statement sql, order;
  insert_rows(session& db, std::span<row> rows)
      : sql(db, "insert jobs", insert_sql(rows.size())),
        order(db, "insert waiting jobs", insert_order_sql(rows.size())) {
    for (auto& each : rows) {
      sql.in(each.id).in(each.queue).in(each.kind).in(each.priority).in(each.run_at).in(each.run_at).in(each.run_at);
      sql.in(each.args).in(each.triggered_by).in(each.trace_id);
      order.in(each.queue).in(each.priority).in(each.run_at).in(each.id);
    }
  }
  void run() {
    sql.run();
    order.run();
  }
};

struct plain_inserter::insert_arrays {
  array_text ids, queues, kinds, priorities, run_ats, args, triggered_by, trace_ids;
  statement sql, order;
  explicit insert_arrays(session& db)
      : sql(
          db, "insert jobs",
          "INSERT INTO jobs (id, queue_id, kind_id, state, priority, attempts, ties, run_at, started_at, finished_at, "
          "args, triggered_by, trace_id) SELECT id, queue, kind, 0, priority, 0, 0, run_at, run_at, run_at, args, "
          "triggered_by, trace_id FROM unnest(CAST(:ids AS BIGINT[]), CAST(:queues AS INTEGER[]), "
          "CAST(:kinds AS INTEGER[]), CAST(:priorities AS SMALLINT[]), CAST(:run_ats AS BIGINT[]), "
          "CAST(:args AS TEXT[]), CAST(:triggered_by AS TEXT[]), CAST(:trace_ids AS TEXT[])) "
          "AS r(id, queue, kind, priority, run_at, args, triggered_by, trace_id)"),
        order(
          db, "insert waiting jobs",
          "INSERT INTO waiting_jobs (queue_id, priority, run_at, id, attempts, tied) SELECT queue, priority, run_at, "
          "id, 0, 0 FROM unnest(CAST(:queues AS INTEGER[]), CAST(:priorities AS SMALLINT[]), "
          "CAST(:run_ats AS BIGINT[]), CAST(:ids AS BIGINT[])) AS r(queue, priority, run_at, id)") {
    for (auto* each : columns())
      sql.in(each->text());
    order.in(queues.text()).in(priorities.text()).in(run_ats.text()).in(ids.text());
  }
  std::array<array_text*, 8> columns() {
    return {&ids, &queues, &kinds, &priorities, &run_ats, &args, &triggered_by, &trace_ids};
  }
};

plain_inserter::plain_inserter(session& db)
    : db_(db), arrays_(db.sql_dialect().shared()), rows_(arrays_ ? rows_of_copy : rows_a_statement) {}

plain_inserter::~plain_inserter() = default;

plain_inserter::row& plain_inserter::next() {
  if (count_ == rows_.size()) {
    if (arrays_)
      copy(std::span{rows_}.first(std::exchange(count_, 0)));
    else
      flush();
  }
  return rows_[count_++];
}

void plain_inserter::flush() {
  const auto run = [this](std::unique_ptr<insert_rows>& insert, std::span<row> rows) {
    if (!insert)
      insert = std::make_unique<insert_rows>(db_, rows);
    insert->run();
  };
  const auto count = count_;
  count_ = 0; // whatever happens: a failed transaction starts again from the requests
  if (arrays_) {
    if (in_order_ > 0 || count == rows_of_copy) {
      copy(std::span{rows_}.first(count));
      copy_order();
    } else if (count > 0) {
      flush_arrays(std::span{rows_}.first(count));
    }
    return;
  }
  if (count == rows_.size())
    return run(all_, rows_);
  std::size_t at = 0;
  for (; at + 8 <= count; at += 8)
    run(eights_[at / 8], std::span{rows_}.subspan(at, 8));
  for (; at < count; ++at) {
    std::swap(single_, rows_[at]);
    run(one_, {&single_, 1});
  }
}

void plain_inserter::copy(std::span<row> rows) {
  if (rows.empty())
    return;
  const auto add_or_null = [&](nullable<std::string>& value) {
    if (!value.has_value())
      return copied_.add_null();
    mend_text(value.value);
    copied_.add(value.value);
  };
  copied_.clear();
  if (in_order_ == 0)
    order_.clear();
  in_order_ += rows.size();
  for (auto& each : rows) {
    const auto queue = static_cast<std::int32_t>(each.queue);
    const auto priority = static_cast<std::int16_t>(each.priority);
    constexpr std::int16_t none = 0; // state, attempts, ties
    copied_.begin_row(13);
    copied_.add(each.id);
    copied_.add(queue);
    copied_.add(static_cast<std::int32_t>(each.kind));
    copied_.add(none);
    copied_.add(priority);
    copied_.add(none);
    copied_.add(none);
    for (int time = 0; time < 3; ++time)
      copied_.add(each.run_at);
    mend_text(each.args);
    copied_.add(each.args);
    add_or_null(each.triggered_by);
    add_or_null(each.trace_id);

    order_.begin_row(6);
    order_.add(queue);
    order_.add(priority);
    order_.add(each.run_at);
    order_.add(each.id);
    order_.add(none);
    order_.add(none);
  }
  copied_.close();
  db_.copy("insert jobs",
           "COPY jobs (id, queue_id, kind_id, state, priority, attempts, ties, run_at, started_at, finished_at, args, "
           "triggered_by, trace_id) FROM STDIN (FORMAT binary)",
           copied_.bytes());
}

void plain_inserter::copy_order() {
  in_order_ = 0;
  order_.close();
  db_.copy("insert waiting jobs",
           "COPY waiting_jobs (queue_id, priority, run_at, id, attempts, tied) FROM STDIN (FORMAT binary)",
           order_.bytes());
}

void plain_inserter::flush_arrays(std::span<row> rows) {
  if (!in_arrays_)
    in_arrays_ = std::make_unique<insert_arrays>(db_);
  auto& to = *in_arrays_;
  for (auto* each : to.columns())
    each->clear();
  const auto add_or_null = [](array_text& column, const nullable<std::string>& value) {
    if (value.has_value())
      column.add(value.value);
    else
      column.add_null();
  };
  for (const auto& each : rows) {
    to.ids.add(each.id);
    to.queues.add(each.queue);
    to.kinds.add(each.kind);
    to.priorities.add(each.priority);
    to.run_ats.add(each.run_at);
    to.args.add(each.args);
    add_or_null(to.triggered_by, each.triggered_by);
    add_or_null(to.trace_ids, each.trace_id);
  }
  for (auto* each : to.columns())
    each->close();
  to.sql.post();
  to.order.post();
}

} // namespace penstock::storage
