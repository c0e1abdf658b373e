/* SPDX-License-Identifier: MIT */
/*
 * The event rings. Two of them, so that the writing thread shares no slot with anybody; tls_events
 * merges them by number. Without a ring every call is a test of one field.
 */
#include "tls/internal.h"

err event_ring_init(struct event_ring *ring, uint32_t capacity)
{
    if (capacity == 0)
        return OK;
    ring->slots = mem_array(capacity, sizeof *ring->slots);
    if (ring->slots == NULL)
        return FAIL(ERR_NO_MEMORY);
    ring->capacity = capacity;
    return OK;
}

void event_ring_release(struct event_ring *ring)
{
    mem_free(ring->slots);
    *ring = (struct event_ring){0};
}

static struct tls_event *ring_add(struct tls *t, struct event_ring *ring, enum tls_event_kind kind)
{
    if (ring->capacity == 0)
        return NULL;
    struct tls_event *event = &ring->slots[ring->written % ring->capacity];
    ring->written++;
    *event = (struct tls_event){
        .number = atomic_fetch_add_explicit(&t->event_number, 1, memory_order_relaxed),
        .kind = kind,
        .from = "",
        .to = "",
        .function = "",
    };
    return event;
}

struct tls_event *event_add(struct tls *t, enum tls_event_kind kind)
{
    return ring_add(t, &t->events, kind);
}

struct tls_event *event_add_sealed(struct tls *t, enum tls_event_kind kind)
{
    return ring_add(t, &t->events_write, kind);
}

void event_record(struct tls *t, bool is_sent, uint8_t content_type, enum tls_level level,
                  size_t len)
{
    struct tls_event *event =
        event_add(t, is_sent ? TLS_EVENT_RECORD_SENT : TLS_EVENT_RECORD_RECEIVED);
    if (event == NULL)
        return;
    event->content_type = content_type;
    event->level = level;
    event->length = (uint32_t)len;
}

void event_message(struct tls *t, bool is_built, unsigned type, enum tls_level level, size_t len)
{
    struct tls_event *event =
        event_add(t, is_built ? TLS_EVENT_MESSAGE_BUILT : TLS_EVENT_MESSAGE_PARSED);
    if (event == NULL)
        return;
    event->content_type = TLS_HANDSHAKE;
    event->message_type = (uint8_t)type;
    event->level = level;
    event->length = (uint32_t)len;
}

static void ring_skip_lost(struct event_ring *ring, uint64_t *dropped)
{
    if (ring->written - ring->read <= ring->capacity)
        return;
    *dropped += ring->written - ring->capacity - ring->read;
    ring->read = ring->written - ring->capacity;
}

static const struct tls_event *ring_peek(const struct event_ring *ring)
{
    return ring->read < ring->written ? &ring->slots[ring->read % ring->capacity] : NULL;
}

size_t tls_events(struct tls *t, struct tls_event *out, size_t max, uint64_t *out_dropped)
{
    uint64_t dropped = 0;
    ring_skip_lost(&t->events, &dropped);
    ring_skip_lost(&t->events_write, &dropped);
    size_t count = 0;
    while (count < max) {
        const struct tls_event *a = ring_peek(&t->events);
        const struct tls_event *b = ring_peek(&t->events_write);
        if (a == NULL && b == NULL)
            break;
        bool take_a = b == NULL || (a != NULL && a->number < b->number);
        out[count++] = take_a ? *a : *b;
        if (take_a)
            t->events.read++;
        else
            t->events_write.read++;
    }
    if (out_dropped != NULL)
        *out_dropped = dropped;
    return count;
}
