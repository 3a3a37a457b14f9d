#include "storage/binary_rows.hpp"

namespace penstock::storage {

void binary_rows::clear() {
  constexpr std::string_view signature("PGCOPY\n\xff\r\n\0", 11);
  bytes_.assign(signature);
  put(std::int32_t{0}); // no flags
  put(std::int32_t{0}); // nothing more in the header
}

} // namespace penstock::storage
