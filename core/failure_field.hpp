#pragma once

/// Log lines that tell of a failure of work carry, beside their text, whether it is tried again. They do so in the place
/// that the log has for a source file and a function: `failure_field` and one of the others. The node's log writes it as a
/// field of its own, `"failure":"retried"`.
namespace penstock {

inline constexpr const char* failure_field = "failure";
inline constexpr const char* failure_retried = "retried";     ///< an attempt failed, and another one follows
inline constexpr const char* failure_permanent = "permanent"; ///< nothing follows by itself

} // namespace penstock
