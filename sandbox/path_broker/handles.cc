// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/path_broker/handles.h"

#include <cerrno>

#include "sandbox/path_broker/resolve.h"

namespace cordon::path_broker {

Handles::Handles(std::vector<Grant> grants, size_t limit) : limit_(grants.size() + limit) {
  for (Grant& grant : grants) {
    const bool served = check_file_system(grant.directory.get()) == 0;
    const auto number = static_cast<uint32_t>(grants_.size());
    grants_.push_back({grant.writable, served});
    handles_.push_back({std::move(grant.directory), number, true});
  }
}

int Handles::directory(uint32_t number, Access access, const Handle*& out) const {
  if (number >= handles_.size()) return EBADF;
  const Handle& handle = handles_[number];
  if (!handle.fd.valid() || !handle.is_directory) return EBADF;
  if (!grants_[handle.grant].served) return EACCES;
  if (access == Access::Change && !is_writable(handle)) return EROFS;  // [F1]
  out = &handle;
  return 0;
}

int Handles::file(uint32_t number, const Handle*& out) const {
  if (number >= handles_.size()) return EBADF;
  const Handle& handle = handles_[number];
  if (!handle.fd.valid() || handle.is_directory) return EBADF;
  if (!is_writable(handle)) return EROFS;  // [F1] there is no such handle
  out = &handle;
  return 0;
}

int Handles::add(Handle handle, uint32_t& number) {
  if (!free_.empty()) {
    number = free_.back();
    free_.pop_back();
    handles_[number] = std::move(handle);
    return 0;
  }
  if (handles_.size() >= limit_) return EMFILE;  // [L1]
  number = static_cast<uint32_t>(handles_.size());
  handles_.push_back(std::move(handle));
  return 0;
}

void Handles::release(uint32_t number) {
  if (number < grants_.size() || number >= handles_.size()) return;
  if (!handles_[number].fd.valid()) return;
  handles_[number].fd.reset();
  free_.push_back(number);
}

}  // namespace cordon::path_broker
