// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tests/sandbox/path_broker/path_model.h"

#include <cerrno>

namespace cordon::path_broker {
namespace {

constexpr int kMostLinks = 40;  // MAXSYMLINKS

// The ".." in front of a target; -1 if it is absolute or has one after a name.
int leading(const std::string& target) {
  if (target.starts_with('/')) return -1;
  int ups = 0;
  bool named = false;
  for (size_t at = 0; at <= target.size();) {
    size_t end = std::min(target.find('/', at), target.size());
    const std::string part = target.substr(at, end - at);
    if (part == ".." && named) return -1;
    if (part == "..") ++ups;
    if (part != ".." && part != "." && !part.empty()) named = true;
    at = end + 1;
  }
  return ups;
}

}  // namespace

PathModel::PathModel() : root_(std::make_shared<Node>(Node{'d', {}, {}, nullptr, 0})) {}

PathModel::NodePtr PathModel::self(Node* directory) const {
  if (directory == root_.get()) return root_;
  for (const auto& [name, node] : directory->parent->names) {
    if (node.get() == directory) return node;
  }
  return nullptr;
}

int PathModel::walk(const std::string& path, bool follow, Found& out) const {
  if (path.empty()) return ENOENT;
  int links = 0;
  return walk_from(root_.get(), path, follow, links, out);
}

int PathModel::walk_from(Node* at, std::string_view path, bool follow, int& links,
                         Found& out) const {
  if (path.starts_with('/')) return EPERM;
  out = {at, "", self(at)};
  while (!path.empty()) {
    const size_t slash = std::min(path.find('/'), path.size());
    const std::string part(path.substr(0, slash));
    const bool more = slash < path.size();  // what is named must be a directory
    path.remove_prefix(slash);
    path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
    const bool last = path.empty();
    if (part == ".") {
      out = {at, "", self(at)};
      continue;
    }
    if (part == "..") {
      if (at == root_.get()) return EPERM;
      at = at->parent;
      out = {at, "", self(at)};
      continue;
    }
    auto found = at->names.find(part);
    if (found == at->names.end()) {
      out = last ? Found{at, part, nullptr} : Found{};
      return ENOENT;
    }
    NodePtr node = found->second;
    if (node->kind == 'l' && (!last || more || follow)) {
      if (++links > kMostLinks) return ELOOP;
      if (int e = walk_from(at, node->target, true, links, out); e != 0) {
        // Where a dangling link would create something is beyond its last name alone.
        if (!last || more) out = {};
        return e;
      }
      node = out.node;
    } else {
      out = {at, part, node};
    }
    if (!last || more) {
      if (node->kind != 'd') return ENOTDIR;
      at = node.get();
    }
  }
  return 0;
}

int PathModel::last_of(const std::string& path, Last& out) const {
  if (path.empty()) return ENOENT;
  const size_t end = path.find_last_not_of('/');
  if (end == std::string::npos) return EPERM;
  const std::string walked = path.substr(0, end + 1);
  const size_t slash = walked.rfind('/');
  out.name = slash == std::string::npos ? walked : walked.substr(slash + 1);
  out.slash = end + 1 != path.size();
  Found found;
  if (out.name == "." || out.name == "..") {
    out.dots = true;
    if (int e = walk(path + "/", true, found); e != 0) return e;
    return 0;
  }
  const std::string parent = slash == std::string::npos ? "." : walked.substr(0, slash);
  if (int e = walk(parent + "/", true, found); e != 0) return e;
  out.parent = found.node.get();
  auto node = out.parent->names.find(out.name);
  if (node != out.parent->names.end()) out.node = node->second;
  return 0;
}

size_t PathModel::depth(const Node* directory) {
  size_t levels = 0;
  for (; directory->parent != nullptr; directory = directory->parent) ++levels;
  return levels;
}

bool PathModel::stays(const std::string& target, size_t depth) {
  const int ups = leading(target);
  return ups >= 0 && static_cast<size_t>(ups) <= depth;
}

bool PathModel::holds(const Node* ancestor, const Node* directory) {
  for (; directory != nullptr; directory = directory->parent) {
    if (directory == ancestor) return true;
  }
  return false;
}

// Whether a link beneath leads out at depth `after` and did not at `before`.
bool PathModel::leads_out(const Node& directory, size_t before, size_t after, bool& out) {
  for (const auto& [name, node] : directory.names) {
    if (node->kind == 'd') leads_out(*node, before + 1, after + 1, out);
    if (node->kind != 'l' || node->target.starts_with('/')) continue;
    const bool unclear = leading(node->target) < 0;
    if (unclear || (stays(node->target, before) && !stays(node->target, after))) out = true;
  }
  return out;
}

int PathModel::check_move(const Last& from, const Last& to) const {
  if (from.parent == to.parent) return 0;
  const size_t before = depth(from.parent), after = depth(to.parent);
  const Node& node = *from.node;
  bool out = false;
  if (node.kind == 'l' && !node.target.starts_with('/')) {
    if (leading(node.target) < 0) return EPERM;
    return stays(node.target, before) && !stays(node.target, after) ? EPERM : 0;
  }
  if (node.kind != 'd' || after >= before) return 0;
  return leads_out(node, before + 1, after + 1, out) ? EXDEV : 0;
}

int PathModel::open(const std::string& path, bool follow, bool create, bool exclusive,
                    bool directory) {
  if (create && directory) return EINVAL;
  Found found;
  const int error = walk(path, follow && !(create && exclusive), found);
  if (error != 0 && !(error == ENOENT && create)) return error;
  if (error == 0) {
    if (create && exclusive) return EEXIST;
    if (found.node->kind == 'l') return directory ? ENOTDIR : ELOOP;
    if (directory && found.node->kind != 'd') return ENOTDIR;
    return create && found.node->kind == 'd' ? EISDIR : 0;
  }
  if (path.empty()) return ENOENT;
  // Where a name before the last is missing there is no directory; and a dangling link is
  // something that exists.
  if (found.directory == nullptr) return ENOENT;
  Last last;
  if (int e = last_of(path, last); e != 0) return e;
  if (path.ends_with('/')) return EISDIR;
  if (exclusive && last.node != nullptr) return EEXIST;
  found.directory->names[found.name] = std::make_shared<Node>(Node{'f', {}, {}, nullptr, 1});
  return 0;
}

int PathModel::stat(const std::string& path, bool follow, char& kind) const {
  Found found;
  if (int e = walk(path, follow, found); e != 0) return e;
  kind = found.node->kind;
  return 0;
}

int PathModel::readlink(const std::string& path, std::string& target) const {
  Found found;
  if (int e = walk(path, false, found); e != 0) return e;
  if (found.node->kind != 'l') return EINVAL;
  target = found.node->target;
  return 0;
}

int PathModel::create_directory(const std::string& path) {
  Last last;
  if (int e = last_of(path, last); e != 0) return e;
  if (last.dots || last.node != nullptr) return EEXIST;
  last.parent->names[last.name] = std::make_shared<Node>(Node{'d', {}, {}, last.parent, 0});
  return 0;
}

int PathModel::remove_directory(const std::string& path) {
  Last last;
  if (int e = last_of(path, last); e != 0) return e;
  if (last.dots) return last.name == "." ? EINVAL : ENOTEMPTY;
  if (last.node == nullptr) return ENOENT;
  if (last.node->kind != 'd') return ENOTDIR;
  if (!last.node->names.empty()) return ENOTEMPTY;
  last.parent->names.erase(last.name);
  return 0;
}

int PathModel::unlink_file(const std::string& path) {
  Last last;
  if (int e = last_of(path, last); e != 0) return e;
  if (last.dots) return EISDIR;
  if (last.node == nullptr) return ENOENT;
  if (last.slash && last.node->kind != 'd') return ENOTDIR;
  if (last.node->kind == 'd') return EISDIR;
  last.parent->names.erase(last.name);
  return 0;
}

int PathModel::rename(const std::string& from_path, const std::string& to_path) {
  Last from, to;
  if (int e = last_of(from_path, from); e != 0) return e;
  if (int e = last_of(to_path, to); e != 0) return e;
  if (from.dots || to.dots) return EBUSY;
  if (from.node == nullptr) return ENOENT;
  const bool is_directory = from.node->kind == 'd';
  if ((from.slash || to.slash) && !is_directory) return ENOTDIR;
  if (int e = check_move(from, to); e != 0) return e;
  if (is_directory && holds(from.node.get(), to.parent)) return EINVAL;
  if (to.node != nullptr) {
    if (to.node->kind == 'd' && holds(to.node.get(), from.parent)) return ENOTEMPTY;
    if (to.node == from.node) return 0;
    if (is_directory && to.node->kind != 'd') return ENOTDIR;
    if (!is_directory && to.node->kind == 'd') return EISDIR;
    if (is_directory && !to.node->names.empty()) return ENOTEMPTY;
  }
  NodePtr node = from.node;
  from.parent->names.erase(from.name);
  to.parent->names[to.name] = node;
  if (is_directory) node->parent = to.parent;
  return 0;
}

int PathModel::link(const std::string& from_path, const std::string& to_path) {
  Last from, to;
  if (int e = last_of(from_path, from); e != 0) return e;
  if (from.dots) return EPERM;
  if (from.slash && from.node == nullptr) return ENOENT;
  if (from.slash && from.node->kind != 'd') return ENOTDIR;
  if (int e = last_of(to_path, to); e != 0) return e;
  if (to.dots) return EEXIST;
  if (from.node == nullptr) return ENOENT;
  if (to.slash) return to.node != nullptr ? EEXIST : ENOENT;
  if (int e = check_move(from, to); e != 0) return e;
  if (to.node != nullptr) return EEXIST;
  if (from.node->kind == 'd') return EPERM;
  to.parent->names[to.name] = from.node;
  return 0;
}

int PathModel::symlink(const std::string& target, const std::string& path) {
  Last last;
  if (target.empty()) return ENOENT;
  if (int e = last_of(path, last); e != 0) return e;
  if (last.dots) return EEXIST;
  if (last.slash) return last.node != nullptr ? EEXIST : ENOENT;
  if (!stays(target, depth(last.parent))) return EPERM;
  if (last.node != nullptr) return EEXIST;
  last.parent->names[last.name] = std::make_shared<Node>(Node{'l', target, {}, nullptr, 1});
  return 0;
}

void PathModel::list(const Node& directory, const std::string& prefix, std::string& out) {
  for (const auto& [name, node] : directory.names) {
    out += prefix + name + ' ' + node->kind + ' ' + node->target + '\n';
    if (node->kind == 'd') list(*node, prefix + name + '/', out);
  }
}

std::string PathModel::listing() const {
  std::string out;
  list(*root_, "", out);
  return out;
}

}  // namespace cordon::path_broker
