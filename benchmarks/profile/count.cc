// SPDX-License-Identifier: Apache-2.0
//
// A QEMU plugin: how often each instruction of a firmware was executed, before and after a mark.
//
//   -plugin count.so,out=FILE,mark=ADDRESS
//
// When the instruction at the mark is executed, what was counted goes to FILE and counting begins
// anew; the rest is written at exit. A line is "<0 before the mark, 1 after> <address> <count>".
//
// QEMU's header for plugins is not packaged everywhere, so the few functions used are declared here
// (interface version 1, QEMU 4.2 to 8.2).
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

extern "C" {

struct qemu_plugin_tb;
struct qemu_plugin_insn;

__attribute__((visibility("default"))) extern int qemu_plugin_version;
int qemu_plugin_version = 1;

size_t qemu_plugin_tb_n_insns(const qemu_plugin_tb* block);
qemu_plugin_insn* qemu_plugin_tb_get_insn(const qemu_plugin_tb* block, size_t index);
uint64_t qemu_plugin_insn_vaddr(const qemu_plugin_insn* instruction);
void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id,
                                           void (*callback)(uint64_t id, qemu_plugin_tb* block));
// `operation` 0 adds `value`; `flags` 0 says that no registers are looked at.
void qemu_plugin_register_vcpu_insn_exec_inline(qemu_plugin_insn* instruction, int operation,
                                                void* counter, uint64_t value);
void qemu_plugin_register_vcpu_insn_exec_cb(qemu_plugin_insn* instruction,
                                            void (*callback)(unsigned int vcpu, void* context),
                                            int flags, void* context);
void qemu_plugin_register_atexit_cb(uint64_t id, void (*callback)(uint64_t id, void* context),
                                    void* context);

}  // extern "C"

namespace {

constexpr uint64_t kCodeBytes = 64 << 20;  // instructions above this address are not counted
uint64_t* counts;                          // of the instruction at 2 * index
uint64_t mark = UINT64_MAX;
std::FILE* out;
int phase;

void Write() {
  for (uint64_t i = 0; i < kCodeBytes / 2; ++i) {
    if (counts[i] == 0) continue;
    std::fprintf(out, "%d %llx %llu\n", phase, static_cast<unsigned long long>(2 * i),
                 static_cast<unsigned long long>(counts[i]));
    counts[i] = 0;
  }
}

void OnMark(unsigned int, void*) {
  Write();
  phase = 1;
}

void OnBlock(uint64_t, qemu_plugin_tb* block) {
  const size_t instructions = qemu_plugin_tb_n_insns(block);
  for (size_t i = 0; i < instructions; ++i) {
    qemu_plugin_insn* const instruction = qemu_plugin_tb_get_insn(block, i);
    const uint64_t address = qemu_plugin_insn_vaddr(instruction);
    if (address >= kCodeBytes) continue;
    if (address == mark) {
      qemu_plugin_register_vcpu_insn_exec_cb(instruction, OnMark, 0, nullptr);
    }
    qemu_plugin_register_vcpu_insn_exec_inline(instruction, 0, &counts[address / 2], 1);
  }
}

void OnExit(uint64_t, void*) {
  Write();
  std::fclose(out);
}

}  // namespace

extern "C" __attribute__((visibility("default"))) int qemu_plugin_install(uint64_t id, const void*,
                                                                          int argc, char** argv) {
  const char* path = nullptr;
  for (int i = 0; i < argc; ++i) {
    if (std::strncmp(argv[i], "out=", 4) == 0) path = argv[i] + 4;
    if (std::strncmp(argv[i], "mark=", 5) == 0) mark = std::strtoull(argv[i] + 5, nullptr, 0);
  }
  out = path == nullptr ? nullptr : std::fopen(path, "w");
  counts = static_cast<uint64_t*>(std::calloc(kCodeBytes / 2, sizeof(uint64_t)));
  if (out == nullptr || counts == nullptr) return 1;
  qemu_plugin_register_vcpu_tb_trans_cb(id, OnBlock);
  qemu_plugin_register_atexit_cb(id, OnExit, nullptr);
  return 0;
}
