// How often a thread asks for memory.
#ifndef ALLOCATION_COUNTER_H
#define ALLOCATION_COUNTER_H

/// How often the calling thread has asked for memory so far; -1 where nobody counts: with an
/// address sanitizer, and without the GNU C library.
long allocation_count(void);

#endif
