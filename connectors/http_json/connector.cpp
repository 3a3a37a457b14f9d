#include "connectors/connector.hpp"

#include <iterator>
#include <memory>
#include <utility>

#include "connectors/http_json/kinds.hpp"
#include "connectors/http_json/service.hpp"
#include "connectors/http_json/settings.hpp"
#include "connectors/http_json/tables.hpp"

namespace penstock::connectors::http_json {
namespace {

build_result build(const config::section& section) {
  auto descriptions = read_descriptions(section);
  if (!descriptions)
    return tl::unexpected(std::move(descriptions.error()));
  connector built;
  built.name = "http_json";
  for (auto& each : *descriptions) {
    built.services.push_back(make_service(each));
    built.tables.push_back(table_of(each));
    auto steps = migrations_of(each);
    std::move(steps.begin(), steps.end(), std::back_inserter(built.migrations));
    const auto shared = std::make_shared<const description>(std::move(each));
    built.handlers.push_back(pull(shared));
    built.handlers.push_back(data(shared));
  }
  return built;
}

} // namespace

void register_connector(registry& out) {
  out.add({.name = "http_json",
           .summary = "Lists of any API that answers with JSON, described here: [connectors.http_json.NAME].",
           .settings = {},
           .table_settings = table_settings(),
           .enabled_by_default = true,
           .build = build});
}

} // namespace penstock::connectors::http_json
