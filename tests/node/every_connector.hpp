#pragma once

#include <stdexcept>

#include "node/node_plan.hpp"

namespace penstock::node {

/// The plan of a node that has every connector, and one described API with its table shop_items.
[[nodiscard]] inline node_plan plan_with_every_connector() {
  config::surroundings here;
  here.working_directory = "/";
  here.host_name = "pump";
  here.environment = {{"HOME", "/nowhere"},
                      {"PENSTOCK_CONNECTORS__PROBE__ENABLED", "true"},
                      {"PENSTOCK_CONNECTORS__PROBE__WEBHOOK_SIGNATURE", "standard"}};
  const auto describe = [&](const std::string& key, std::string value) {
    here.environment["PENSTOCK_CONNECTORS__HTTP_JSON__SHOP__" + key] = std::move(value);
  };
  describe("BASE_URL", "https://api.example.com");
  describe("LIST_PATH", "/shops/{shop}/items");
  describe("AUTH", "bearer");
  describe("PAGING", "page");
  describe("LIST", "items");
  describe("FIELDS", "title, price:integer=pricing.amount, weight:real=pricing.amount, created:time=created_at");
  describe("UPDATED_FIELD", "updated_at");
  describe("SINCE_PARAMETER", "updated_since");
  describe("DELETED_FIELD", "deleted");
  describe("TABLE", "shop_items");
  auto plan = make_plan(std::nullopt, here);
  if (!plan)
    throw std::runtime_error(plan.error().front());
  return std::move(*plan);
}

} // namespace penstock::node
