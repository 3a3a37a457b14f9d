#pragma once

#include <string>
#include <string_view>

#include "messages/event.hpp"

namespace penstock::node {

/// What an event tells, in one line for people, with the names that its data know; what cannot be read is left out. Of a
/// type that has no words of its own: its subject, and its data as `name=value`. `integration`: how to call the one that
/// the event is about where its data do not name it; empty: by its id.
[[nodiscard]] std::string text_of(const event& value, std::string_view integration = {});

/// `monzo "Ann"`: the integration that an event is about; empty where its data name none.
[[nodiscard]] std::string integration_named_in(const event& value);

} // namespace penstock::node
