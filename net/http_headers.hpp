#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace penstock::net {

/// One header field. The views live as long as the `http_headers` is not changed.
struct header_field {
  std::string_view name;
  std::string_view value;
};

/// Header fields in order. Names are compared without case (ASCII).
/// All text lies in one buffer: a message costs two allocations, however many fields it has.
class http_headers {
public:
  http_headers() = default;
  http_headers(std::initializer_list<std::pair<std::string_view, std::string_view>> fields);

  /// Appends, also beside a field of the same name. The views must not point into this object.
  void add(std::string_view name, std::string_view value);
  /// Replaces all fields of that name by one.
  void set(std::string_view name, std::string_view value);
  /// Removes all fields of that name; says whether there were any.
  bool remove(std::string_view name);
  void clear() noexcept;
  /// Makes room for about `bytes` of text.
  void reserve(std::size_t fields, std::size_t bytes);

  /// The first value of that name.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const noexcept;
  [[nodiscard]] std::string_view value_or(std::string_view name, std::string_view fallback) const noexcept;
  [[nodiscard]] bool contains(std::string_view name) const noexcept { return find(name).has_value(); }
  /// Whether a comma-separated list such as `Connection: keep-alive, Upgrade` has the token, without case.
  [[nodiscard]] bool has_token(std::string_view name, std::string_view token) const noexcept;

  [[nodiscard]] std::size_t size() const noexcept { return fields_.size(); }
  [[nodiscard]] bool empty() const noexcept { return fields_.empty(); }
  [[nodiscard]] header_field operator[](std::size_t index) const noexcept;

  /// Iterates over header_field values.
  class const_iterator {
  public:
    using value_type = header_field;
    using difference_type = std::ptrdiff_t;
    const_iterator() = default;
    const_iterator(const http_headers* owner, std::size_t index) noexcept : owner_(owner), index_(index) {}
    header_field operator*() const noexcept { return (*owner_)[index_]; }
    const_iterator& operator++() noexcept {
      ++index_;
      return *this;
    }
    const_iterator operator++(int) noexcept { return {owner_, index_++}; }
    friend bool operator==(const const_iterator&, const const_iterator&) = default;

  private:
    const http_headers* owner_ = nullptr;
    std::size_t index_ = 0;
  };
  [[nodiscard]] const_iterator begin() const noexcept { return {this, 0}; }
  [[nodiscard]] const_iterator end() const noexcept { return {this, fields_.size()}; }

private:
  struct place {
    std::uint32_t name_at, name_size, value_at, value_size;
  };
  std::string text_;
  std::vector<place> fields_;
};

/// ASCII comparison without case, as header names and tokens need it.
[[nodiscard]] bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept;

/// Whether a field can be written without breaking the message: a token as name, no CR, LF or NUL in the value
/// (RFC 9110, 5.1 and 5.5).
[[nodiscard]] bool is_valid_field(std::string_view name, std::string_view value) noexcept;

} // namespace penstock::net
