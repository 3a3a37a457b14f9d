#include "storage/queue_warnings.hpp"

#include <boost/json.hpp>

#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

struct begin_warning {
  std::string queue, kind, message;
  std::int64_t since = 0;
  statement sql;
  explicit begin_warning(session& db)
      : sql(db, "begin queue warning",
            "INSERT INTO queue_warnings (queue, kind, message, since) VALUES (:queue, :kind, :message, :since) "
            "ON CONFLICT (queue, kind) DO NOTHING") {
    sql.in(queue).in(kind).in(message).in(since);
  }
};

struct end_warning {
  std::string queue, kind;
  statement sql;
  explicit end_warning(session& db)
      : sql(db, "end queue warning", "DELETE FROM queue_warnings WHERE queue = :queue AND kind = :kind") {
    sql.in(queue).in(kind);
  }
};

} // namespace

result<void> apply(change_context& context, const set_queue_warning& change) {
  bool is_news = false;
  if (change.on) {
    auto& begin = context.db.query<begin_warning>();
    begin.queue = change.queue;
    begin.kind = change.kind;
    begin.message = change.message;
    begin.since = micros(context.now);
    is_news = begin.sql.run() == 1;
  } else {
    auto& end = context.db.query<end_warning>();
    end.queue = change.queue;
    end.kind = change.kind;
    is_news = end.sql.run() == 1;
  }
  if (is_news)
    context.effects.raise(
      {.type = "queue.warning",
       .subject = "queues/" + change.queue,
       .data = boost::json::serialize(boost::json::object{{"queue", change.queue},
                                                          {"warning", change.kind},
                                                          {"state", change.on ? "raised" : "recovered"},
                                                          {"message", change.message}}),
       .integration = {},
       .organisation = {}});
  return {};
}

} // namespace penstock::storage
