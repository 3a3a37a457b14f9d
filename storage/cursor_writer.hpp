#pragma once

#include "messages/unit_of_work.hpp"
#include "storage/run_writer.hpp"
#include "storage/write_state.hpp"

namespace penstock::storage {

/// The committed cursors of streams.
class cursor_writer {
public:
  cursor_writer(write_state& state, run_writer& runs) : state_(state), runs_(runs) {}

  /// Refuses a page whose predecessor of the same run is not stored (`conflict`), or a run that nobody started
  /// (`not_found`). Writes nothing. Whether the cursor is to move: not for a run that has ended.
  [[nodiscard]] result<bool> check(const cursor_advance& advance);

  /// Moves the cursor of a checked advance.
  void move(const cursor_advance& advance);

private:
  write_state& state_;
  run_writer& runs_;
};

} // namespace penstock::storage
