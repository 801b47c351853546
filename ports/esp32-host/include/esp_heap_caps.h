// SPDX-License-Identifier: Apache-2.0
// Memory by capability. The host has two regions with an ESP32's sizes, so that what does not fit
// there fails here too: 320 KB internal, and 4 MB external (MALLOC_CAP_SPIRAM).
#pragma once

#include <stddef.h>
#include <stdint.h>

#define MALLOC_CAP_32BIT (1u << 1)
#define MALLOC_CAP_8BIT (1u << 2)
#define MALLOC_CAP_DMA (1u << 3)
#define MALLOC_CAP_SPIRAM (1u << 10)
#define MALLOC_CAP_INTERNAL (1u << 11)
#define MALLOC_CAP_DEFAULT (1u << 12)

#ifdef __cplusplus
extern "C" {
#endif

// Null when no region with all of `caps` has room; free with heap_caps_free().
void* heap_caps_malloc(size_t size_bytes, uint32_t caps);
void* heap_caps_calloc(size_t count, size_t size_bytes, uint32_t caps);
// `alignment_bytes` is a power of two.
void* heap_caps_aligned_alloc(size_t alignment_bytes, size_t size_bytes, uint32_t caps);
// Frees what any of the above returned; null is fine.
void heap_caps_free(void* memory);

// Bytes left in the regions that have all of `caps`: now, and at the fullest moment so far.
size_t heap_caps_get_free_size(uint32_t caps);
size_t heap_caps_get_minimum_free_size(uint32_t caps);

#ifdef __cplusplus
}
#endif
