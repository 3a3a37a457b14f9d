#include "storage/statement.hpp"

#include "storage/portable_text.hpp"

namespace penstock::storage {

void statement::before_run() {
  db_.before(name_);
  for (auto* text : texts_)
    mend_text(*text);
  static_cast<void>(db_.raw()); // refuses where the connection is lost
}

void statement::post() {
  before_run();
  try {
    query_->post(parameters_);
  } catch (...) {
    query_->finish();
    db_.rethrow(name_);
  }
}

bool statement::execute() {
  before_run();
  try {
    return query_->execute(parameters_, columns_);
  } catch (...) {
    query_->finish();
    db_.rethrow(name_);
  }
}

std::int64_t statement::run() {
  execute();
  return query_->changed();
}

bool statement::one() {
  const bool found = execute();
  if (found)
    query_->finish();
  return found;
}

bool statement::first() { return execute(); }

bool statement::next() {
  try {
    return query_->fetch(columns_);
  } catch (...) {
    query_->finish();
    db_.rethrow(name_);
  }
}

void statement::finish() { query_->finish(); }

} // namespace penstock::storage
