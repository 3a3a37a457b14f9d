#pragma once

#include <stdexcept>
#include <type_traits>
#include <utility>

#include "core/error.hpp"

namespace penstock::bench {

/// The value, or an exception with the error's message: a benchmark that cannot go on ends.
template <class T>
T must(result<T> value) {
  if (!value)
    throw std::runtime_error(value.error().message);
  if constexpr (!std::is_void_v<T>)
    return std::move(*value);
}

} // namespace penstock::bench
