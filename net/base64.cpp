#include "net/base64.hpp"

#include <openssl/evp.h>

namespace penstock::net {

std::string base64(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0'); // it ends its text with a zero
  const auto written =
    EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(bytes.data()),
                    static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(written));
  return out;
}

} // namespace penstock::net
