#include <sodium.h>

#include <array>
#include <boost/json.hpp>
#include <cerrno>
#include <optional>
#include <system_error>

#include "storage/backup_file.hpp"
#include "storage/row_code.hpp"
#include "storage/seam.hpp"
#include "storage/storage_exception.hpp"

namespace penstock::storage {
namespace {

namespace json = boost::json;

/// Larger than any value that is stored, and than any frame that is written.
constexpr std::size_t largest_frame = std::size_t{1} << 30;
constexpr std::string_view first_line = "PENSTOCK BACKUP 1\n";
constexpr std::string_view any_first_line = "PENSTOCK BACKUP ";

[[noreturn]] void damaged(const std::string& file) {
  throw storage_exception(
    error{error_code::storage_failed, "the backup " + file + " is cut off or altered: take another one"});
}

copy_facts facts_of(const json::object& from) {
  copy_facts facts;
  facts.version = from.at("version").as_string();
  facts.database = from.at("database").as_string();
  facts.made_at = from.at("made_at").as_int64();
  facts.fingerprint = from.at("key").as_string();
  for (const auto& step : from.at("steps").as_array())
    facts.steps.emplace_back(step.as_array().at(0).as_string(), static_cast<int>(step.as_array().at(1).as_int64()));
  return facts;
}

stored_table table_of(const json::object& from) {
  stored_table table{std::string{from.at("name").as_string()}, {}};
  for (const auto& each : from.at("columns").as_array())
    table.columns.push_back(
      {std::string{each.as_array().at(0).as_string()}, static_cast<column_type>(each.as_array().at(1).as_int64())});
  return table;
}

} // namespace

struct backup_reader::open_file {
  std::string name;
  std::FILE* stream = nullptr;
  crypto_generichash_state hash{};

  ~open_file() {
    if (stream)
      std::fclose(stream);
  }
  void rewind() {
    if (std::fseek(stream, 0, SEEK_SET) != 0)
      damaged(name);
    crypto_generichash_init(&hash, nullptr, 0, crypto_generichash_BYTES);
  }
  void read(char* into, std::size_t length) {
    if (std::fread(into, 1, length, stream) != length)
      damaged(name);
  }
  void add(std::string_view bytes) {
    crypto_generichash_update(&hash, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  }
  /// The next frame's kind; its content in `payload`. That of the last one is no part of what it sums up.
  char next(std::string& payload) {
    std::array<char, 5> head{};
    read(head.data(), head.size());
    std::size_t length = 0;
    for (std::size_t i = 4; i > 0; --i)
      length = (length << 8) | static_cast<unsigned char>(head[i]);
    if (length > largest_frame)
      damaged(name);
    payload.resize(length);
    read(payload.data(), length);
    if (head[0] != 'Z') {
      add({head.data(), head.size()});
      add(payload);
    }
    return head[0];
  }
  void check_end(const std::string& sum) {
    std::array<unsigned char, crypto_generichash_BYTES> real{};
    crypto_generichash_final(&hash, real.data(), real.size());
    if (sum != std::string_view{reinterpret_cast<const char*>(real.data()), real.size()} || std::fgetc(stream) != EOF)
      damaged(name);
  }
};

backup_reader::backup_reader(std::unique_ptr<open_file> in) : in_(std::move(in)) {}
backup_reader::~backup_reader() = default;

result<std::unique_ptr<backup_reader>> backup_reader::verify(const std::filesystem::path& file,
                                                             const copy_progress& progress) {
  return at_seam([&]() -> result<std::unique_ptr<backup_reader>> {
    auto in = std::make_unique<open_file>();
    in->name = file.string();
    in->stream = std::fopen(file.c_str(), "rbe");
    if (!in->stream)
      return failure(errno == ENOENT ? error_code::not_found : error_code::storage_failed,
                     "cannot read the backup " + in->name + ": " + std::generic_category().message(errno));
    std::string line(first_line.size(), '\0');
    line.resize(std::fread(line.data(), 1, line.size(), in->stream));
    if (line != first_line)
      return failure(error_code::bad_configuration,
                     in->name + (line.starts_with(any_first_line)
                                   ? " was made by a later version: restore it with that one"
                                   : " is no backup of 'penstock backup'"));
    std::unique_ptr<backup_reader> reader(new backup_reader(std::move(in)));
    try {
      reader->walk(nullptr, progress);
    } catch (const boost::system::system_error&) { // of JSON that is something else
      damaged(file.string());
    } catch (const std::out_of_range&) {
      damaged(file.string());
    } catch (const std::invalid_argument&) {
      damaged(file.string());
    }
    return reader;
  });
}

void backup_reader::give_all(table_taker& taker) { walk(&taker, {}); }

void backup_reader::walk(table_taker* taker, const copy_progress& progress) {
  in_->rewind();
  std::string payload(first_line.size(), '\0');
  in_->read(payload.data(), payload.size());
  in_->add(payload);
  std::optional<stored_table> table;
  row_sum sum;
  table_row row;
  tables_ = rows_ = 0;
  for (bool first = true;; first = false) {
    const auto kind = in_->next(payload);
    if (first != (kind == 'H'))
      damaged(in_->name);
    if (kind == 'Z')
      break;
    if (kind == 'H') {
      facts_ = facts_of(json::parse(payload).as_object());
    } else if (kind == 'T' && !table) {
      table = table_of(json::parse(payload).as_object());
      sum = {};
      if (taker)
        taker->begin_table(*table);
    } else if (kind == 'R' && table) {
      for (std::string_view rest = payload; !rest.empty();) {
        const auto before = rest;
        decode_row(rest, table->columns.size(), row);
        sum.add(before.substr(0, before.size() - rest.size()));
        if (taker)
          taker->take(row);
      }
    } else if (kind == 'E' && table) {
      const auto end = json::parse(payload).as_object();
      if (end.at("rows").as_int64() != sum.rows() || end.at("sum").as_string() != sum.text())
        damaged(in_->name);
      if (taker)
        taker->end_table();
      if (progress)
        progress(table->name, sum.rows());
      rows_ += sum.rows();
      ++tables_;
      table.reset();
    } else {
      damaged(in_->name);
    }
  }
  if (table)
    damaged(in_->name);
  in_->check_end(payload);
}

} // namespace penstock::storage
