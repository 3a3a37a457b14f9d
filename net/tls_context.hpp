#pragma once

#include <memory>
#include <string>

#include "core/error.hpp"

namespace boost::asio::ssl {
class context;
}

namespace penstock::net {

/// TLS 1.2 or newer, certificates verified against the system's authorities and those in `ca_file` (PEM; may be
/// empty). bad_configuration when the file cannot be read.
[[nodiscard]] result<std::shared_ptr<boost::asio::ssl::context>> make_client_tls(const std::string& ca_file);

/// A server's context of a PEM chain and its key. bad_configuration when they cannot be read or do not belong together.
[[nodiscard]] result<std::shared_ptr<boost::asio::ssl::context>> make_server_tls(const std::string& certificate,
                                                                                 const std::string& key);

} // namespace penstock::net
