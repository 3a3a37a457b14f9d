#include "storage/wake_channel.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>

#include <libpq-fe.h>

#include "storage/postgresql_errors.hpp"

namespace penstock::storage {
namespace {

struct clearing {
  void operator()(PGresult* result) const noexcept { PQclear(result); }
};
using answer = std::unique_ptr<PGresult, clearing>;

} // namespace

wake_signal::wake_signal() : descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

wake_signal::~wake_signal() {
  if (descriptor_ >= 0)
    ::close(descriptor_);
}

void wake_signal::set() noexcept {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(descriptor_, &one, sizeof one);
}

void wake_signal::clear() noexcept {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto read = ::read(descriptor_, &count, sizeof count);
}

result<std::unique_ptr<wake_channel>> wake_channel::open(const std::string& conninfo) {
  std::unique_ptr<wake_channel> made{new wake_channel(PQconnectdb(conninfo.c_str()))};
  auto* connection = made->connection_;
  if (PQstatus(connection) != CONNECTION_OK)
    return failure(connection_refusal(PQerrorMessage(connection)));
  const answer name{PQexec(connection, "SELECT 'penstock_' || abs(hashtext(current_schema()))")};
  if (PQresultStatus(name.get()) != PGRES_TUPLES_OK)
    return failure(error_code::storage_busy, "the database server does not answer");
  made->name_ = PQgetvalue(name.get(), 0, 0);
  const answer listens{PQexec(connection, ("LISTEN " + made->name_).c_str())};
  if (PQresultStatus(listens.get()) != PGRES_COMMAND_OK)
    return failure(error_code::storage_busy, "the database server does not answer");
  // Signs of life are shown on the same thread: it must not wait for long behind another's NOTIFY. Hints need no disk.
  const answer limits{
    PQexec(connection, "SET statement_timeout = '5s'; SET lock_timeout = '2s'; SET synchronous_commit = off")};
  if (PQresultStatus(limits.get()) != PGRES_COMMAND_OK)
    return failure(error_code::storage_busy, "the database server does not answer");
  return made;
}

wake_channel::~wake_channel() { PQfinish(connection_); }

bool wake_channel::wait(std::chrono::milliseconds limit, const wake_signal& signal) {
  std::array<pollfd, 2> awaited{{{PQsocket(connection_), POLLIN, 0}, {signal.descriptor(), POLLIN, 0}}};
  ::poll(awaited.data(), awaited.size(), static_cast<int>(limit.count()));
  return PQconsumeInput(connection_) == 1 && PQstatus(connection_) == CONNECTION_OK;
}

std::vector<std::string> wake_channel::take() {
  std::vector<std::string> messages;
  while (auto* told = PQnotifies(connection_)) {
    messages.emplace_back(told->extra);
    PQfreemem(told);
  }
  return messages;
}

bool wake_channel::say(const std::string& message) {
  const std::array<const char*, 2> values{name_.c_str(), message.c_str()};
  const answer said{
    PQexecParams(connection_, "SELECT pg_notify($1, $2)", 2, nullptr, values.data(), nullptr, nullptr, 0)};
  return PQresultStatus(said.get()) == PGRES_TUPLES_OK;
}

} // namespace penstock::storage
