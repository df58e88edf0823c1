// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/oracle/wasi/model.h"

#include <algorithm>

namespace cordon::fuzz {

using wasi::Errno;
using wasi::Rights;
namespace right = wasi::right;
namespace oflag = wasi::oflag;

bool ModelEntry::has(Rights needed) const {
  Rights all = base;
  if ((base & right::fd_seek) != 0) all |= right::fd_tell;
  if ((base & right::fd_sync) != 0) all |= right::fd_datasync;
  return (needed & ~all) == 0;
}

ModelEntry* WasiModel::find(uint32_t number) {
  const auto found = entries.find(number);
  return found == entries.end() ? nullptr : &found->second;
}

Errno WasiModel::check(uint32_t number, Rights needed) const {
  const auto found = entries.find(number);
  if (found == entries.end()) return Errno::badf;
  const ModelEntry& entry = found->second;
  if (!entry.is_directory && (needed & right::kDirectoryOnly) != 0) return Errno::notdir;
  if (entry.is_directory && (needed & right::kFileOnly) != 0) return Errno::badf;
  if (entry.has(needed)) return Errno::success;
  const auto lacks = [&](Rights some) { return (needed & ~entry.base & some) != 0; };
  if (entry.is_directory) {
    // The broker decides what a read-only grant does not allow.
    return !entry.writable && !lacks(~right::kChanging) ? Errno::success : Errno::notcapable;
  }
  // POSIX's errors for a file that was not opened for the operation.
  if (lacks(right::fd_read | right::fd_write | right::fd_allocate)) return Errno::badf;
  if (lacks(right::fd_filestat_set_size)) return Errno::inval;
  const Rights place = (entry.base & right::fd_seek) == 0 ? right::fd_tell : 0;
  if (entry.is_pipe && lacks(right::fd_seek | place | right::fd_advise)) return Errno::spipe;
  if (!entry.writable && lacks(right::fd_filestat_set_times)) return Errno::rofs;
  return Errno::notcapable;
}

Errno WasiModel::open(uint32_t directory, const Opening& how, uint32_t& number) {
  if (const Errno e = check(directory, right::path_open); e != Errno::success) return e;
  const ModelEntry& parent = entries.at(directory);
  const auto has = [&](uint32_t flag) { return (how.oflags & flag) != 0; };
  Rights base = how.base & parent.inheriting;
  const Errno e = check(directory, has(oflag::kCreat) ? right::path_create_file : 0);
  if (e != Errno::success) return e;
  for (number = 0; entries.contains(number);) ++number;
  if (number >= most_fds_) return Errno::mfile;
  bool write = (base & right::fd_write) != 0;
  write |= !parent.writable && (base & right::fd_allocate) != 0;
  write &= !has(oflag::kDirectory);
  if (!write) base &= ~(right::fd_write | right::fd_allocate | right::fd_filestat_set_size);
  const bool changes = write || has(oflag::kCreat) || has(oflag::kTrunc);
  if (changes && !parent.writable) return Errno::rofs;
  ModelEntry entry;
  entry.writable = parent.writable;
  if (how.name == ".") {
    if (changes) return Errno::isdir;
    entry.is_directory = true;
    entry.base = base & right::kDirectory;
    entry.inheriting = how.inheriting & parent.inheriting;
  } else {
    ModelTree& names = tree(parent);
    const bool exists = names.contains(how.name);
    if (!exists && !has(oflag::kCreat)) return Errno::noent;
    if (exists && has(oflag::kCreat) && has(oflag::kExcl)) return Errno::exist;
    if (has(oflag::kDirectory)) return Errno::notdir;
    if (!exists) names[how.name] = std::make_shared<ModelFile>();
    entry.file = names[how.name];
    if (has(oflag::kTrunc)) entry.file->content.clear();
    entry.base = base & right::kFile;
    entry.appends = write && (how.fdflags & wasi::fdflag::kAppend) != 0;
  }
  entries[number] = std::move(entry);
  return Errno::success;
}

Errno WasiModel::close(uint32_t number) {
  return entries.erase(number) == 1 ? Errno::success : Errno::badf;
}

Errno WasiModel::renumber(uint32_t from, uint32_t to) {
  if (!entries.contains(from) || !entries.contains(to)) return Errno::badf;
  if (from == to) return Errno::success;
  entries[to] = std::move(entries[from]);
  entries.erase(from);
  return Errno::success;
}

Errno WasiModel::set_rights(uint32_t number, Rights base, Rights inheriting) {
  ModelEntry* const entry = find(number);
  if (entry == nullptr) return Errno::badf;
  if ((base | entry->base) != entry->base) return Errno::notcapable;
  if ((inheriting | entry->inheriting) != entry->inheriting) return Errno::notcapable;
  entry->base = base;
  entry->inheriting = inheriting;
  return Errno::success;
}

Errno WasiModel::seek(uint32_t number, int64_t offset, uint32_t whence, uint64_t& position) {
  if (const Errno e = check(number, right::fd_tell); e != Errno::success) return e;
  ModelEntry& entry = entries.at(number);
  if (whence > 2) return Errno::inval;
  const bool stays = whence == wasi::kWhenceCur && offset == 0;
  if (!stays) {
    if (const Errno e = check(number, right::fd_seek); e != Errno::success) return e;
  }
  const uint64_t from[] = {0, entry.position, entry.file->content.size()};
  const auto start = static_cast<int64_t>(from[whence]);
  if (offset > 0 && start > INT64_MAX - offset) return Errno::overflow;
  if (start + offset < 0) return Errno::inval;
  position = entry.position = static_cast<uint64_t>(start + offset);
  return Errno::success;
}

Errno WasiModel::unlink(uint32_t directory, const std::string& name) {
  if (const Errno e = check(directory, right::path_unlink_file); e != Errno::success) return e;
  const ModelEntry& entry = entries.at(directory);
  if (!entry.writable) return Errno::rofs;
  return tree(entry).erase(name) == 1 ? Errno::success : Errno::noent;
}

std::string WasiModel::write(ModelEntry& entry, std::string bytes, std::optional<uint64_t> at) {
  bytes.resize(std::min<uint64_t>(bytes.size(), output_left));
  output_left -= bytes.size();
  if (entry.is_pipe || bytes.empty()) return bytes;
  std::string& content = entry.file->content;
  const uint64_t where = entry.appends ? content.size() : at.value_or(entry.position);
  if (content.size() < where + bytes.size()) content.resize(where + bytes.size());
  content.replace(where, bytes.size(), bytes);
  if (!at) entry.position = where + bytes.size();
  return bytes;
}

std::string WasiModel::read(ModelEntry& entry, uint64_t size, std::optional<uint64_t> at) {
  const std::string& content = entry.file->content;
  const uint64_t where = at.value_or(entry.position);
  std::string bytes = where < content.size() ? content.substr(where, size) : "";
  if (!at) entry.position += bytes.size();
  return bytes;
}

}  // namespace cordon::fuzz
