// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs at build time: writes the manual pages and the completions of `cordon` into a folder.
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "sandbox/cli/completions.h"
#include "sandbox/cli/manual.h"
#include "sandbox/cli/program.h"

namespace {

bool write(const std::filesystem::path& path, const std::string& text) {
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (file) return true;
  std::fprintf(stderr, "cannot write %s\n", path.c_str());
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: cordon-manual FOLDER\n");
    return 2;
  }
  const cordon::cli::Program program(CORDON_VERSION);
  std::vector<cordon::cli::GeneratedFile> files =
      cordon::cli::manual_pages(program.app(), CORDON_VERSION);
  files.push_back({"completions/cordon.bash", cordon::cli::bash_completion(program.app())});
  files.push_back({"completions/_cordon", cordon::cli::zsh_completion(program.app())});
  files.push_back({"completions/cordon.fish", cordon::cli::fish_completion(program.app())});
  for (const cordon::cli::GeneratedFile& file : files) {
    if (!write(std::filesystem::path(argv[1]) / file.name, file.text)) return 1;
  }
  return 0;
}
