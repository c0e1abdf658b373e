/* SPDX-License-Identifier: MIT */
/*
 * A slot's word holds generation, type, a mark for deletion and the number of pins; readers change
 * it with one compare-and-swap and never wait. Slots stand in chunks that are never moved or freed,
 * so a number of any age may be looked up.
 */
#include "util/slots.h"

#include <stddef.h>

#include "util/mem.h"

enum { CHUNK_SLOTS = 256, CACHE_LINE_LEN = 64, INDEX_BITS = 20, TYPE_BITS = 8 };
_Static_assert(CHUNK_SLOTS *SLOTS_CHUNKS_MAX <= 1 << INDEX_BITS, "every index fits a number");

/* Word: | generation 32 | type 8 | deleted 1 | pins 23 |. Number: | generation | type | index + 1 |
 */
#define PINS_MASK        UINT64_C(0x7FFFFF)
#define DELETED          (UINT64_C(1) << 23)
#define TYPE_SHIFT       24
#define GENERATION_SHIFT 32

struct slot {
    atomic_uint_fast64_t word;
    void *object;
    uint32_t next_free; /* index + 1, 0 = none */
    /* Threads that use different objects do not meet in one cache line. */
    char padding[CACHE_LINE_LEN - 8 - sizeof(void *) - 4];
};

static struct slot *slot_at(struct slots *s, uint32_t index)
{
    if (index / CHUNK_SLOTS >= SLOTS_CHUNKS_MAX)
        return NULL;
    struct slot *chunk =
        atomic_load_explicit(&s->chunks[index / CHUNK_SLOTS], memory_order_acquire);
    return chunk != NULL ? &chunk[index % CHUNK_SLOTS] : NULL;
}

static err take_fresh(struct slots *s, uint32_t *out)
{
    uint32_t chunk = s->count / CHUNK_SLOTS;
    if (chunk >= SLOTS_CHUNKS_MAX)
        return FAIL(ERR_NO_MEMORY);
    if (atomic_load(&s->chunks[chunk]) == NULL) {
        struct slot *fresh = mem_array(CHUNK_SLOTS, sizeof *fresh);
        if (fresh == NULL)
            return FAIL(ERR_NO_MEMORY);
        atomic_store_explicit(&s->chunks[chunk], fresh, memory_order_release);
    }
    *out = s->count++;
    return OK;
}

static err take(struct slots *s, uint32_t *out)
{
    err result = OK;
    pthread_mutex_lock(&s->lock);
    if (s->first_free != 0) {
        *out = s->first_free - 1;
        s->first_free = slot_at(s, *out)->next_free;
    } else {
        result = take_fresh(s, out);
    }
    pthread_mutex_unlock(&s->lock);
    return result;
}

err slots_add(struct slots *s, unsigned type, void *object, uint64_t *out)
{
    uint32_t index = 0;
    TRY(take(s, &index));
    struct slot *slot = slot_at(s, index);
    uint64_t generation = (atomic_load(&slot->word) >> GENERATION_SHIFT) + 1;
    if (generation > UINT32_MAX)
        generation = 1;
    slot->object = object;
    atomic_store_explicit(&slot->word,
                          generation << GENERATION_SHIFT | (uint64_t)type << TYPE_SHIFT | 1,
                          memory_order_release);
    *out = generation << (TYPE_BITS + INDEX_BITS) | (uint64_t)type << INDEX_BITS |
           ((uint64_t)index + 1);
    return OK;
}

/* The slot a number may mean, and the word it must have above the pins. */
static struct slot *slot_of(struct slots *s, uint64_t number, uint64_t *out_identity)
{
    uint64_t index = number & ((UINT64_C(1) << INDEX_BITS) - 1);
    uint64_t type = number >> INDEX_BITS & 0xFF;
    uint64_t generation = number >> (TYPE_BITS + INDEX_BITS);
    if (index == 0 || type == 0 || generation == 0 || generation > UINT32_MAX)
        return NULL;
    *out_identity = generation << GENERATION_SHIFT | type << TYPE_SHIFT;
    return slot_at(s, (uint32_t)(index - 1));
}

static uint32_t index_of(uint64_t number)
{
    return (uint32_t)(number & ((UINT64_C(1) << INDEX_BITS) - 1)) - 1;
}

static bool is_type(uint64_t identity, unsigned type)
{
    return (identity >> TYPE_SHIFT & 0xFF) == type;
}

void *slots_get(struct slots *s, unsigned type, uint64_t number)
{
    uint64_t identity;
    struct slot *slot = slot_of(s, number, &identity);
    if (slot == NULL || !is_type(identity, type))
        return NULL;
    uint64_t word = atomic_load_explicit(&slot->word, memory_order_relaxed);
    do {
        if ((word & ~PINS_MASK) != identity || (word & PINS_MASK) == PINS_MASK)
            return NULL;
    } while (!atomic_compare_exchange_weak_explicit(&slot->word, &word, word + 1,
                                                    memory_order_acquire, memory_order_relaxed));
    return slot->object;
}

static void give_back(struct slots *s, struct slot *slot, uint32_t index, uint64_t word)
{
    void *object = slot->object;
    slot->object = NULL;
    s->destroy((unsigned)(word >> TYPE_SHIFT & 0xFF), object);
    atomic_store_explicit(&slot->word, word >> GENERATION_SHIFT << GENERATION_SHIFT,
                          memory_order_release);
    pthread_mutex_lock(&s->lock);
    slot->next_free = s->first_free;
    s->first_free = index + 1;
    pthread_mutex_unlock(&s->lock);
}

static void unpin(struct slots *s, struct slot *slot, uint32_t index)
{
    uint64_t word = atomic_fetch_sub_explicit(&slot->word, 1, memory_order_acq_rel) - 1;
    if ((word & DELETED) != 0 && (word & PINS_MASK) == 0)
        give_back(s, slot, index, word);
}

void slots_put(struct slots *s, uint64_t number)
{
    uint64_t identity;
    struct slot *slot = slot_of(s, number, &identity);
    if (slot != NULL)
        unpin(s, slot, index_of(number));
}

bool slots_remove(struct slots *s, unsigned type, uint64_t number)
{
    uint64_t identity;
    struct slot *slot = slot_of(s, number, &identity);
    if (slot == NULL || !is_type(identity, type))
        return false;
    uint64_t word = atomic_load(&slot->word);
    do {
        if ((word & ~PINS_MASK) != identity)
            return false;
    } while (!atomic_compare_exchange_weak(&slot->word, &word, word | DELETED));
    unpin(s, slot, index_of(number)); /* the pin of its creation */
    return true;
}
