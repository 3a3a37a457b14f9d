#include "storage/libpq_on_demand.hpp"

#include <dlfcn.h>

#include <stdexcept>
#include <tuple>

#include <libpq-fe.h>

namespace penstock::storage {
namespace {

/// So it is called since PostgreSQL 8.2. Functions that came later did not change the name, so that each is looked for.
constexpr const char* file_name = "libpq.so.5";

// What this room, SOCI's backend, tests and benchmarks call, each with the number of its parameters.
// clang-format off
#define LIBPQ_FUNCTIONS(EACH)                                                                                     \
  EACH(PQclear, 1) EACH(PQcmdStatus, 1) EACH(PQcmdTuples, 1) EACH(PQconnectdb, 1) EACH(PQconninfoFree, 1)         \
  EACH(PQconninfoParse, 2) EACH(PQconsumeInput, 1) EACH(PQenterPipelineMode, 1) EACH(PQerrorMessage, 1)           \
  EACH(PQexec, 2) EACH(PQexecParams, 8) EACH(PQexecPrepared, 7) EACH(PQexitPipelineMode, 1) EACH(PQfformat, 2)    \
  EACH(PQfinish, 1) EACH(PQflush, 1) EACH(PQfname, 2) EACH(PQfreemem, 1) EACH(PQfsize, 2) EACH(PQftype, 2)        \
  EACH(PQgetCopyData, 3) EACH(PQgetisnull, 3) EACH(PQgetlength, 3) EACH(PQgetResult, 1) EACH(PQgetvalue, 3)       \
  EACH(PQnfields, 1) EACH(PQnotifies, 1) EACH(PQntuples, 1) EACH(PQpipelineStatus, 1) EACH(PQpipelineSync, 1)     \
  EACH(PQprepare, 5) EACH(PQputCopyData, 3) EACH(PQputCopyEnd, 2) EACH(PQresultErrorField, 2)                     \
  EACH(PQresultErrorMessage, 1) EACH(PQresultStatus, 1) EACH(PQsendPrepare, 5) EACH(PQsendQuery, 2)               \
  EACH(PQsendQueryParams, 8) EACH(PQsendQueryPrepared, 7) EACH(PQserverVersion, 1) EACH(PQsetSingleRowMode, 1)    \
  EACH(PQsocket, 1) EACH(PQstatus, 1) EACH(PQtransactionStatus, 1) EACH(lo_close, 2) EACH(lo_lseek, 4)            \
  EACH(lo_open, 3) EACH(lo_read, 4) EACH(lo_write, 4)
// clang-format on

#define NAME_OF(name, parameters) #name,
constexpr const char* function_names[] = {LIBPQ_FUNCTIONS(NAME_OF)};
#undef NAME_OF

struct loaded_library {
  void* handle = nullptr;
  std::string refusal; ///< why there is none
};

const char* missing_in(void* handle) {
  for (const char* name : function_names)
    if (!::dlsym(handle, name))
      return name;
  return nullptr;
}

loaded_library load() {
  void* const handle = ::dlopen(file_name, RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    const char* why = ::dlerror();
    return {nullptr, why ? why : file_name};
  }
  if (const char* missing = missing_in(handle)) {
    ::dlclose(handle);
    return {nullptr, std::string{file_name} + " has no " + missing};
  }
  return {handle, {}};
}

const loaded_library& library() {
  static const loaded_library loaded = load();
  return loaded;
}

/// Never throws once the library is there, as those who call from destructors need it.
template <class Function>
Function* function_of(const char* name) {
  if (auto ready = load_libpq(); !ready)
    throw std::runtime_error(ready.error().message);
  return reinterpret_cast<Function*>(::dlsym(library().handle, name));
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
    return failure(error_code::bad_configuration,
                   "PostgreSQL's client library cannot be used (" + library().refusal +
                     "): install version 14 or newer (Debian: the package libpq5) and start again");
  return {};
}

} // namespace penstock::storage

// The functions themselves: one whose number is wrong, or that <libpq-fe.h> does not declare, does not compile.
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

#define FORWARD_BY_COUNT(name, parameters) FORWARD_##parameters(name)
LIBPQ_FUNCTIONS(FORWARD_BY_COUNT)
#undef FORWARD_BY_COUNT
#undef LIBPQ_FUNCTIONS
#undef FORWARD_8
#undef FORWARD_7
#undef FORWARD_5
#undef FORWARD_4
#undef FORWARD_3
#undef FORWARD_2
#undef FORWARD_1
#undef FORWARD
#undef P
