#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "connectors/connector.hpp"
#include "connectors/http_json/description.hpp"
#include "connectors/testing/provider_stand_in.hpp"
#include "core/time.hpp"

namespace penstock::connectors::http_json {

/// What somebody sets in a table, beside its defaults.
using table_values = std::map<std::string, config::section::value>;

/// A table [connectors.http_json.NAME] with these values, defaults in place of the others.
[[nodiscard]] config::named_section table_named(const std::string& name, const table_values& values);
/// The connector with these tables, as the registry builds it.
[[nodiscard]] build_result build_with(const std::vector<config::named_section>& tables);

struct small_item {
  std::string id;
  timestamp updated = no_time;
  std::int64_t price = 100;
  bool deleted = false;
};

/// A shop's API with one list, in any way of paging. Items come as they stand here.
class small_shop {
public:
  std::string paging = "page";
  std::string auth = "bearer";
  std::vector<small_item> items;
  bool ignores_since = false;

  /// What a table must say to read it; the list is called "shop".
  [[nodiscard]] table_values described(std::int64_t page_size) const;
  [[nodiscard]] net::http_response answer(const net::http_request& request) const;

private:
  [[nodiscard]] bool lets_in(const net::http_request& request, const net::query_parameters& query) const;
};

/// The connector that reads it.
[[nodiscard]] connector built_shop(const small_shop& shop, std::int64_t page_size, const table_values& more = {});

} // namespace penstock::connectors::http_json
