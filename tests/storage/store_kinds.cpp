#include <filesystem>
#include <ostream>

#include "tests/storage/scratch_schema.hpp"
#include "tests/storage/store_conformance.hpp"

namespace penstock::storage {
namespace {

class memory_database : public scratch_database {
public:
  [[nodiscard]] std::string url() const override { return "sqlite::memory:"; }
};

class sqlite_file : public scratch_database {
public:
  sqlite_file() {
    std::string pattern = (std::filesystem::temp_directory_path() / "penstock-store-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~sqlite_file() override { std::filesystem::remove_all(folder_); }
  [[nodiscard]] std::string url() const override { return "sqlite://" + (folder_ / "store.db").string(); }

private:
  std::filesystem::path folder_;
};

/// A schema of its own in the database that PENSTOCK_TEST_POSTGRESQL names.
class postgresql_schema : public scratch_database {
public:
  [[nodiscard]] std::string url() const override { return schema_.url(); }

private:
  scratch_schema schema_;
};

template <class T>
std::unique_ptr<scratch_database> make() {
  return std::make_unique<T>();
}

} // namespace

std::vector<store_kind> store_kinds() {
  return {{"memory", make<memory_database>}, {"sqlite", make<sqlite_file>}, {"postgresql", make<postgresql_schema>}};
}

void PrintTo(const store_kind& kind, std::ostream* out) { *out << kind.name; }

} // namespace penstock::storage
