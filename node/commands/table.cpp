#include "node/commands/table.hpp"

#include <algorithm>
#include <ostream>
#include <utility>

namespace penstock::node {
namespace {

constexpr std::string_view gap = "  ";

std::string one_line(std::string cell) {
  std::replace_if(
    cell.begin(), cell.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
  return cell.empty() ? "-" : cell;
}

} // namespace

std::size_t display_width(std::string_view text) noexcept {
  // Bytes 10xxxxxx continue a character.
  return static_cast<std::size_t>(
    std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

void table::add(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  for (auto& each : cells)
    each = one_line(std::move(each));
  rows_.push_back(std::move(cells));
}

void table::print(std::ostream& out) const {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    widths.push_back(display_width(columns_[i].heading));
    for (const auto& row : rows_)
      widths[i] = std::max(widths[i], display_width(row[i]));
  }
  const auto print_row = [&](const auto& cell_at) {
    std::string line;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const std::string& cell = cell_at(i);
      const std::string pad(widths[i] - display_width(cell), ' ');
      line += (i == 0 ? "" : std::string(gap)) + (columns_[i].side == align::right ? pad + cell : cell + pad);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out << line << '\n';
  };
  print_row([&](std::size_t i) -> const std::string& { return columns_[i].heading; });
  for (const auto& row : rows_)
    print_row([&](std::size_t i) -> const std::string& { return row[i]; });
}

void print_fields(std::ostream& out, const std::vector<std::pair<std::string, std::string>>& fields) {
  std::size_t width = 0;
  for (const auto& [name, value] : fields)
    width = std::max(width, display_width(name));
  for (const auto& [name, value] : fields)
    out << name << std::string(width - display_width(name), ' ') << gap << one_line(value) << '\n';
}

} // namespace penstock::node
