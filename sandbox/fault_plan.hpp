#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "core/error.hpp"
#include "core/time.hpp"

namespace penstock::sandbox {

enum class fault_kind : std::uint8_t {
  latency,           ///< the answer comes later
  error_500,         ///< in place of an answer
  error_503,         ///< with Retry-After
  rate_limited,      ///< 429 with Retry-After
  rate_limited_bare, ///< 429 without
  dropped,           ///< the connection ends before the answer begins; the request was done
  dropped_midway,    ///< the head comes and nothing of the body
  truncated,         ///< half of the body comes
  malformed,         ///< JSON of another shape
  expired_token,     ///< the token that asks expires: 401 until it is refreshed
  revoked_token,     ///< the connection of the token that asks ends: 401 until a new consent
  clock_skew,        ///< the Date header is off
  kind_count         ///< sentinel: keep it last
};

[[nodiscard]] std::string_view to_string(fault_kind kind) noexcept;

/// Faults that were asked for, and the dice that decide which request they strike. Seeded: the same requests in the
/// same order meet the same faults. For one thread.
class fault_plan {
public:
  explicit fault_plan(std::uint64_t seed) : seed_(seed) {}

  /// One fault: a share of requests, 0 to 1.
  struct rule {
    double rate = 0;
    std::string path{};                       ///< only requests whose path starts so; empty: all but sign-in
    std::optional<std::uint64_t> times{};     ///< so many more; none: without end
    duration delay = std::chrono::seconds(1); ///< of latency; Retry-After of those that have one
    duration skew = std::chrono::minutes(10); ///< of clock_skew
    std::uint64_t struck = 0;
  };

  /// `{"error_500": 0.05, "latency": {"rate": 1, "delay": "200ms"}, "wrong_shape_page": {"account": "acc_…", "page": 3}}`:
  /// adds to what is there; a rate of 0 takes a fault away. All or nothing. invalid_argument says what is wrong.
  [[nodiscard]] result<void> set(const boost::json::object& wanted);
  /// "error_500=0.05", as the command line has it.
  [[nodiscard]] result<void> set(std::string_view assignment);
  /// No more faults.
  void clear();

  /// What strikes this request, decided once for it. At most one fault that replaces the answer, and latency.
  struct strike {
    duration delay{0};
    std::optional<fault_kind> kind{};
    duration retry_after{0};
    duration skew{0};
  };
  [[nodiscard]] strike strike_for(std::string_view path, bool is_sign_in);

  /// Whether a page of one stream has the wrong shape, for a reader who pages from the oldest: its pages are counted
  /// from 1 in hundreds. `first` and `count`: places of the rows that the answer would hold, from 0.
  [[nodiscard]] bool spoils(std::string_view stream, std::uint64_t first, std::uint64_t count) const;

  /// As `set` takes it, with how often each has struck.
  [[nodiscard]] boost::json::object to_json() const;

private:
  struct spoiled_page {
    std::string stream; ///< an account's id
    std::uint64_t page = 1;
  };
  struct plan {
    std::array<rule, static_cast<std::size_t>(fault_kind::kind_count)> rules{};
    std::vector<spoiled_page> pages;
  };
  [[nodiscard]] static result<void> read(plan& into, std::string_view name, const boost::json::value& wanted);
  [[nodiscard]] bool strikes(fault_kind kind, std::string_view path, bool is_sign_in);

  const std::uint64_t seed_;
  std::uint64_t thrown_ = 0;
  plan plan_;
};

} // namespace penstock::sandbox
