#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

namespace penstock::sandbox {

/// How often each route was asked, and with what status it answered. For one thread.
class request_counts {
public:
  void add(std::string_view route, int status) {
    auto found = routes_.find(route);
    if (found == routes_.end())
      found = routes_.emplace(route, std::map<int, std::uint64_t>{}).first;
    ++found->second[status];
  }

  /// `{"monzo GET /accounts": {"200": 3, "401": 1}}`.
  [[nodiscard]] boost::json::object to_json() const {
    boost::json::object out;
    for (const auto& [route, statuses] : routes_) {
      boost::json::object counts;
      for (const auto& [status, count] : statuses)
        counts[std::to_string(status)] = count;
      out[route] = std::move(counts);
    }
    return out;
  }

private:
  std::map<std::string, std::map<int, std::uint64_t>, std::less<>> routes_;
};

} // namespace penstock::sandbox
