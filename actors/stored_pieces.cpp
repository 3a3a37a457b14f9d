#include "actors/stored_pieces.hpp"

#include <future>

#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <simdjson.h>

#include "actors/store_reader.hpp"
#include "core/id_text.hpp"

namespace penstock::actors {

result<std::optional<connectors::payload_pieces::piece>> stored_pieces::read(std::int64_t from) {
  using outcome = result<std::optional<storage::payload_piece>>;
  // Shared with the task, which may run when nobody waits any more.
  const auto promised = std::make_shared<std::promise<outcome>>();
  auto answer = promised->get_future();
  caf::anon_send(reader_, read_task{[promised, job = job_, from](storage::read_session& db) {
                   promised->set_value(db.jobs().payload_from(job, from));
                 }});
  if (answer.wait_for(read_timeout) != std::future_status::ready)
    return failure(error_code::unavailable, "the store did not give a piece of the job's body in time");
  auto found = answer.get();
  if (!found)
    return failure(std::move(found.error()));
  if (!*found && from == 0 && is_parents_)
    return failure(error_code::not_found, "the body that job " + to_string(job_) +
                                            " brought is no longer stored, it goes when its job is swept: have it sent "
                                            "again");
  if (!*found)
    return std::nullopt;
  piece next{(*found)->number, std::move((*found)->bytes)};
  next.bytes.reserve(next.bytes.size() + simdjson::SIMDJSON_PADDING);
  return next;
}

} // namespace penstock::actors
