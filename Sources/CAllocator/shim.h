#ifndef CALLOCATOR_SHIM_H
#define CALLOCATOR_SHIM_H

#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

// Has all threads share one heap, and so what is free in it; nothing where the C library is another than glibc.
static inline void callocator_share_one_heap(void) {
#ifdef M_ARENA_MAX
    mallopt(M_ARENA_MAX, 1);
#endif
}

#endif
