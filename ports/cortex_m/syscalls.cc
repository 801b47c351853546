// SPDX-License-Identifier: Apache-2.0
// What newlib asks of a system, answered by the host through semihosting. Only programs that use
// stdio or malloc link it.

#include <fcntl.h>
#include <reent.h>
#include <sys/stat.h>
#include <sys/types.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "ports/cortex_m/semihosting.h"
#include "ports/port.h"

using midge_port::Semihosting;
using midge_port::SemihostingCall;

namespace {

// Semihosting has no "where am I", so each open file carries its position. Descriptors 0 to 2 are
// the console, the rest index this table from 3 on.
struct File {
  int32_t handle_plus_1;  // 0: free
  uint32_t position_bytes;
};
constexpr int kFirstFile = 3;
constexpr int kMaxFiles = 8;
File files[kMaxFiles];

int Fail(int error) {
  errno = error;
  return -1;
}

int HostError() { return Fail(Semihosting(SemihostingCall::kErrno, nullptr)); }

File* FileOf(int descriptor) {
  const int index = descriptor - kFirstFile;
  if (index < 0 || index >= kMaxFiles || files[index].handle_plus_1 == 0) return nullptr;
  return &files[index];
}

bool IsConsole(int descriptor) { return descriptor >= 0 && descriptor < kFirstFile; }

// Reads or writes; the host answers with the number of bytes that it did not do.
int Transfer(SemihostingCall call, int descriptor, const void* data, int length_bytes) {
  File* file = FileOf(descriptor);
  if (file == nullptr && !IsConsole(descriptor)) return Fail(EBADF);
  const struct {
    int32_t handle;
    const void* data;
    int length_bytes;
  } block = {file != nullptr ? file->handle_plus_1 - 1 : midge_port::StandardStream(descriptor),
             data, length_bytes};
  const int32_t left_bytes = Semihosting(call, &block);
  if (left_bytes < 0 || left_bytes > length_bytes) return HostError();
  const int done_bytes = length_bytes - left_bytes;
  if (file != nullptr) file->position_bytes += static_cast<uint32_t>(done_bytes);
  return done_bytes;
}

}  // namespace

extern "C" {

extern char midge_heap_begin[];
extern char midge_heap_end[];

int _open(const char* path, int flags, ...) {
  int index = 0;
  while (index < kMaxFiles && files[index].handle_plus_1 != 0) ++index;
  if (index == kMaxFiles) return Fail(EMFILE);

  // fopen() modes in binary: "rb" 1, "r+b" 3, "wb" 5, "w+b" 7, "ab" 9, "a+b" 11.
  uint32_t mode = 1;
  if ((flags & O_APPEND) != 0) {
    mode = 9;
  } else if ((flags & O_TRUNC) != 0) {
    mode = 5;
  }
  if ((flags & O_ACCMODE) == O_RDWR) mode += 2;
  const struct {
    const char* path;
    uint32_t mode;
    size_t path_length;
  } block = {path, mode, std::strlen(path)};
  const int32_t handle = Semihosting(SemihostingCall::kOpen, &block);
  if (handle < 0) return HostError();
  files[index] = {handle + 1, 0};
  return kFirstFile + index;
}

int _close(int descriptor) {
  File* file = FileOf(descriptor);
  if (file == nullptr) return IsConsole(descriptor) ? 0 : Fail(EBADF);
  const int32_t handle = file->handle_plus_1 - 1;
  file->handle_plus_1 = 0;
  return Semihosting(SemihostingCall::kClose, &handle) == 0 ? 0 : HostError();
}

int _read(int descriptor, void* data, int length_bytes) {
  return Transfer(SemihostingCall::kRead, descriptor, data, length_bytes);
}

int _write(int descriptor, const void* data, int length_bytes) {
  return Transfer(SemihostingCall::kWrite, descriptor, data, length_bytes);
}

off_t _lseek(int descriptor, off_t offset_bytes, int whence) {
  File* file = FileOf(descriptor);
  if (file == nullptr) return Fail(IsConsole(descriptor) ? ESPIPE : EBADF);
  const int32_t handle = file->handle_plus_1 - 1;
  int32_t base_bytes = 0;
  if (whence == SEEK_CUR) base_bytes = static_cast<int32_t>(file->position_bytes);
  if (whence == SEEK_END) base_bytes = Semihosting(SemihostingCall::kFileLength, &handle);
  const int32_t target_bytes = base_bytes + static_cast<int32_t>(offset_bytes);
  if (base_bytes < 0 || target_bytes < 0) return Fail(EINVAL);
  const struct {
    int32_t handle;
    int32_t position_bytes;
  } block = {handle, target_bytes};
  if (Semihosting(SemihostingCall::kSeek, &block) != 0) return HostError();
  file->position_bytes = static_cast<uint32_t>(target_bytes);
  return target_bytes;
}

int _fstat(int descriptor, struct stat* status) {
  std::memset(status, 0, sizeof(*status));
  File* file = FileOf(descriptor);
  if (file == nullptr) {
    if (!IsConsole(descriptor)) return Fail(EBADF);
    status->st_mode = S_IFCHR;
    return 0;
  }
  const int32_t handle = file->handle_plus_1 - 1;
  status->st_mode = S_IFREG;
  status->st_size = Semihosting(SemihostingCall::kFileLength, &handle);
  return 0;
}

int _isatty(int descriptor) { return IsConsole(descriptor) ? 1 : 0; }

int _unlink(const char* path) {
  const struct {
    const char* path;
    size_t path_length;
  } block = {path, std::strlen(path)};
  return Semihosting(SemihostingCall::kRemove, &block) == 0 ? 0 : HostError();
}

// newlib's own would make a link and remove the old name; here it is one call.
int _rename_r(_reent*, const char* from, const char* to) {
  const struct {
    const char* from;
    size_t from_length;
    const char* to;
    size_t to_length;
  } block = {from, std::strlen(from), to, std::strlen(to)};
  return Semihosting(SemihostingCall::kRename, &block) == 0 ? 0 : HostError();
}

void* _sbrk(ptrdiff_t increment_bytes) {
  static char* end = midge_heap_begin;
  if (increment_bytes > midge_heap_end - end) {
    errno = ENOMEM;
    return reinterpret_cast<void*>(-1);
  }
  char* const begin = end;
  end += increment_bytes;
  return begin;
}

[[noreturn]] void _exit(int code) { PortExit(code); }

// abort() and failed assert() arrive here.
int _kill(int, int) { PortExit(1); }

int _getpid() { return 1; }

}  // extern "C"
