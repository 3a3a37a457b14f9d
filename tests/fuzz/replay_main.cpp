// Runs a fuzz target over the files of a folder: what was found once is looked at in each test run, with any compiler.
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: " << argv[0] << " FOLDER\n";
    return 2;
  }
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
    std::ifstream stream(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
    std::cerr << entry.path().filename().string() << '\n'; // the last one named is the one that ends the program
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    // Each of its beginnings too: half an input is the usual one from a broken connection.
    for (std::size_t length = 0; length < bytes.size(); length += 1 + bytes.size() / 64)
      LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), length);
    ++files;
  }
  std::cout << files << " inputs\n";
  return files == 0 ? 1 : 0;
}
