#include "storage/job_moves.hpp"

#include <string>

#include "core/id_text.hpp"
#include "storage/storage_exception.hpp"

namespace penstock::storage {

void require_move(job_id id, job_state from, job_state to) {
  if (!can_move(from, to))
    throw storage_exception(error{error_code::internal, "job " + to_string(id) + " cannot go from " +
                                                          std::string{to_string(from)} + " to " +
                                                          std::string{to_string(to)}});
}

} // namespace penstock::storage
