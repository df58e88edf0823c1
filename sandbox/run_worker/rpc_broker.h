// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// RpcBroker: the PathBroker of the jail. Every call is one request to the path broker and its reply
// ([F1]); nothing here opens or resolves anything. An opened file comes with its reply, or the
// supervisor inserts it if the path broker could not send it ([J4] [K1]). If the channel breaks the
// process ends, since the run cannot go on.
#pragma once

#include <optional>

#include "core/wasi/path_broker.h"
#include "sandbox/protocol/channel.h"

namespace cordon::run_worker {

// For one thread. At most one request is outstanding ([P1]).
class RpcBroker final : public wasi::PathBroker {
 public:
  // `channel` leads to the path broker; without preopens there is none, and no request is
  // made.
  RpcBroker(std::optional<protocol::Channel> channel,
            const std::vector<protocol::Preopen>& preopens);

  const std::vector<wasi::Preopen>& preopens() const override { return preopens_; }

  int open(const wasi::OpenRequest& request, wasi::Opened& out) override;
  int stat(wasi::DirHandle dir, std::string_view path, bool follow, wasi::FileStat& out) override;
  int set_times(wasi::DirHandle dir, std::string_view path, bool follow,
                const wasi::FileTimes& times) override;
  int create_directory(wasi::DirHandle dir, std::string_view path) override;
  int remove_directory(wasi::DirHandle dir, std::string_view path) override;
  int unlink_file(wasi::DirHandle dir, std::string_view path) override;
  int rename(wasi::DirHandle from_dir, std::string_view from, wasi::DirHandle to_dir,
             std::string_view to) override;
  int link(wasi::DirHandle from_dir, std::string_view from, bool follow, wasi::DirHandle to_dir,
           std::string_view to) override;
  int symlink(std::string_view target, wasi::DirHandle dir, std::string_view path) override;
  int readlink(wasi::DirHandle dir, std::string_view path, std::string& out) override;

  int stat_directory(wasi::DirHandle dir, wasi::FileStat& out) override;
  int read_directory(wasi::DirHandle dir, uint64_t cookie,
                     std::vector<wasi::DirEntry>& out) override;
  int sync_directory(wasi::DirHandle dir) override;
  void close_directory(wasi::DirHandle dir) override;
  int set_file_times(wasi::FileHandle file, const wasi::FileTimes& times) override;
  void close_file(wasi::FileHandle file, bool unlinked) override;

 private:
  template <class Reply, class Request>
  Reply call(const Request& request);
  template <class Request>
  int status(const Request& request);
  template <class Request>
  protocol::Received exchange(const Request& request);

  int take_file(protocol::Received reply, uint32_t handle, wasi::Opened& out);
  void release(uint32_t handle);
  void send_released();
  void send(protocol::Release& released);

  std::optional<protocol::Channel> channel_;
  std::vector<wasi::Preopen> preopens_;
  // Closed by the guest. Reported to the path broker before the next request, at the latest when
  // they fill one message.
  protocol::Release released_;
  // The handle of the file that the path broker keeps open until the next message, if that may be
  // changed.
  uint32_t held_ = protocol::kNoHandle;
};

}  // namespace cordon::run_worker
