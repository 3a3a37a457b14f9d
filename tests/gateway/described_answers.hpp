#pragma once

#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "net/http_handler.hpp"

namespace penstock::gateway::testing {

/// Holds answers of success against the description of the API: status, type, and each field of a JSON body. Reads as much
/// of JSON Schema as the description uses, and allows no property that is not described.
class described_answers {
public:
  described_answers();

  /// What is not as described, one line each. Empty also for refusals, and for what is not described at all.
  [[nodiscard]] std::string complaints(std::string_view method, std::string_view target,
                                       const net::http_reply& reply) const;

private:
  [[nodiscard]] const boost::json::object* operation(std::string_view method, std::string_view target) const;
  void check(const boost::json::object& schema, const boost::json::value& value, const std::string& where,
             std::string& complaints) const;

  const boost::json::value document_;
};

} // namespace penstock::gateway::testing
