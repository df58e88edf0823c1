// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// PathModel: what the path calls do to one granted directory, written a second time over a tree in
// memory, from the manual pages (path_resolution(7), openat2(2), rename(2), ...) and the rules of
// the path service, and sharing nothing with it. For model_test.cc.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace cordon::path_broker {

class PathModel {
 public:
  PathModel();

  // Each gives 0 or an errno, and changes the tree as the host's is expected to change.
  int open(const std::string& path, bool follow, bool create, bool exclusive, bool directory);
  int stat(const std::string& path, bool follow, char& kind) const;  // 'd', 'f', 'l'
  int readlink(const std::string& path, std::string& target) const;
  int create_directory(const std::string& path);
  int remove_directory(const std::string& path);
  int unlink_file(const std::string& path);
  int rename(const std::string& from, const std::string& to);
  int link(const std::string& from, const std::string& to);
  int symlink(const std::string& target, const std::string& path);

  // Every path with what it is, one a line, sorted: to be held against the host's tree.
  std::string listing() const;

 private:
  struct Node;
  using NodePtr = std::shared_ptr<Node>;
  struct Node {
    char kind;
    std::string target;                    // of a link
    std::map<std::string, NodePtr> names;  // of a directory
    Node* parent = nullptr;                // of a directory
    int links = 0;                         // of a file or link
  };
  // Where a walk ended: the directory it was in and the name looked for there, and what has that
  // name, if anything. `name` is empty if the walk ended in ".", ".." or the directory itself.
  struct Found {
    Node* directory = nullptr;
    std::string name;
    NodePtr node;
  };
  struct Last {
    Node* parent = nullptr;
    std::string name;
    bool slash = false, dots = false;
    NodePtr node;  // by that name, no link followed
  };

  int walk(const std::string& path, bool follow, Found& out) const;
  int walk_from(Node* at, std::string_view path, bool follow, int& links, Found& out) const;
  int last_of(const std::string& path, Last& out) const;
  NodePtr self(Node* directory) const;
  static size_t depth(const Node* directory);
  static bool stays(const std::string& target, size_t depth);
  int check_move(const Last& from, const Last& to) const;
  static bool leads_out(const Node& directory, size_t before, size_t after, bool& out);
  static bool holds(const Node* ancestor, const Node* directory);
  static void list(const Node& directory, const std::string& prefix, std::string& out);

  NodePtr root_;
};

}  // namespace cordon::path_broker
