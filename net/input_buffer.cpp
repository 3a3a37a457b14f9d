#include "net/input_buffer.hpp"

#include <algorithm>
#include <cstring>

namespace penstock::net {

input_buffer::input_buffer(std::size_t limit) : limit_(limit), bytes_(std::min(first_size, limit)) {}

void input_buffer::consume(std::size_t count) noexcept {
  begin_ += count;
  if (begin_ == end_)
    begin_ = end_ = 0;
}

input_buffer::space input_buffer::prepare() {
  if (end_ == bytes_.size()) {
    if (begin_ > 0) {
      std::memmove(bytes_.data(), bytes_.data() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    } else {
      bytes_.resize(std::min(bytes_.size() * 4, limit_));
    }
  }
  return {bytes_.data() + end_, bytes_.size() - end_};
}

} // namespace penstock::net
