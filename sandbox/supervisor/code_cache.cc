// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/supervisor/code_cache.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string_view>

#include "sandbox/protocol/messages.h"

namespace cordon::supervisor {
namespace {

constexpr std::string_view kEnding = ".code";
// To be raised when the meaning of an entry changes, and not the compile worker.
constexpr uint64_t kMeaning = 1;
// What a file takes beyond its bytes, about: an entry of the directory and an inode.
constexpr uint64_t kBlock = 4096;

std::string name_of(const Digest& key) { return digest_text(key) + std::string(kEnding); }

std::optional<Digest> key_in(std::string_view name) {
  if (!name.ends_with(kEnding)) return std::nullopt;
  return parse_digest(name.substr(0, name.size() - kEnding.size()));
}

// What a file of this size counts.
uint64_t taken_by(uint64_t size) { return (size + kBlock - 1) / kBlock * kBlock + kBlock; }

bool used_later(const CacheFile& one, const CacheFile& other) {
  return one.used.tv_sec != other.used.tv_sec ? one.used.tv_sec > other.used.tv_sec
                                              : one.used.tv_nsec > other.used.tv_nsec;
}

struct CloseDirectory {
  void operator()(DIR* directory) const { closedir(directory); }
};
using OpenDirectory = std::unique_ptr<DIR, CloseDirectory>;

Result<OpenDirectory> list_of(int directory) {
  // Not a duplicate, which would share its place in the directory.
  const int again = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (again < 0) return fail_os("open the cache's directory", errno);
  OpenDirectory opened(fdopendir(again));
  if (opened == nullptr) {
    const int error = errno;
    close(again);
    return fail_os("fdopendir", error);
  }
  return opened;
}

// The file has no name before it is complete, so that a process which is killed leaves none.
Result<Fd> nameless_file(int directory) {
  Fd file(openat(directory, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0400));
  if (!file.valid() && (errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT)) {
    return fail_os("this file system has no files without a name (O_TMPFILE): name a directory " +
                       std::string("of another"),
                   EOPNOTSUPP);
  }
  if (!file.valid()) return fail_os("create a file", errno);
  // Whatever the umask or a default access list of the directory says.
  if (fchmod(file.get(), 0400) != 0) return fail_os("fchmod", errno);
  return file;
}

FoundCode as_found(Result<CachedCode> code) {
  using enum FoundCode::Is;
  if (code) return {Good, std::move(code->pieces), ""};
  if (code.error().kind == &diag::bad_entry) return {Bad, {}, code.error().message()};
  return {Absent, {}, code.error().os_error == ENOENT ? "" : code.error().message()};
}

}  // namespace

Digest key_of(const CodeOrigin& origin) {
  Hasher hasher;
  hasher.add(kMeaning).add(origin.module).add(origin.compiler).add(origin.fuel ? 1 : 0);
  hasher.add(origin.target.size()).add(as_bytes(origin.target));
  return hasher.digest();
}

Result<CodeCache> CodeCache::open(const std::string& path, IfMissing if_missing) {
  return CodeCache(TRY(open_cache_directory(path, if_missing)));
}

Result<CachedCode> CodeCache::look(const Digest& key, uint64_t most_code, bool is_use) const {
  struct stat status;
  const Fd file = TRY(open_entry(directory_.get(), name_of(key), status));
  CachedCode code = TRY(read_entry(file.get(), status, key, most_code));
  const timespec now[2] = {{0, UTIME_OMIT}, {0, UTIME_NOW}};
  // It may fail on a read-only file system, where nothing is removed either.
  if (is_use) (void)futimens(file.get(), now);
  return code;
}

FoundCode CodeCache::find(const Digest& key, uint64_t most_code) const {
  return as_found(look(key, most_code, true));
}

FoundCode CodeCache::peek(const Digest& key) const {
  return as_found(look(key, protocol::kMaxCode, false));
}

Result<void> CodeCache::store(const EntryFacts& facts, const std::vector<SealedPiece>& pieces,
                              uint64_t max_bytes) const {
  const uint64_t wanted = taken_by(entry_size(pieces));
  if (wanted > max_bytes) {
    return fail_os("the code takes more than all of the cache may (" + std::to_string(wanted) +
                       " of " + std::to_string(max_bytes) + " bytes, --cache-size)",
                   EFBIG);
  }
  TRY_VOID(make_room(wanted, max_bytes));
  const Fd file = TRY(nameless_file(directory_.get()));
  TRY_VOID(write_entry(file.get(), facts, pieces));
  const std::string link = "/proc/self/fd/" + std::to_string(file.get());
  if (linkat(AT_FDCWD, link.c_str(), directory_.get(), name_of(facts.key).c_str(),
             AT_SYMLINK_FOLLOW) != 0 &&
      errno != EEXIST) {
    return fail_os("link an entry", errno);
  }
  // Others may have stored at the same time.
  TRY_VOID(trim(max_bytes));
  return {};
}

Result<void> CodeCache::remove(const Digest& key) const {
  if (unlinkat(directory_.get(), name_of(key).c_str(), 0) == 0 || errno == ENOENT) return {};
  return fail_os("remove entry " + name_of(key), errno);
}

Result<std::vector<CacheFile>> CodeCache::list() const {
  const OpenDirectory directory = TRY(list_of(directory_.get()));
  std::vector<CacheFile> files;
  while (const dirent* entry = readdir(directory.get())) {
    const std::optional<Digest> key = key_in(entry->d_name);
    struct stat status;
    if (!key || fstatat(directory_.get(), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0 ||
        S_ISDIR(status.st_mode)) {
      continue;  // not ours, or gone by now
    }
    files.push_back({*key, taken_by(static_cast<uint64_t>(status.st_size)), status.st_mtim});
  }
  std::sort(files.begin(), files.end(), used_later);
  return files;
}

Result<CachedCode> CodeCache::facts(const Digest& key) const {
  struct stat status;
  const Fd file = TRY(open_entry(directory_.get(), name_of(key), status));
  return read_facts(file.get(), status);
}

Result<CacheCount> CodeCache::trim(uint64_t max_bytes) const { return make_room(0, max_bytes); }

Result<CacheCount> CodeCache::make_room(uint64_t wanted, uint64_t max_bytes) const {
  CacheCount kept{wanted == 0 ? size_t{0} : size_t{1}, wanted}, removed;
  for (const CacheFile& file : TRY(list())) {
    const bool fits = file.bytes <= max_bytes && kept.bytes <= max_bytes - file.bytes &&
                      kept.entries < kMostCacheEntries;
    if (fits) {
      kept.entries += 1;
      kept.bytes += file.bytes;
    } else {
      TRY_VOID(remove(file.key));
      removed.entries += 1;
      removed.bytes += file.bytes;
    }
  }
  return removed;
}

}  // namespace cordon::supervisor
