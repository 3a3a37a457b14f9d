#pragma once

#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/fault_injector.hpp"

namespace penstock::storage {

/// Fails the N-th storage call from now on, once.
class counting_faults : public fault_injector {
public:
  /// `call` counts from 1; 0: none fails.
  void fail_at(int call, error_code code = error_code::storage_failed) {
    left_ = call;
    code_ = code;
    fired_ = false;
  }
  /// Every call of that name fails, until `fail_at`.
  void fail_each(std::string name, error_code code) {
    name_ = std::move(name);
    code_ = code;
  }
  /// Every call of that name throws what nobody expects, until `heal`.
  void throw_each(std::string name) { throwing_ = std::move(name); }
  void heal() {
    left_ = 0;
    throwing_.clear();
    name_.clear();
  }
  /// The connection breaks after the next call of that name, once.
  void lose_answer_of(std::string name) { losing_ = std::move(name); }
  /// Called before each call of that name, once.
  void at(std::string name, std::function<void()> act) {
    acting_ = std::move(name);
    act_ = std::move(act);
  }
  [[nodiscard]] bool loses_answer_of(std::string_view call) override {
    if (losing_.empty() || call != losing_)
      return false;
    losing_.clear();
    return true;
  }
  [[nodiscard]] bool fired() const noexcept { return fired_; }

  [[nodiscard]] std::optional<error> before(std::string_view call) override {
    if (!acting_.empty() && call == acting_) {
      acting_.clear();
      act_();
    }
    if (!throwing_.empty() && call == throwing_)
      throw std::out_of_range("thrown before " + std::string{call});
    if ((left_ > 0 && --left_ == 0) || (!name_.empty() && call == name_)) {
      fired_ = true;
      return error{code_, "injected before " + std::string{call}};
    }
    return std::nullopt;
  }

private:
  int left_ = 0;
  error_code code_ = error_code::storage_failed;
  std::string name_, throwing_, losing_, acting_;
  std::function<void()> act_;
  bool fired_ = false;
};

} // namespace penstock::storage
