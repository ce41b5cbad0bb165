/*
 * mem_poison - tells AddressSanitizer which bytes of our mappings are nobody's. Nothing in other builds.
 */
#ifndef RUNTIME_BASE_MEM_POISON_H
#define RUNTIME_BASE_MEM_POISON_H

#include "runtime/base/base.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MEM_HAS_ASAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define MEM_HAS_ASAN 1
#endif

#ifdef MEM_HAS_ASAN
#include <sanitizer/asan_interface.h>
#define mem_forbid(start, bytes) __asan_poison_memory_region(start, bytes)
#define mem_allow(start, bytes) __asan_unpoison_memory_region(start, bytes)
#else
#define MEM_HAS_ASAN 0
#define mem_forbid(start, bytes) ((void) (start), (void) (bytes))
#define mem_allow(start, bytes) ((void) (start), (void) (bytes))
#endif

#endif
