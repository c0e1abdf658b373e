/* SPDX-License-Identifier: MIT */
/*
 * A table of objects that are known to the outside by a number. The number holds slot, generation
 * and type, so a stale, foreign or made-up one finds nothing. Looking up takes no lock.
 */
#ifndef SCHANNEL_UTIL_SLOTS_H
#define SCHANNEL_UTIL_SLOTS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "util/err.h"

enum { SLOTS_CHUNKS_MAX = 4096 };

struct slot;
struct slots {
    void (*destroy)(unsigned type, void *object); /* when the last pin of a removed object goes */
    pthread_mutex_t lock;
    _Atomic(struct slot *) chunks[SLOTS_CHUNKS_MAX];
    uint32_t count;
    uint32_t first_free;
};

#define SLOTS_INIT(destroy_function)                                                               \
    {                                                                                              \
        .destroy = (destroy_function), .lock = PTHREAD_MUTEX_INITIALIZER                           \
    }

/* type: 1 to 255. *out is never 0 and never all ones. ERR_NO_MEMORY. */
err slots_add(struct slots *slots, unsigned type, void *object, uint64_t *out) MUST_USE;
/* The object, pinned until slots_put; NULL when the number means none of this type. */
void *slots_get(struct slots *slots, unsigned type, uint64_t number);
void slots_put(struct slots *slots, uint64_t number);
/* The number means nothing from here on. False when it did not mean an object of this type. */
bool slots_remove(struct slots *slots, unsigned type, uint64_t number);

#endif
