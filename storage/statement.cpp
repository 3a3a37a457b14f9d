#include "storage/statement.hpp"

namespace penstock::storage {

void statement::execute() {
  db_.before(name_);
  try {
    if (!ready_) [[unlikely]] {
      prepared_.alloc();
      prepared_.prepare(sql_);
      prepared_.define_and_bind();
      ready_ = true;
    }
    prepared_.execute(true);
  } catch (...) {
    finish();
    db_.rethrow(name_);
  }
}

std::int64_t statement::run() {
  execute();
  return prepared_.get_affected_rows();
}

bool statement::one() {
  execute();
  const bool found = prepared_.got_data();
  if (found)
    finish();
  return found;
}

bool statement::first() {
  execute();
  return prepared_.got_data();
}

bool statement::next() {
  try {
    return prepared_.fetch();
  } catch (...) {
    finish();
    db_.rethrow(name_);
  }
}

void statement::finish() {
  if (ready_)
    db_.sql_dialect().finish(prepared_);
}

} // namespace penstock::storage
