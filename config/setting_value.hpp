#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "config/section.hpp"
#include "config/setting.hpp"
#include "config/toml_value.hpp"

namespace penstock::config {

/// A value of the setting's type and within its bounds, or one line on what it should be. The line never repeats the
/// value of a secret.
using checked_value = tl::expected<section::value, std::string>;

/// From a file: durations and sizes are quoted, and nothing is converted from one type to another.
[[nodiscard]] checked_value value_from_toml(const setting& declared, const toml_value& given);

/// From the environment, a flag or default_text: lists are separated by commas, booleans are true, false, 1 or 0.
[[nodiscard]] checked_value value_from_text(const setting& declared, std::string_view given);

/// The value when nobody set it: default_text, or the empty value of the type.
/// A default_text that the setting itself refuses is a bug of the declaration and throws std::logic_error.
[[nodiscard]] section::value default_value(const setting& declared);

} // namespace penstock::config
