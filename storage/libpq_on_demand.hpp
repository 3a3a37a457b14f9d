#pragma once

#include "core/error.hpp"

namespace penstock::storage {

/// Loads PostgreSQL's client library when it is first asked for; later calls answer what the first did. It brings GnuTLS,
/// Kerberos and LDAP along, 3.4 MiB resident that a node on SQLite has no use for. The functions that <libpq-fe.h> declares go
/// there from then on; before, or where it is missing, each throws std::runtime_error. bad_configuration, with what to
/// install, when it cannot be loaded. Any thread.
[[nodiscard]] result<void> load_libpq();

} // namespace penstock::storage
