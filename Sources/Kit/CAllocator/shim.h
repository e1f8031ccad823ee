#ifndef CALLOCATOR_SHIM_H
#define CALLOCATOR_SHIM_H

#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

// Makes all threads share one heap with its free memory, and allocates large blocks directly from the system, to which they
// return when freed. Does nothing with a C library other than glibc.
static inline void callocator_keep_little(void) {
#ifdef M_ARENA_MAX
    mallopt(M_ARENA_MAX, 1);
    // The default value; but unless it is set, it grows with the largest block ever freed.
    mallopt(M_MMAP_THRESHOLD, 128 * 1024);
#endif
}

#endif
