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

struct read_small_payload {
  std::int64_t job = 0;
  std::string body;
  statement sql;
  explicit read_small_payload(session& db)
      : sql(db, "read small payload", "SELECT payload FROM jobs WHERE id = :job AND payload IS NOT NULL") {
    sql.in(job).out(body);
  }
};

/// A payload that lies in its job's row.
std::optional<std::string> small_payload(session& db, std::int64_t job) {
  auto& small = db.query<read_small_payload>();
  small.job = job;
  if (!small.sql.one())
    return std::nullopt;
  return from_portable(std::move(small.body));
}

std::optional<std::string> read_body(session& db, std::int64_t job, payload_part part) {
  auto& pieces = db.query<read_pieces>();
  pieces.job = job;
  pieces.part = static_cast<std::int64_t>(part);
  std::optional<std::string> whole;
  for (bool row = pieces.sql.first(); row; row = pieces.sql.next()) {
    if (!whole)
      whole.emplace();
    *whole += from_portable(std::move(pieces.body));
  }
  return whole;
}

} // namespace

std::optional<payload_piece> read_piece(session& db, std::int64_t job, std::int64_t from) {
  if (from == 0)
    if (auto whole = small_payload(db, job))
      return payload_piece{0, std::move(*whole)};
  auto& piece = db.query<read_one_piece>();
  piece.job = job;
  piece.from = from;
  if (!piece.sql.one())
    return std::nullopt;
  return payload_piece{piece.number, from_portable(std::move(piece.body))};
}

std::optional<std::string> read_payload(session& db, std::int64_t job) {
  if (auto whole = small_payload(db, job))
    return whole;
  return read_body(db, job, payload_part::payload);
}

std::string read_args(session& db, std::int64_t job) { return read_body(db, job, payload_part::args).value_or("{}"); }

} // namespace penstock::storage
