#pragma once

#include <boost/asio/any_io_executor.hpp>

#include "net/asio.hpp"

namespace penstock::net {

/// A new strand on `executor`. Knows the io_context behind an any_io_executor, which saves one indirection a step.
[[nodiscard]] asio::any_io_executor make_strand_on(const asio::any_io_executor& executor);

} // namespace penstock::net
