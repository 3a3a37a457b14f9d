# Every library that the project uses, found once.
find_package(Threads REQUIRED)
find_package(CAF 0.17.6 EXACT REQUIRED)
find_package(SOCI 4.0 REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(PostgreSQL REQUIRED)
# Its library is loaded when a database of PostgreSQL is first opened (storage/libpq_on_demand.hpp).
add_library(penstock_libpq_headers INTERFACE)
target_include_directories(penstock_libpq_headers SYSTEM INTERFACE ${PostgreSQL_INCLUDE_DIRS})
find_package(OpenSSL REQUIRED)
# Debian 12 installs Boost 1.81 beside 1.74 without changing the default: ask for what the coroutines need.
if(POLICY CMP0167)
  cmake_policy(SET CMP0167 NEW) # CMake 3.30 and later leave it to Boost's own files
endif()
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
find_package(simdjson REQUIRED)

find_library(DATE_TZ_LIBRARY date-tz REQUIRED)
find_path(DATE_INCLUDE_DIR date/tz.h REQUIRED)
if(NOT TARGET penstock_date_tz)
  add_library(penstock_date_tz INTERFACE)
  target_include_directories(penstock_date_tz SYSTEM INTERFACE "${DATE_INCLUDE_DIR}")
  target_link_libraries(penstock_date_tz INTERFACE "${DATE_TZ_LIBRARY}")
  target_compile_definitions(penstock_date_tz INTERFACE USE_OS_TZDB=1)
endif()

find_path(TOMLPLUSPLUS_INCLUDE_DIR toml++/toml.h REQUIRED)
find_path(EXPECTED_INCLUDE_DIR tl/expected.hpp REQUIRED)

# glibc's allocator keeps a lock for each of its arenas, which a thread that frees what another allocated has to take:
# of jobs that move from actor to actor, each piece. A third of all waits between threads were for those locks.
add_library(penstock_allocator INTERFACE)
if(PENSTOCK_MIMALLOC AND NOT PENSTOCK_SANITIZE AND NOT PENSTOCK_FUZZ)
  find_library(MIMALLOC_LIBRARY mimalloc REQUIRED)
  # Nobody calls it by name: a linker that drops what is not asked for would drop it.
  target_link_options(penstock_allocator INTERFACE "LINKER:--push-state,--no-as-needed,${MIMALLOC_LIBRARY},--pop-state")
endif()

if(PENSTOCK_BUILD_TESTS)
  find_package(GTest REQUIRED)
  include(GoogleTest)
endif()
