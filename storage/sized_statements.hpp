#pragma once

#include <cstddef>
#include <memory>

namespace penstock::storage {

/// One statement in three sizes, by the rows that it takes at once: few are prepared, and most rows share one.
template <class Statement>
class sized_statements {
public:
  static constexpr std::size_t most = 64, some = 8;

  /// Cuts `count` rows into as few statements as may be, or as many as there are rows if `one_by_one`. Calls
  /// `run(std::unique_ptr<Statement>&, first row, rows)`; the statement is empty where `run` is to prepare it.
  template <class Run>
  void cut(std::size_t count, bool one_by_one, Run run) {
    for (std::size_t at = 0, rows = 0; at < count; at += rows) {
      const auto left = count - at;
      rows = one_by_one ? 1 : left >= most ? most : left >= some ? some : 1;
      run(rows == most ? most_ : rows == some ? some_ : one_, at, rows);
    }
  }

private:
  std::unique_ptr<Statement> most_, some_, one_;
};

} // namespace penstock::storage
