#pragma once

#include <boost/json/object.hpp>

#include "connectors/monzo/sandbox/user_book.hpp"
#include "core/error.hpp"

namespace penstock::sandbox::monzo {

/// Makes the changes of POST /sandbox/change: {"add": 3, "settle": 1, "amend": 1, "account": "acc_…", "pending": true}.
/// `settle` and `amend` also take a transaction's id or a list of ids. Without `account`, additions go to the first open
/// account, what settles is the oldest pending one of any, and what is amended the newest of any.
/// "deposit": 2 moves money into the first open pot of the account, "open_pot": 1 and "delete_pot": 1 (or a pot's id) do
/// what they say; the last open pot of an account stays.
/// The answer holds the ids: {"added": […], "settled": […], "amended": […]}, and "deposited", "opened", "deleted" if any.
/// Errors: invalid_argument; not_found for a transaction that is not there or cannot be changed so. What was done before
/// an error stays done.
[[nodiscard]] result<boost::json::object> make_changes(user_book& book, const boost::json::object& wanted,
                                                       timestamp now);

} // namespace penstock::sandbox::monzo
