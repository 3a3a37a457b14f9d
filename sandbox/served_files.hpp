#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "net/http_handler.hpp"
#include "net/query.hpp"

namespace penstock::sandbox {

/// Answers out of a folder: `DIR/GET/accounts.json` for GET /accounts. Files are read at each request, so they can be
/// exchanged meanwhile; nothing outside the folder is reached. README.md describes the names.
class served_files {
public:
  explicit served_files(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// `path` as it stands in the request. Nothing: no such file.
  [[nodiscard]] std::optional<net::http_reply> find(std::string_view method, std::string_view path,
                                                    const net::query_parameters& query) const;

private:
  /// `NAME@limit=2.json` beats `NAME.json` when the request has these parameters; more of them beat fewer.
  [[nodiscard]] std::optional<std::filesystem::path> file_for(std::string_view method, std::string_view path,
                                                              const net::query_parameters& query) const;

  const std::filesystem::path folder_;
};

/// A recorded list as a provider would page it: with `since` naming an item of it, what stands after that item, and
/// with `limit` no more than so many. Any other text, and a list that fits, stays as it is to the byte.
[[nodiscard]] std::string page_of_list(std::string body, const net::query_parameters& query);

} // namespace penstock::sandbox
