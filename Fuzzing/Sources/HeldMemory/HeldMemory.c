#include "HeldMemory.h"

#include <sanitizer/allocator_interface.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

// libFuzzer has a thread of its own, which does not belong to the input.
static _Thread_local bool measuring;
static _Thread_local long held, highest, most;

static void allocated(const volatile void *pointer, size_t size) {
    (void)pointer;
    if (!measuring) return;
    held += (long)size;
    if (held <= highest) return;
    highest = held;
    if (held <= most) return;
    measuring = false;
    fprintf(stderr, "held_memory: %ld bytes are allocated, and %ld are allowed\n", held, most);
    // libFuzzer keeps the input, and prints the stack of this allocation.
    abort();
}

static void freed(const volatile void *pointer) {
    if (measuring && pointer) held -= (long)__sanitizer_get_allocated_size(pointer);
}

void held_memory_install(void) {
    if (!__sanitizer_install_malloc_and_free_hooks(allocated, freed)) abort();
}

void held_memory_begin(long limit) {
    held = highest = 0;
    most = limit;
    measuring = true;
}

long held_memory_end(void) {
    measuring = false;
    return highest;
}
