#include "storage/libpq_on_demand.hpp"

#include <dlfcn.h>

#include <stdexcept>
#include <tuple>

#include <libpq-fe.h>

namespace penstock::storage {
namespace {

/// Part of the library's interface since 2002: a change that breaks callers would get another number.
constexpr const char* file_name = "libpq.so.5";

struct loaded_library {
  void* handle = nullptr;
  std::string refusal; ///< why there is none
};

const loaded_library& library() {
  static const loaded_library loaded = [] {
    loaded_library opened{::dlopen(file_name, RTLD_NOW | RTLD_LOCAL), {}};
    if (!opened.handle)
      if (const char* why = ::dlerror())
        opened.refusal = why;
    return opened;
  }();
  return loaded;
}

std::string refusal_of(const std::string& why) {
  return "PostgreSQL's client library cannot be used (" + why +
         "): install it (Debian: the package libpq5), version 14 or newer, and start again";
}

template <class Function>
Function* function_of(const char* name) {
  if (auto ready = load_libpq(); !ready)
    throw std::runtime_error(ready.error().message);
  void* const found = ::dlsym(library().handle, name);
  if (!found)
    throw std::runtime_error(refusal_of(std::string{"it has no "} + name));
  return reinterpret_cast<Function*>(found);
}

/// A function's result, and its parameters by number.
template <class Function>
struct parts_of;
template <class Result, class... Parameters>
struct parts_of<Result(Parameters...)> {
  using result = Result;
  template <std::size_t Index>
  using parameter = std::tuple_element_t<Index, std::tuple<Parameters...>>;
};

} // namespace

result<void> load_libpq() {
  if (!library().handle)
    return failure(error_code::bad_configuration, refusal_of(library().refusal));
  return {};
}

} // namespace penstock::storage

// The functions themselves, by the number of their parameters, for this room and for SOCI's backend: one whose number is wrong, or
// that the header does not declare, does not compile; one that is missing does not link.
// NOLINTBEGIN(bugprone-macro-parentheses)
#define P(name, index) parts_of<decltype(name)>::parameter<index> p##index
#define FORWARD(name, parameters, arguments)                                                                           \
  extern "C" parts_of<decltype(name)>::result name parameters {                                                        \
    static auto* const real = function_of<decltype(name)>(#name);                                                      \
    return real arguments;                                                                                             \
  }
#define FORWARD_1(name) FORWARD(name, (P(name, 0)), (p0))
#define FORWARD_2(name) FORWARD(name, (P(name, 0), P(name, 1)), (p0, p1))
#define FORWARD_3(name) FORWARD(name, (P(name, 0), P(name, 1), P(name, 2)), (p0, p1, p2))
#define FORWARD_4(name) FORWARD(name, (P(name, 0), P(name, 1), P(name, 2), P(name, 3)), (p0, p1, p2, p3))
#define FORWARD_5(name)                                                                                                \
  FORWARD(name, (P(name, 0), P(name, 1), P(name, 2), P(name, 3), P(name, 4)), (p0, p1, p2, p3, p4))
#define FORWARD_7(name)                                                                                                \
  FORWARD(name, (P(name, 0), P(name, 1), P(name, 2), P(name, 3), P(name, 4), P(name, 5), P(name, 6)),                  \
          (p0, p1, p2, p3, p4, p5, p6))
#define FORWARD_8(name)                                                                                                \
  FORWARD(name, (P(name, 0), P(name, 1), P(name, 2), P(name, 3), P(name, 4), P(name, 5), P(name, 6), P(name, 7)),      \
          (p0, p1, p2, p3, p4, p5, p6, p7))
// NOLINTEND(bugprone-macro-parentheses)

using penstock::storage::function_of;
using penstock::storage::parts_of;

FORWARD_1(PQclear)
FORWARD_1(PQcmdStatus)
FORWARD_1(PQcmdTuples)
FORWARD_1(PQconnectdb)
FORWARD_1(PQconninfoFree)
FORWARD_2(PQconninfoParse)
FORWARD_1(PQconsumeInput)
FORWARD_1(PQenterPipelineMode)
FORWARD_1(PQerrorMessage)
FORWARD_2(PQexec)
FORWARD_8(PQexecParams)
FORWARD_7(PQexecPrepared)
FORWARD_1(PQexitPipelineMode)
FORWARD_2(PQfformat)
FORWARD_1(PQfinish)
FORWARD_1(PQflush)
FORWARD_2(PQfname)
FORWARD_1(PQfreemem)
FORWARD_2(PQfsize)
FORWARD_2(PQftype)
FORWARD_3(PQgetCopyData)
FORWARD_3(PQgetisnull)
FORWARD_3(PQgetlength)
FORWARD_1(PQgetResult)
FORWARD_3(PQgetvalue)
FORWARD_1(PQnfields)
FORWARD_1(PQnotifies)
FORWARD_1(PQntuples)
FORWARD_1(PQpipelineStatus)
FORWARD_1(PQpipelineSync)
FORWARD_5(PQprepare)
FORWARD_3(PQputCopyData)
FORWARD_2(PQputCopyEnd)
FORWARD_2(PQresultErrorField)
FORWARD_1(PQresultErrorMessage)
FORWARD_1(PQresultStatus)
FORWARD_5(PQsendPrepare)
FORWARD_2(PQsendQuery)
FORWARD_8(PQsendQueryParams)
FORWARD_7(PQsendQueryPrepared)
FORWARD_1(PQserverVersion)
FORWARD_1(PQsetSingleRowMode)
FORWARD_1(PQsocket)
FORWARD_1(PQstatus)
FORWARD_1(PQtransactionStatus)
FORWARD_2(lo_close)
FORWARD_4(lo_lseek)
FORWARD_3(lo_open)
FORWARD_4(lo_read)
FORWARD_4(lo_write)

#undef FORWARD_8
#undef FORWARD_7
#undef FORWARD_5
#undef FORWARD_4
#undef FORWARD_3
#undef FORWARD_2
#undef FORWARD_1
#undef FORWARD
#undef P
