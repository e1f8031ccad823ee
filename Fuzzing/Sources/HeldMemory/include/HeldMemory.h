#ifndef HELD_MEMORY_H
#define HELD_MEMORY_H

/// Starts to follow what is allocated and freed with malloc, which is what Swift uses too. To be called before other threads run.
void held_memory_install(void);

/// Begins to sum up what this thread allocates and has not freed yet, from zero.
/// @param limit the process aborts where the sum exceeds this many bytes.
void held_memory_begin(long limit);

/// Ends it.
/// @return the highest sum, in bytes.
long held_memory_end(void);

#endif
