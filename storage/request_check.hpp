#pragma once

#include <memory>
#include <string_view>

#include "core/error.hpp"
#include "messages/job.hpp"
#include "messages/job_kind.hpp"

namespace penstock::storage {

/// Refuses job requests that could never run, before anything is written. For one thread.
class request_check {
public:
  explicit request_check(const job_kind_catalogue& kinds);
  ~request_check();

  /// The kind of a good request; `invalid_argument` with what is wrong otherwise: a kind that nobody registered, args
  /// that are no JSON object or too large, a priority beyond 9.
  [[nodiscard]] result<const job_kind*> operator()(const job_request& request);

private:
  struct json;
  const job_kind_catalogue& kinds_;
  const job_kind* last_ = nullptr; // jobs come in rows of one kind
  std::unique_ptr<json> json_;
};

} // namespace penstock::storage
