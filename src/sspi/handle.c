/* SPDX-License-Identifier: MIT */
/*
 * The handle table. A slot's word holds generation, type, a mark for deletion and the number of
 * pins; readers change it with one compare-and-swap and never wait. Slots stand in chunks that are
 * never moved or freed, so a handle of any age may be looked up.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "sspi/internal.h"

enum { CHUNK_SLOTS = 256, CHUNKS_MAX = 4096 };

/* | generation 32 | type 8 | deleted 1 | pins 23 | */
#define PINS_MASK        UINT64_C(0x7FFFFF)
#define DELETED          (UINT64_C(1) << 23)
#define TYPE_SHIFT       24
#define GENERATION_SHIFT 32

struct slot {
    atomic_uint_fast64_t word;
    void *object;
    uint32_t next_free; /* index + 1, 0 = none */
};

static _Atomic(struct slot *) chunks[CHUNKS_MAX];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint32_t slot_count;
static uint32_t first_free;

static struct slot *slot_at(uint32_t index)
{
    if (index / CHUNK_SLOTS >= CHUNKS_MAX)
        return NULL;
    struct slot *chunk = atomic_load_explicit(&chunks[index / CHUNK_SLOTS], memory_order_acquire);
    return chunk != NULL ? &chunk[index % CHUNK_SLOTS] : NULL;
}

static err take_fresh_slot(uint32_t *out)
{
    uint32_t chunk = slot_count / CHUNK_SLOTS;
    if (chunk >= CHUNKS_MAX)
        return FAIL(ERR_NO_MEMORY);
    if (atomic_load(&chunks[chunk]) == NULL) {
        struct slot *slots = mem_array(CHUNK_SLOTS, sizeof *slots);
        if (slots == NULL)
            return FAIL(ERR_NO_MEMORY);
        atomic_store_explicit(&chunks[chunk], slots, memory_order_release);
    }
    *out = slot_count++;
    return OK;
}

static err take_slot(uint32_t *out)
{
    err result = OK;
    pthread_mutex_lock(&lock);
    if (first_free != 0) {
        *out = first_free - 1;
        first_free = slot_at(*out)->next_free;
    } else {
        result = take_fresh_slot(out);
    }
    pthread_mutex_unlock(&lock);
    return result;
}

err handle_new(enum handle_type type, void *object, PSecHandle out)
{
    uint32_t index = 0;
    TRY(take_slot(&index));
    struct slot *slot = slot_at(index);
    uint64_t generation = (atomic_load(&slot->word) >> GENERATION_SHIFT) + 1;
    if (generation > UINT32_MAX)
        generation = 1;
    slot->object = object;
    atomic_store_explicit(&slot->word,
                          generation << GENERATION_SHIFT | (uint64_t)type << TYPE_SHIFT | 1,
                          memory_order_release);
    out->dwLower = (ULONG_PTR)index + 1;
    out->dwUpper = (ULONG_PTR)(generation << 8 | (uint64_t)type);
    return OK;
}

/* The slot a handle may mean, and the word it must have above the pins. */
static struct slot *slot_of(const SecHandle *handle, uint64_t *out_identity)
{
    if (handle == NULL || handle->dwLower == 0 ||
        handle->dwLower > (ULONG_PTR)CHUNKS_MAX * CHUNK_SLOTS)
        return NULL;
    uint64_t generation = (uint64_t)handle->dwUpper >> 8;
    uint64_t type = (uint64_t)handle->dwUpper & 0xFF;
    if (generation == 0 || generation > UINT32_MAX)
        return NULL;
    *out_identity = generation << GENERATION_SHIFT | type << TYPE_SHIFT;
    return slot_at((uint32_t)(handle->dwLower - 1));
}

void *handle_get(enum handle_type type, const SecHandle *handle)
{
    uint64_t identity;
    struct slot *slot = slot_of(handle, &identity);
    if (slot == NULL || (identity >> TYPE_SHIFT & 0xFF) != (uint64_t)type)
        return NULL;
    uint64_t word = atomic_load_explicit(&slot->word, memory_order_relaxed);
    do {
        if ((word & ~PINS_MASK) != identity || (word & PINS_MASK) == PINS_MASK)
            return NULL;
    } while (!atomic_compare_exchange_weak_explicit(&slot->word, &word, word + 1,
                                                    memory_order_acquire, memory_order_relaxed));
    return slot->object;
}

static void destroy(enum handle_type type, void *object)
{
    if (type == HANDLE_CRED)
        cred_release(object);
    else
        ctx_free(object);
}

static void give_back(struct slot *slot, uint32_t index, uint64_t word)
{
    void *object = slot->object;
    slot->object = NULL;
    destroy((enum handle_type)(word >> TYPE_SHIFT & 0xFF), object);
    atomic_store_explicit(&slot->word, word >> GENERATION_SHIFT << GENERATION_SHIFT,
                          memory_order_release);
    pthread_mutex_lock(&lock);
    slot->next_free = first_free;
    first_free = index + 1;
    pthread_mutex_unlock(&lock);
}

static void unpin(struct slot *slot, uint32_t index)
{
    uint64_t word = atomic_fetch_sub_explicit(&slot->word, 1, memory_order_acq_rel) - 1;
    if ((word & DELETED) != 0 && (word & PINS_MASK) == 0)
        give_back(slot, index, word);
}

void handle_put(const SecHandle *handle)
{
    uint64_t identity;
    struct slot *slot = slot_of(handle, &identity);
    if (slot != NULL)
        unpin(slot, (uint32_t)(handle->dwLower - 1));
}

bool handle_delete(enum handle_type type, const SecHandle *handle)
{
    uint64_t identity;
    struct slot *slot = slot_of(handle, &identity);
    if (slot == NULL || (identity >> TYPE_SHIFT & 0xFF) != (uint64_t)type)
        return false;
    uint64_t word = atomic_load(&slot->word);
    do {
        if ((word & ~PINS_MASK) != identity)
            return false;
    } while (!atomic_compare_exchange_weak(&slot->word, &word, word | DELETED));
    unpin(slot, (uint32_t)(handle->dwLower - 1)); /* the pin of its creation */
    return true;
}
