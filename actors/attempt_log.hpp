#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "messages/job.hpp"
#include "net/utf8_text.hpp"

namespace penstock::actors {

/// The lines that a handler writes during one attempt: at most so many, of at most so many bytes each. What is too much
/// is counted, and said in a last line. For one thread at a time.
class attempt_log {
public:
  static constexpr std::size_t most_lines = 500, longest_line = 2'000;

  explicit attempt_log(std::uint16_t attempt) : attempt_(attempt) {}

  void add(log_line_level level, std::string line, timestamp now) {
    if (lines_.size() >= most_lines) {
      ++left_out_;
      last_at_ = now;
      return;
    }
    lines_.push_back({.job = {},
                      .attempt = attempt_,
                      .at = now,
                      .level = level,
                      .message = net::well_formed_utf8(net::clip_utf8(line, longest_line))});
  }

  [[nodiscard]] std::vector<job_log_line> take() {
    if (left_out_ > 0)
      lines_.push_back({.job = {},
                        .attempt = attempt_,
                        .at = last_at_,
                        .level = log_line_level::warn,
                        .message = std::to_string(left_out_) + " more lines were left out"});
    left_out_ = 0;
    return std::exchange(lines_, {});
  }

private:
  const std::uint16_t attempt_;
  std::vector<job_log_line> lines_;
  std::size_t left_out_ = 0;
  timestamp last_at_ = no_time;
};

} // namespace penstock::actors
