#pragma once

#include <memory>
#include <string>

#include "storage/postgresql_pipeline.hpp"
#include "storage/prepared_query.hpp"

namespace penstock::storage {

/// On libpq: SOCI waits for the answer to each statement before it sends the next. Parameters are written :name.
[[nodiscard]] std::unique_ptr<prepared_query> make_postgresql_query(postgresql_pipeline& pipeline,
                                                                    const std::string& sql);

} // namespace penstock::storage
