#include "config/validate.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>

#include "core/quotable.hpp"

namespace penstock::config {
namespace {

bool has_blank_or_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 127; });
}

/// `host[:port]` of a URL: a host of some kind, and a port from 1 to 65535 where one is given.
bool is_authority(std::string_view text) {
  const auto bracket = text.rfind(']');
  const auto colon = text.rfind(':');
  const bool has_port = colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  const auto host = has_port ? text.substr(0, colon) : text;
  if (host.empty() || host.find('@') != std::string_view::npos ||
      (bracket == std::string_view::npos && host.find(':') != std::string_view::npos))
    return false;
  if (!has_port)
    return true;
  const auto digits = text.substr(colon + 1);
  unsigned port = 0;
  const auto [end, wrong] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  return wrong == std::errc{} && end == digits.data() + digits.size() && port >= 1 && port <= 65535;
}

bool is_public_url(std::string_view url) {
  for (const std::string_view scheme : {"https://", "http://"})
    if (url.starts_with(scheme)) {
      const auto rest = url.substr(scheme.size());
      return !has_blank_or_control(rest) && rest.find_first_of("?#") == std::string_view::npos &&
             is_authority(rest.substr(0, rest.find('/')));
    }
  return false;
}

void check_database_url(std::string_view url, std::vector<objection>& out) {
  constexpr std::string_view sqlite = "sqlite://";
  // Empty: it follows from a data directory that is not known, which is told already.
  // Messages never show the URL: it may hold a password.
  if (url.empty())
    return;
  if (url.starts_with(sqlite)) {
    const auto file = url.substr(sqlite.size());
    if (!file.starts_with('/') || file.ends_with('/') || file.find('\0') != std::string_view::npos)
      out.push_back({"database.url", "needs the absolute path of a file: sqlite:///path/penstock.db"});
  } else if (url.starts_with("postgresql://") || url.starts_with("postgres://")) {
    if (has_blank_or_control(url))
      out.push_back({"database.url", "holds a blank: write special characters as %XX (a blank is %20)"});
  } else {
    out.push_back(
      {"database.url", "must be sqlite:///path/penstock.db or postgresql://user:password@host:port/database"});
  }
}

/// Opening is what tells; what the file holds is looked at where it is used.
void check_ca_file(const std::filesystem::path& file, std::vector<objection>& out) {
  if (file.empty())
    return;
  std::error_code problem;
  if (!std::filesystem::exists(file, problem) || std::filesystem::is_directory(file, problem) ||
      !std::ifstream(file, std::ios::binary))
    out.push_back({"http.ca_file", "cannot read " + file.string() + ": name a file of PEM certificates, or remove it"});
}

void check_tls(const http_settings& http, std::vector<objection>& out) {
  if (http.tls_certificate.empty() != http.tls_key.empty())
    out.push_back({http.tls_key.empty() ? "http.tls.certificate" : "http.tls.key",
                   "a certificate and its key go together: set http.tls.certificate and http.tls.key, or neither"});
}

bool is_origin(std::string_view text) {
  const auto path = text.find('/', text.find("://") + 3);
  return is_public_url(text) && path == std::string_view::npos;
}

void check_origins(const std::vector<std::string>& origins, std::vector<objection>& out) {
  for (const auto& each : origins)
    if (each == "*" && origins.size() > 1)
      out.push_back({"http.cors_origins", "* stands for every origin and goes alone: remove it or the others"});
    else if (each != "*" && !is_origin(each))
      out.push_back({"http.cors_origins", "'" + quotable(each, 60) +
                                            "' is no origin: write scheme, host and port alone, such as "
                                            "https://app.example.org"});
}

} // namespace

std::vector<objection> validate(const settings& values) {
  std::vector<objection> objections;
  check_database_url(values.database.url, objections);
  if (!values.http.public_url.empty() && !is_public_url(values.http.public_url))
    objections.push_back({"http.public_url", "must be an http:// or https:// address without query, such as "
                                             "https://sync.example.org"});
  check_ca_file(values.http.ca_file, objections);
  check_tls(values.http, objections);
  check_origins(values.http.cors_origins, objections);
  return objections;
}

} // namespace penstock::config
