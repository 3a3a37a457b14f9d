#include "net/http_handler.hpp"

namespace penstock::net {

std::string_view http_server_request::path() const noexcept {
  return std::string_view(target).substr(0, target.find('?'));
}

std::string_view http_server_request::query() const noexcept {
  const auto mark = target.find('?');
  return mark == std::string::npos ? std::string_view{} : std::string_view(target).substr(mark + 1);
}

} // namespace penstock::net
