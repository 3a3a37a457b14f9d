#include "net/resume_batch.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>

namespace penstock::net {

namespace {

thread_local resume_batch* standing = nullptr;

/// So many run one after another on one thread: with more of them, another thread takes a share.
constexpr std::ptrdiff_t piece = 16;

} // namespace

resume_batch::resume_batch() noexcept : outermost_(standing == nullptr) {
  if (outermost_)
    standing = this;
}

resume_batch::~resume_batch() {
  if (!outermost_)
    return;
  standing = nullptr;
  for (auto begin = items_.begin(); begin != items_.end();) {
    const auto context = begin->context;
    const auto most = begin + std::min(piece, items_.end() - begin);
    const auto end = std::find_if(begin, most, [&](const item& each) { return each.context != context; });
    std::vector<item> together(std::make_move_iterator(begin), std::make_move_iterator(end));
    asio::post(context, [together = std::move(together)]() mutable {
      for (auto& each : together)
        asio::dispatch(each.strand, [resume = std::move(each.resume)]() mutable { std::move(resume)(); });
    });
    begin = end;
  }
}

void resume_batch::post(asio::any_io_executor executor, resumption resume) {
  const auto* strand = standing ? executor.target<asio::strand<asio::io_context::executor_type>>() : nullptr;
  if (!strand) {
    asio::post(executor, [resume = std::move(resume)]() mutable { std::move(resume)(); });
    return;
  }
  const auto context = strand->get_inner_executor();
  standing->items_.push_back({std::move(executor), context, std::move(resume)});
}

} // namespace penstock::net
