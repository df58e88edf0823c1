// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/supervisor/cache_entry.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <type_traits>

#include "core/base/os/memfd.h"
#include "core/base/os/sealed_file.h"
#include "sandbox/protocol/messages.h"

namespace cordon::supervisor {
namespace {

static_assert(std::endian::native == std::endian::little, "the header is copied as it is");

// Small enough that a step stays in the processor's cache while it is hashed and copied.
constexpr size_t kStep = size_t{256} << 10;
constexpr mode_t kMode = S_IFREG | S_IRUSR;

constexpr std::array<char, 8> kMagic = {'c', 'd', 'n', 'c', 'o', 'd', 'e', '1'};

struct Header {
  std::array<char, 8> magic;
  Digest digest;  // of the rest: the other fields and the pieces
  Digest key;
  uint64_t module_size;
  uint32_t fuel;
  uint32_t pieces;
  std::array<char, 96> name;  // zeros after its end
  std::array<uint64_t, protocol::kMaxPieces> sizes;
};
static_assert(std::has_unique_object_representations_v<Header>);
constexpr size_t kHashedFrom = offsetof(Header, key);

ByteSpan bytes_of(const Header& header) {
  return {reinterpret_cast<const uint8_t*>(&header), sizeof header};
}

Hasher hasher_of(const Header& header) {
  Hasher hasher;
  hasher.add(bytes_of(header).subspan(kHashedFrom));
  return hasher;
}

Failure bad(std::string why) { return fail(diag::bad_entry, kNoOffset, std::move(why)); }

Result<void> read_fully(int file, uint64_t at, MutableByteSpan bytes) {
  while (!bytes.empty()) {
    const ssize_t got = pread(file, bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_os("read an entry of the cache", errno);
    if (got == 0) return bad("it is cut short");
    bytes = bytes.subspan(static_cast<size_t>(got));
    at += static_cast<uint64_t>(got);
  }
  return {};
}

Result<void> write_fully(int file, uint64_t at, ByteSpan bytes) {
  while (!bytes.empty()) {
    const ssize_t done = pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return fail_os("write", errno);
    bytes = bytes.subspan(static_cast<size_t>(done));
    at += static_cast<uint64_t>(done);
  }
  return {};
}

// Copies `size` bytes, which are hashed on their way: what was hashed is what is written.
Result<void> copy(int from, uint64_t from_at, int to, uint64_t to_at, uint64_t size,
                  Hasher& hasher) {
  std::vector<uint8_t> buffer(std::min<uint64_t>(size, kStep));
  for (uint64_t done = 0; done < size;) {
    const MutableByteSpan step(buffer.data(), std::min<uint64_t>(size - done, buffer.size()));
    TRY_VOID(read_fully(from, from_at + done, step));
    hasher.add(step);
    TRY_VOID(write_fully(to, to_at + done, step));
    done += step.size();
  }
  return {};
}

// The bytes of all pieces, if they and the header are all of a file of `size` bytes.
Result<uint64_t> code_size(const Header& header, uint64_t size) {
  if (header.pieces == 0 || header.pieces > header.sizes.size()) return bad("it has no pieces");
  uint64_t left = size - sizeof header, total = 0;
  for (uint32_t i = 0; i < header.pieces; ++i) {
    if (header.sizes[i] == 0 || header.sizes[i] > left) return bad("it is cut short");
    left -= header.sizes[i];
    total += header.sizes[i];
  }
  if (left != 0) return bad("it is longer than its header says");
  return total;
}

Result<Header> read_header(int file, const struct stat& status) {
  const auto size = static_cast<uint64_t>(status.st_size);
  if (size < sizeof(Header)) return bad("it is cut short");
  std::array<uint8_t, sizeof(Header)> bytes;
  TRY_VOID(read_fully(file, 0, bytes));
  const auto header = std::bit_cast<Header>(bytes);
  if (header.magic != kMagic) return bad("it is no entry of a code cache");
  TRY_VOID(code_size(header, size));
  return header;
}

EntryFacts facts_of(const Header& header) {
  const auto end = std::find(header.name.begin(), header.name.end(), '\0');
  return {header.key, header.module_size, header.fuel != 0, {header.name.begin(), end}};
}

Result<SealedPiece> read_piece(int file, uint64_t at, uint64_t size, Hasher& hasher) {
  Fd room = TRY(create_memfd("code"));
  TRY_VOID(copy(file, at, room.get(), 0, size, hasher));
  const Fd sealed = TRY(seal_memfd(std::move(room)));
  return SealedPiece{TRY(reopen_read_only(sealed.get())), size};  // [W1]
}

}  // namespace

Result<Fd> open_entry(int directory, const std::string& name, struct stat& status) {
  constexpr int kFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  Fd file(openat(directory, name.c_str(), kFlags));
  // No file of these kinds can be opened.
  if (!file.valid() && (errno == ELOOP || errno == ENXIO)) return bad("it is no regular file");
  if (!file.valid() && errno == EACCES) return bad("it is not the user's own, of mode 0400");
  if (!file.valid()) return fail_os("open entry " + name, errno);
  if (fstat(file.get(), &status) != 0) return fail_os("fstat entry " + name, errno);
  if (!S_ISREG(status.st_mode)) return bad("it is no regular file");
  if (status.st_uid != geteuid() || status.st_mode != kMode) {
    return bad("it is not the user's own, of mode 0400");
  }
  if (status.st_nlink > 1) return bad("it has a second name");
  return file;
}

Result<CachedCode> read_facts(int file, const struct stat& status) {
  const Header header = TRY(read_header(file, status));
  return CachedCode{facts_of(header), {}, header.pieces};
}

Result<CachedCode> read_entry(int file, const struct stat& status, const Digest& key,
                              uint64_t most_code) {
  const Header header = TRY(read_header(file, status));
  if (header.key != key) return bad("it is that of another key");
  if (TRY(code_size(header, static_cast<uint64_t>(status.st_size))) > most_code) {  // [L1]
    return bad("it has more code than there may be");
  }
  Hasher hasher = hasher_of(header);
  CachedCode code{facts_of(header), {}, header.pieces};
  uint64_t at = sizeof header;
  for (uint32_t i = 0; i < header.pieces; ++i) {
    code.pieces.push_back(TRY(read_piece(file, at, header.sizes[i], hasher)));
    at += header.sizes[i];
  }
  if (hasher.digest() != header.digest) return bad("its bytes were changed");
  return code;
}

Result<void> write_entry(int file, const EntryFacts& facts,
                         const std::vector<SealedPiece>& pieces) {
  if (pieces.empty() || pieces.size() > protocol::kMaxPieces) return bad("it has no pieces");
  Header header{};
  header.magic = kMagic;
  header.key = facts.key;
  header.module_size = facts.module_size;
  header.fuel = facts.fuel ? 1 : 0;
  header.pieces = static_cast<uint32_t>(pieces.size());
  std::copy_n(facts.name.begin(), std::min(facts.name.size(), header.name.size()),
              header.name.begin());
  for (size_t i = 0; i < pieces.size(); ++i) header.sizes[i] = pieces[i].size;
  Hasher hasher = hasher_of(header);
  uint64_t at = sizeof header;
  for (const SealedPiece& piece : pieces) {
    TRY_VOID(copy(piece.file.get(), 0, file, at, piece.size, hasher));
    at += piece.size;
  }
  header.digest = hasher.digest();
  return write_fully(file, 0, bytes_of(header));
}

uint64_t entry_size(const std::vector<SealedPiece>& pieces) {
  uint64_t size = sizeof(Header);
  for (const SealedPiece& piece : pieces) size += piece.size;
  return size;
}

}  // namespace cordon::supervisor
