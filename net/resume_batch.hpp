#pragma once

#include <vector>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>

#include "net/asio.hpp"

namespace penstock::net {

/// Hands what is resumed while it stands to the network's threads together: posted one by one from a thread that is not
/// theirs, each would wake one of them or wait for their lock, which takes longer than most of them run. On any thread;
/// of several that stand on one thread the outermost counts. What is resumed on one strand keeps its order among the sixteen
/// that run together, not beyond.
class resume_batch {
public:
  using resumption = asio::any_completion_handler<void()>;

  /// Never const: what is posted while it stands changes it.
  resume_batch() noexcept;
  ~resume_batch();
  resume_batch(const resume_batch&) = delete;
  resume_batch& operator=(const resume_batch&) = delete;

  /// Runs `resume` on `executor`, never before this returns: with the batch that stands on this thread if one does and the
  /// executor is a strand of an io_context (make_strand_on), else posted at once.
  static void post(asio::any_io_executor executor, resumption resume);

private:
  struct item {
    asio::any_io_executor strand;
    asio::io_context::executor_type context;
    resumption resume;
  };

  bool outermost_;
  std::vector<item> items_;
};

} // namespace penstock::net
