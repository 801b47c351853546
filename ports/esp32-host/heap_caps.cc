// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <cstring>
#include <mutex>

#include "esp_heap_caps.h"

namespace {

struct Region {
  uint32_t caps;
  size_t free_bytes;
  size_t minimum_free_bytes;
};

constexpr uint32_t kInternalCaps =
    MALLOC_CAP_32BIT | MALLOC_CAP_8BIT | MALLOC_CAP_DMA | MALLOC_CAP_INTERNAL | MALLOC_CAP_DEFAULT;
constexpr uint32_t kExternalCaps =
    MALLOC_CAP_32BIT | MALLOC_CAP_8BIT | MALLOC_CAP_SPIRAM | MALLOC_CAP_DEFAULT;
constexpr size_t kInternalBytes = 320 * 1024;
constexpr size_t kExternalBytes = 4 * 1024 * 1024;

// In the order in which they are tried.
Region regions[] = {{kInternalCaps, kInternalBytes, kInternalBytes},
                    {kExternalCaps, kExternalBytes, kExternalBytes}};
std::mutex mutex;

// Stands directly before the bytes that the caller sees.
struct Header {
  Region* region;
  void* block;  // what the host's heap gave
  size_t size_bytes;
};

bool Has(const Region& region, uint32_t caps) { return (region.caps & caps) == caps; }

Region* Reserve(size_t size_bytes, uint32_t caps) {
  const std::lock_guard<std::mutex> lock(mutex);
  for (Region& region : regions) {
    if (!Has(region, caps) || region.free_bytes < size_bytes) continue;
    region.free_bytes -= size_bytes;
    if (region.free_bytes < region.minimum_free_bytes)
      region.minimum_free_bytes = region.free_bytes;
    return &region;
  }
  return nullptr;
}

}  // namespace

void* heap_caps_aligned_alloc(size_t alignment_bytes, size_t size_bytes, uint32_t caps) {
  if (size_bytes == 0) return nullptr;
  Region* region = Reserve(size_bytes, caps);
  if (region == nullptr) return nullptr;
  if (alignment_bytes < alignof(Header)) alignment_bytes = alignof(Header);
  void* block = std::malloc(size_bytes + sizeof(Header) + alignment_bytes);
  if (block == nullptr) std::abort();  // the host itself is out of memory
  const auto first = reinterpret_cast<uintptr_t>(block) + sizeof(Header);
  const uintptr_t aligned = (first + alignment_bytes - 1) & ~(uintptr_t{alignment_bytes} - 1);
  reinterpret_cast<Header*>(aligned)[-1] = {region, block, size_bytes};
  return reinterpret_cast<void*>(aligned);
}

void* heap_caps_malloc(size_t size_bytes, uint32_t caps) {
  return heap_caps_aligned_alloc(alignof(max_align_t), size_bytes, caps);
}

void* heap_caps_calloc(size_t count, size_t size_bytes, uint32_t caps) {
  if (size_bytes != 0 && count > SIZE_MAX / size_bytes) return nullptr;
  void* memory = heap_caps_malloc(count * size_bytes, caps);
  if (memory != nullptr) std::memset(memory, 0, count * size_bytes);
  return memory;
}

void heap_caps_free(void* memory) {
  if (memory == nullptr) return;
  const Header header = static_cast<Header*>(memory)[-1];
  {
    const std::lock_guard<std::mutex> lock(mutex);
    header.region->free_bytes += header.size_bytes;
  }
  std::free(header.block);
}

size_t heap_caps_get_free_size(uint32_t caps) {
  const std::lock_guard<std::mutex> lock(mutex);
  size_t free_bytes = 0;
  for (const Region& region : regions) {
    if (Has(region, caps)) free_bytes += region.free_bytes;
  }
  return free_bytes;
}

size_t heap_caps_get_minimum_free_size(uint32_t caps) {
  const std::lock_guard<std::mutex> lock(mutex);
  size_t free_bytes = 0;
  for (const Region& region : regions) {
    if (Has(region, caps)) free_bytes += region.minimum_free_bytes;
  }
  return free_bytes;
}
