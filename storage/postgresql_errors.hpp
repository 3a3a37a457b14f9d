#pragma once

#include <string>
#include <string_view>

#include "core/error.hpp"
#include "storage/storage_exception.hpp"

namespace penstock::storage {

/// What libpq connects with: the settings of a URL, and of ours those that it leaves open. `bad_configuration`.
[[nodiscard]] result<std::string> postgresql_conninfo(const std::string& url);

/// What a refused connection means, by the driver's words, which name hosts, users and databases, never a password:
/// `bad_configuration` where waiting does not help, `storage_busy` else.
[[nodiscard]] error connection_refusal(std::string_view told);

/// What a five-character SQLSTATE means for whoever asked for `call`. The server's own words may hold values, and so
/// secrets: they are not used.
[[nodiscard]] storage_exception explain_sqlstate(std::string_view state, std::string_view call);

} // namespace penstock::storage
