#include "storage/statement.hpp"

#include "storage/portable_text.hpp"

namespace penstock::storage {

void statement::execute() {
  db_.before(name_);
  for (auto* text : texts_)
    mend_text(*text);
  static_cast<void>(db_.raw()); // refuses where the connection is lost
  try {
    if (!ready_) [[unlikely]] {
      prepared_.alloc();
      prepared_.prepare(sql_);
      prepared_.define_and_bind();
      ready_ = true;
    }
    prepared_.execute(true);
  } catch (...) {
    if (ready_)
      finish();
    else
      db_.sql_dialect().forget_preparation(prepared_);
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
