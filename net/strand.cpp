#include "net/strand.hpp"

#include <boost/asio/strand.hpp>

namespace penstock::net {

asio::any_io_executor make_strand_on(const asio::any_io_executor& executor) {
  if (const auto* context = executor.target<asio::io_context::executor_type>())
    return asio::make_strand(*context);
  return asio::make_strand(executor);
}

} // namespace penstock::net
