#pragma once

#include <string>

#include "connectors/monzo/sandbox/transaction_facts.hpp"

namespace penstock::sandbox::monzo {

/// Appends the transaction as GET /transactions has it, about 1.5 KB; without `expand_merchant` the merchant is its id.
void append_transaction(std::string& out, const account_facts& account, const transaction_facts& transaction,
                        bool expand_merchant);

} // namespace penstock::sandbox::monzo
