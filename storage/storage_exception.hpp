#pragma once

#include <exception>
#include <utility>

#include "core/error.hpp"

namespace penstock::storage {

/// How the database's refusals travel inside this room. It never leaves it: the seams answer with its error.
class storage_exception : public std::exception {
public:
  explicit storage_exception(error problem) : problem_(std::move(problem)) {}
  [[nodiscard]] const error& problem() const noexcept { return problem_; }
  [[nodiscard]] const char* what() const noexcept override { return problem_.message.c_str(); }

private:
  error problem_;
};

} // namespace penstock::storage
