# Finds SOCI 4.0 with its SQLite and PostgreSQL backends. Targets: SOCI::core, SOCI::sqlite3, SOCI::postgresql.
find_path(SOCI_INCLUDE_DIR soci/soci.h)
if(SOCI_INCLUDE_DIR)
  file(STRINGS "${SOCI_INCLUDE_DIR}/soci/version.h" version_line REGEX "#define SOCI_LIB_VERSION ")
  string(REGEX REPLACE ".*\"([0-9_]+)\".*" "\\1" version_text "${version_line}")
  string(REPLACE "_" "." SOCI_VERSION "${version_text}")
endif()
# The shared library of the PostgreSQL backend would load libpq in every program that has it.
find_library(SOCI_postgresql_LIBRARY NAMES libsoci_postgresql.a soci_postgresql)
foreach(component core sqlite3 postgresql)
  find_library(SOCI_${component}_LIBRARY soci_${component})
  if(SOCI_${component}_LIBRARY AND NOT TARGET SOCI::${component})
    add_library(SOCI::${component} UNKNOWN IMPORTED)
    # System headers: SOCI 4.0 does not compile cleanly under -Wpedantic.
    set_target_properties(SOCI::${component} PROPERTIES
      IMPORTED_LOCATION "${SOCI_${component}_LIBRARY}"
      INTERFACE_INCLUDE_DIRECTORIES "${SOCI_INCLUDE_DIR}")
  endif()
endforeach()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(SOCI REQUIRED_VARS SOCI_INCLUDE_DIR SOCI_core_LIBRARY SOCI_sqlite3_LIBRARY VERSION_VAR SOCI_VERSION)
