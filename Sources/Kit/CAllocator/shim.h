#ifndef CALLOCATOR_SHIM_H
#define CALLOCATOR_SHIM_H

#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

// Has all threads share one heap, and so what is free in it, and has large pieces come from the system and go back to it; nothing where
// the C library is another than glibc.
static inline void callocator_keep_little(void) {
#ifdef M_ARENA_MAX
    mallopt(M_ARENA_MAX, 1);
    // The default too, but one that grows with the largest piece that was ever freed unless it is set.
    mallopt(M_MMAP_THRESHOLD, 128 * 1024);
#endif
}

#endif
