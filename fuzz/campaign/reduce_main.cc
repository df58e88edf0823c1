// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// cordon-fuzz-reduce: reduces a module, while another program decides whether a candidate still
// fails as before, since testing it in this process may end it.
//
//     cordon-fuzz-reduce MODULE CANDIDATE
//
// Writes a candidate into the file CANDIDATE and a line "try BYTES" to standard output, and reads a
// line: "yes", "no", or "stop" to end with the best so far. At the end the file CANDIDATE is the
// smallest module, and the line is "done BYTES". Exit status 2 if a file cannot be read or written,
// 1 if standard input ends.
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "fuzz/mutate/reduce_module.h"

namespace {

using cordon::fuzz::ByteString;

bool write(const char* path, const ByteString& bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  return file.good();
}

class Asker {
 public:
  explicit Asker(const char* candidate) : candidate_(candidate) {}

  bool ask(const ByteString& module) {
    if (!write(candidate_, module)) std::exit(2);
    std::cout << "try " << module.size() << std::endl;
    std::string answer;
    if (!std::getline(std::cin, answer)) std::exit(1);
    stopped_ = answer == "stop";
    return answer == "yes";
  }
  bool stopped() const { return stopped_; }

 private:
  const char* candidate_;
  bool stopped_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: cordon-fuzz-reduce MODULE CANDIDATE\n";
    return 2;
  }
  std::ifstream file(argv[1], std::ios::binary);
  const ByteString module{std::istreambuf_iterator<char>(file), {}};
  if (file.bad() || module.empty()) {
    std::cerr << "cordon-fuzz-reduce: cannot read " << argv[1] << "\n";
    return 2;
  }
  Asker asker(argv[2]);
  const ByteString least = cordon::fuzz::reduce_module(
      module, [&](const ByteString& bytes) { return asker.ask(bytes); },
      [&] { return asker.stopped(); });
  if (!write(argv[2], least)) return 2;
  std::cout << "done " << least.size() << std::endl;
  return 0;
}
