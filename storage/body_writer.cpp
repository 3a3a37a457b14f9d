#include "storage/body_writer.hpp"

#include "storage/portable_text.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

struct insert_chunk {
  std::int64_t job = 0, part = 0, chunk = 0;
  std::string body;
  statement sql;
  explicit insert_chunk(session& db)
      : sql(db, "insert payload",
            "INSERT INTO job_payloads (job_id, part, chunk, body) VALUES (:job, :part, :chunk, :body)") {
    sql.in(job).in(part).in(chunk).in(body);
  }
};

struct delete_chunks {
  std::int64_t job = 0;
  statement sql;
  explicit delete_chunks(session& db) : sql(db, "delete payload", "DELETE FROM job_payloads WHERE job_id = :job") {
    sql.in(job);
  }
};

} // namespace

void write_body(session& db, std::int64_t job, payload_part part, const std::string& body, std::int64_t first_chunk) {
  auto& insert = db.query<insert_chunk>();
  insert.job = job;
  insert.part = static_cast<std::int64_t>(part);
  insert.chunk = first_chunk;
  for (std::size_t at = 0; at < body.size(); ++insert.chunk) {
    const std::string_view rest = std::string_view{body}.substr(at);
    const auto length = whole_characters(rest, payload_chunk_bytes);
    insert.body = to_portable(rest.substr(0, length));
    insert.sql.post();
    at += length;
  }
}

void remove_bodies(session& db, std::int64_t job) {
  auto& remove = db.query<delete_chunks>();
  remove.job = job;
  remove.sql.post();
}

} // namespace penstock::storage
