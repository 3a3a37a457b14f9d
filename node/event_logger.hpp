#pragma once

#include <memory>
#include <string>

#include <spdlog/common.h>

#include "messages/actors/events.hpp"

namespace penstock::node {

/// Writes stored events to the log: what was synced, what failed for good, what waits for a person. On the bus's
/// thread.
class event_logger : public actors::event_subscriber {
public:
  [[nodiscard]] bool offer(const std::shared_ptr<const event>& value) override;
  void dropped(const std::string&) override {} // with the bus, when the node stops
};

struct log_line {
  spdlog::level::level_enum level = spdlog::level::debug;
  std::string text;
};
/// What the log says of an event. Data that cannot be read are left out.
[[nodiscard]] log_line log_line_of(const event& value);

} // namespace penstock::node
