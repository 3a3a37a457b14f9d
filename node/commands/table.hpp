#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::node {

/// Rows under headings, for people: columns as wide as what stands in them.
class table {
public:
  enum class align : std::uint8_t { left, right };
  struct column {
    std::string heading;
    align side = align::left;
  };

  explicit table(std::vector<column> columns) : columns_(std::move(columns)) {}

  /// As many cells as columns; empty ones are shown as "-".
  void add(std::vector<std::string> cells);
  /// Headings too, even without rows. No blanks at the ends of lines; line breaks within cells become blanks.
  void print(std::ostream& out) const;
  [[nodiscard]] bool empty() const noexcept { return rows_.empty(); }

private:
  std::vector<column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

/// Names and values below each other, for one thing: "status   idle".
void print_fields(std::ostream& out, const std::vector<std::pair<std::string, std::string>>& fields);

/// Characters of UTF-8 text, which most terminals show in as many columns.
[[nodiscard]] std::size_t display_width(std::string_view text) noexcept;

} // namespace penstock::node
