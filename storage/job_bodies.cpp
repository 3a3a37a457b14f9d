#include "storage/job_bodies.hpp"

#include "storage/portable_text.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

struct read_pieces {
  std::int64_t job = 0, part = 0;
  std::string body;
  statement sql;
  explicit read_pieces(session& db)
      : sql(db, "read payload", "SELECT body FROM job_payloads WHERE job_id = :job AND part = :part ORDER BY chunk") {
    sql.in(job).in(part).out(body);
  }
};

struct read_one_piece {
  std::int64_t job = 0, part = static_cast<std::int64_t>(payload_part::payload), from = 0, number = 0;
  std::string body;
  statement sql;
  explicit read_one_piece(session& db)
      : sql(db, "read piece of payload",
            "SELECT chunk, body FROM job_payloads WHERE job_id = :job AND part = :part AND chunk >= :from ORDER BY "
            "chunk LIMIT 1") {
    sql.in(job).in(part).in(from).out(number).out(body);
  }
};

} // namespace

std::optional<payload_piece> read_piece(session& db, std::int64_t job, std::int64_t from) {
  auto& piece = db.query<read_one_piece>();
  piece.job = job;
  piece.from = from;
  if (!piece.sql.one())
    return std::nullopt;
  if (db.sql_dialect().utf8_only())
    return payload_piece{piece.number, from_portable(std::move(piece.body))};
  return payload_piece{piece.number, piece.body};
}

std::optional<std::string> read_body(session& db, std::int64_t job, payload_part part) {
  auto& pieces = db.query<read_pieces>();
  pieces.job = job;
  pieces.part = static_cast<std::int64_t>(part);
  const bool portable = db.sql_dialect().utf8_only();
  std::optional<std::string> whole;
  for (bool row = pieces.sql.first(); row; row = pieces.sql.next()) {
    if (!whole)
      whole.emplace();
    if (portable)
      *whole += from_portable(std::move(pieces.body));
    else
      *whole += pieces.body;
  }
  return whole;
}

std::string read_args(session& db, std::int64_t job) { return read_body(db, job, payload_part::args).value_or("{}"); }

} // namespace penstock::storage
