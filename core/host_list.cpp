#include "core/host_list.hpp"

#include <algorithm>

#include "core/quotable.hpp"

namespace penstock {
namespace {

constexpr std::size_t longest_name = 253; // RFC 1035, 2.3.4

std::string lower(std::string_view text) {
  std::string out(text);
  for (auto& c : out)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  return out;
}

bool is_name(std::string_view text) {
  const auto ok = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  };
  return !text.empty() && text.size() <= longest_name && std::all_of(text.begin(), text.end(), ok) &&
         text.front() != '.' && text.back() != '.' && text.find("..") == std::string_view::npos;
}

/// "10.1" or "0x7f.1": meant as an address, and not written as one.
bool ends_in_number(std::string_view name) {
  const auto last = name.substr(name.rfind('.') + 1);
  return last.starts_with("0x") || std::all_of(last.begin(), last.end(), [](char c) { return c >= '0' && c <= '9'; });
}

} // namespace

result<host_list> host_list::parse(const std::vector<std::string>& entries) {
  host_list out;
  for (const auto& each : entries) {
    std::string_view text = each;
    if (text.size() > 2 && text.starts_with('[') && text.ends_with(']'))
      text = text.substr(1, text.size() - 2);
    if (text.find_first_of(":/") != std::string_view::npos || parse_ip_address(text)) {
      auto network = parse_ip_network(text);
      if (!network)
        return failure(std::move(network.error()));
      out.networks_.push_back(*network);
      continue;
    }
    auto name = lower(text);
    const bool is_ending = name.starts_with("*.");
    if (is_ending)
      name.erase(0, 1);
    if (const auto bare = std::string_view(name).substr(is_ending ? 1 : 0); !is_name(bare) || ends_in_number(bare))
      return failure(error_code::invalid_argument,
                     "'" + quotable(each, 60) +
                       "' is no host: write a name, *.example.org for all names below one, an address, or a range such "
                       "as 10.0.0.0/8");
    (is_ending ? out.endings_ : out.names_).push_back(std::move(name));
  }
  return out;
}

bool host_list::has_name(std::string_view host) const {
  if (host.ends_with('.'))
    host.remove_suffix(1);
  return std::find(names_.begin(), names_.end(), host) != names_.end() ||
         std::any_of(endings_.begin(), endings_.end(), [host](const std::string& ending) {
           return host.size() > ending.size() && host.ends_with(ending);
         });
}

bool host_list::has_address(const ip_address& address) const {
  return std::any_of(networks_.begin(), networks_.end(),
                     [&](const ip_network& each) { return each.contains(address); });
}

} // namespace penstock
