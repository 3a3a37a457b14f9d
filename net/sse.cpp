#include "net/sse.hpp"

#include <algorithm>
#include <charconv>

namespace penstock::net {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

void append_line(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ");
  std::copy_if(value.begin(), value.end(), std::back_inserter(out), [](char c) { return c != '\r' && c != '\n'; });
  out += '\n';
}

} // namespace

std::string format_sse(const sse_event& event) {
  std::string out;
  out.reserve(event.id.size() + event.event.size() + event.data.size() + 32);
  if (!event.id.empty())
    append_line(out, "id", event.id);
  if (!event.event.empty())
    append_line(out, "event", event.event);
  std::string_view rest = event.data;
  for (;;) {
    const auto end = rest.find_first_of("\r\n");
    append_line(out, "data", rest.substr(0, end));
    if (end == std::string_view::npos)
      break;
    rest.remove_prefix(rest.substr(end).starts_with("\r\n") ? end + 2 : end + 1);
  }
  out += '\n';
  return out;
}

std::string format_sse_comment(std::string_view text) { return ": " + std::string(text) + "\n\n"; }

bool sse_parser::put(std::string_view bytes, const std::function<void(const sse_event&)>& on_event) {
  for (const char c : bytes) {
    if (c == '\n' && after_cr_) {
      after_cr_ = false;
      continue;
    }
    after_cr_ = c == '\r';
    if (c == '\n' || c == '\r')
      end_line(on_event);
    else
      line_ += c;
    if (line_.size() + data_.size() > max_event_)
      return false;
  }
  return true;
}

void sse_parser::end_line(const std::function<void(const sse_event&)>& on_event) {
  std::string_view line = line_;
  if (at_start_ && line.starts_with(byte_order_mark))
    line.remove_prefix(byte_order_mark.size());
  at_start_ = false;
  if (line.empty()) {
    last_id_ = next_id_;
    if (has_data_)
      on_event({last_id_, event_, data_});
    data_.clear();
    event_.clear();
    has_data_ = false;
  } else if (line[0] != ':') {
    const auto colon = line.find(':');
    auto value = colon == std::string_view::npos ? std::string_view{} : line.substr(colon + 1);
    if (value.starts_with(' '))
      value.remove_prefix(1);
    take_field(line.substr(0, colon), value);
  }
  line_.clear();
}

void sse_parser::take_field(std::string_view name, std::string_view value) {
  if (name == "data") {
    if (has_data_)
      data_ += '\n';
    data_ += value;
    has_data_ = true;
  } else if (name == "event") {
    event_ = value;
  } else if (name == "id") {
    if (value.find('\0') == std::string_view::npos)
      next_id_ = value;
  } else if (name == "retry") {
    std::uint32_t milliseconds = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), milliseconds);
    if (error == std::errc{} && end == value.data() + value.size())
      retry_ = std::chrono::milliseconds(milliseconds);
  }
}

} // namespace penstock::net
