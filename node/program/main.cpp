#include <unistd.h>

#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "config/surroundings.hpp"
#include "core/system_clock.hpp"
#include "node/commands/command_line.hpp"
#include "node/exit_status.hpp"
#include "node/page_size.hpp"

int main(int count, char** words) {
  try {
    penstock::node::keep_pages_small();
    const penstock::system_wall_clock clock;
    penstock::node::session session{.out = std::cout,
                                    .err = std::cerr,
                                    .clock = clock,
                                    .here = penstock::config::surroundings_of_process(),
                                    .out_is_terminal = isatty(STDOUT_FILENO) == 1};
    return penstock::node::run_command_line(std::vector<std::string>(words + 1, words + count), session);
  } catch (const std::exception& thrown) {
    std::cerr << "penstock: unexpected: " << thrown.what() << '\n';
    return penstock::node::exit_status::failed;
  }
}
