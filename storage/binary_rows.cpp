#include "storage/binary_rows.hpp"

namespace penstock::storage {

void binary_rows::clear() {
  constexpr std::string_view signature("PGCOPY\n\xff\r\n\0", 11);
  constexpr std::size_t kept = 4 << 20; // of one very large transaction no more stays
  if (bytes_.capacity() > kept)
    bytes_ = {};
  bytes_.assign(signature);
  put(std::int32_t{0}); // no flags
  put(std::int32_t{0}); // nothing more in the header
}

} // namespace penstock::storage
