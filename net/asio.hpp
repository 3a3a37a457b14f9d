#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/system/error_code.hpp>

namespace penstock::net {

/// The one name by which our code calls Boost.Asio.
namespace asio = boost::asio;

/// What Asio operations report. (`penstock::error_code` is our own enumeration.)
using io_error = boost::system::error_code;

} // namespace penstock::net
