#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

#include <array>
#include <boost/json.hpp>
#include <cerrno>
#include <system_error>

#include "storage/backup_file.hpp"
#include "storage/row_code.hpp"
#include "storage/storage_exception.hpp"

namespace penstock::storage {
namespace {

namespace json = boost::json;

constexpr std::size_t block_bytes = 256 * 1024;
constexpr std::int64_t rows_between_news = 10'000;

std::string text_of(const copy_facts& facts) {
  json::array steps;
  for (const auto& [owner, number] : facts.steps)
    steps.push_back(json::array{owner, number});
  return json::serialize(json::object{{"version", facts.version},
                                      {"database", facts.database},
                                      {"made_at", facts.made_at},
                                      {"key", facts.fingerprint},
                                      {"steps", std::move(steps)}});
}

std::string text_of(const stored_table& table) {
  json::array columns;
  for (const auto& each : table.columns)
    columns.push_back(json::array{each.name, static_cast<int>(each.type)});
  return json::serialize(json::object{{"name", table.name}, {"columns", std::move(columns)}});
}

} // namespace

struct backup_writer::open_file {
  std::filesystem::path wanted;
  std::string draft;
  std::FILE* stream = nullptr;
  crypto_generichash_state hash{};

  ~open_file() {
    if (stream)
      std::fclose(stream);
    if (!draft.empty())
      ::unlink(draft.c_str());
  }
  [[noreturn]] void fail(int reason) const {
    throw storage_exception(
      error{reason == ENOSPC || reason == EDQUOT ? error_code::storage_full : error_code::storage_failed,
            "cannot write the backup " + wanted.string() + ": " + std::generic_category().message(reason)});
  }
  void put(std::string_view bytes) {
    if (std::fwrite(bytes.data(), 1, bytes.size(), stream) != bytes.size())
      fail(errno);
    crypto_generichash_update(&hash, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  }
};

backup_writer::backup_writer(const std::filesystem::path& file, const copy_facts& facts, copy_progress progress)
    : out_(std::make_unique<open_file>()), progress_(std::move(progress)) {
  out_->wanted = file;
  std::string draft = file.string() + ".part-XXXXXX";
  const int descriptor = ::mkostemp(draft.data(), O_CLOEXEC); // mode 0600
  if (descriptor < 0)
    out_->fail(errno);
  out_->draft = draft;
  out_->stream = ::fdopen(descriptor, "wb");
  if (!out_->stream) {
    const int reason = errno;
    ::close(descriptor);
    out_->fail(reason);
  }
  crypto_generichash_init(&out_->hash, nullptr, 0, crypto_generichash_BYTES);
  out_->put("PENSTOCK BACKUP 1\n");
  put_frame('H', text_of(facts));
}

backup_writer::~backup_writer() = default;

void backup_writer::put_frame(char kind, std::string_view payload) {
  std::array<char, 5> head{kind};
  for (std::size_t i = 0; i < 4; ++i)
    head[i + 1] = static_cast<char>((payload.size() >> (8 * i)) & 0xff);
  out_->put({head.data(), head.size()});
  out_->put(payload);
}

void backup_writer::begin_table(const stored_table& table) {
  put_frame('T', text_of(table));
  table_ = table.name;
  sum_ = {};
  ++tables_;
}

void backup_writer::take(table_row& row) {
  row_.clear();
  encode_row(row, row_);
  sum_.add(row_);
  block_ += row_;
  if (block_.size() >= block_bytes)
    put_rows();
  if (sum_.rows() % rows_between_news == 0 && progress_)
    progress_(table_, sum_.rows());
}

void backup_writer::put_rows() {
  if (!block_.empty())
    put_frame('R', block_);
  block_.clear();
}

void backup_writer::end_table() {
  put_rows();
  rows_ += sum_.rows();
  put_frame('E', json::serialize(json::object{{"rows", sum_.rows()}, {"sum", sum_.text()}}));
  if (progress_)
    progress_(table_, sum_.rows());
}

void backup_writer::finish() {
  std::array<unsigned char, crypto_generichash_BYTES> sum{};
  auto whole = out_->hash;
  crypto_generichash_final(&whole, sum.data(), sum.size());
  put_frame('Z', {reinterpret_cast<const char*>(sum.data()), sum.size()});
  if (std::fflush(out_->stream) != 0 || ::fsync(::fileno(out_->stream)) != 0)
    out_->fail(errno);
  if (std::fclose(std::exchange(out_->stream, nullptr)) != 0)
    out_->fail(errno);
  if (std::rename(out_->draft.c_str(), out_->wanted.c_str()) != 0)
    out_->fail(errno);
  out_->draft.clear();
  const auto folder = out_->wanted.has_parent_path() ? out_->wanted.parent_path() : std::filesystem::path{"."};
  const int directory = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool durable = directory >= 0 && ::fsync(directory) == 0;
  const int reason = errno;
  if (directory >= 0)
    ::close(directory);
  if (!durable)
    out_->fail(reason);
}

} // namespace penstock::storage
