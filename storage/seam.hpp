#pragma once

#include <exception>
#include <string>
#include <type_traits>

#include "core/error.hpp"
#include "storage/storage_exception.hpp"

namespace penstock::storage {

/// Runs what may throw and answers with a value or an error: no exception leaves the room.
/// `work` returns a `result<T>`.
template <class Work>
[[nodiscard]] auto at_seam(Work&& work) -> std::invoke_result_t<Work> {
  try {
    return work();
  } catch (const storage_exception& thrown) {
    return failure(thrown.problem());
  } catch (const std::exception& thrown) {
    return failure(error_code::internal, std::string{"unexpected exception in the store: "} + thrown.what());
  }
}

} // namespace penstock::storage
