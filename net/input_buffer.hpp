#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace penstock::net {

/// Bytes that came from a connection and were not used yet. Grows with the speed of the sender up to a limit.
class input_buffer {
public:
  /// `limit` also bounds what may be unused: a header must fit into it.
  explicit input_buffer(std::size_t limit);

  [[nodiscard]] std::string_view unread() const noexcept { return {bytes_.data() + begin_, end_ - begin_}; }
  [[nodiscard]] bool empty() const noexcept { return begin_ == end_; }
  /// Nothing more can be received until something is consumed.
  [[nodiscard]] bool full() const noexcept { return end_ - begin_ >= limit_; }

  void consume(std::size_t count) noexcept;

  /// Where to receive into; empty only if `full`.
  struct space {
    char* data;
    std::size_t size;
  };
  [[nodiscard]] space prepare();
  void commit(std::size_t count) noexcept { end_ += count; }

private:
  static constexpr std::size_t first_size = 4 * 1024;

  std::size_t limit_;
  std::vector<char> bytes_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

} // namespace penstock::net
