/* SPDX-License-Identifier: MIT */
/*
 * The table of what was fetched. The lock is held for look-ups and copies only. Around fork it is
 * taken, so that the child finds the table whole; what the child inherited is let go of at its
 * first use.
 */
#include "crypt32/url_cache.h"

#include "crypt32/fetch.h"

struct slot {
    struct url_key key;
    enum url_state state;
    int64_t since;
    int64_t until; /* the first second at which it is over */
    uint64_t used; /* when, in uses of the table */
    struct crl_body *list;
    uint8_t *response;
    size_t n;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t forks_once = PTHREAD_ONCE_INIT;
static struct slot slots[URL_CACHE_ENTRIES];
static uint64_t uses;
static bool is_inherited;

err url_key_of(const char *url, struct span question, struct url_key *out)
{
    struct buf b;
    uint8_t digest[HASH_MAX];
    buf_init(&b, FETCH_URL_MAX + FETCH_RESPONSE_MAX);
    wr_vec(&b, 2, span_text(url));
    wr_bytes(&b, question);
    err result = buf_check(&b);
    if (result == OK)
        result = hash_once(HASH_SHA256, buf_span(&b), digest);
    buf_release(&b);
    if (result == OK)
        memcpy(out->bytes, digest, sizeof out->bytes);
    return result;
}

/* ---- under the lock -------------------------------------------------------------------- */

static void drop(struct slot *slot)
{
    crl_body_release(slot->list);
    mem_free(slot->response);
    *slot = (struct slot){.state = URL_UNKNOWN};
}

static void drop_all(void)
{
    for (size_t i = 0; i < ARRAY_LEN(slots); i++)
        drop(&slots[i]);
}

static struct url_cache_counts count(void)
{
    struct url_cache_counts counts = {0};
    for (size_t i = 0; i < ARRAY_LEN(slots); i++) {
        counts.entries += slots[i].state != URL_UNKNOWN;
        counts.bytes += slots[i].n;
    }
    return counts;
}

/* An unused one is older than all others. */
static struct slot *oldest(void)
{
    struct slot *found = &slots[0];
    for (size_t i = 1; i < ARRAY_LEN(slots); i++) {
        if (slots[i].used < found->used)
            found = &slots[i];
    }
    return found;
}

static struct slot *oldest_with_bytes(void)
{
    struct slot *found = NULL;
    for (size_t i = 0; i < ARRAY_LEN(slots); i++) {
        if (slots[i].n != 0 && (found == NULL || slots[i].used < found->used))
            found = &slots[i];
    }
    return found;
}

static struct slot *find(const struct url_key *key)
{
    for (size_t i = 0; i < ARRAY_LEN(slots); i++) {
        if (slots[i].state != URL_UNKNOWN &&
            span_equal(span_of(slots[i].key.bytes, sizeof key->bytes),
                       span_of(key->bytes, sizeof key->bytes)))
            return &slots[i];
    }
    return NULL;
}

/* A clock that was set back makes an entry useless, too. */
static struct slot *find_current(const struct url_key *key, int64_t now)
{
    struct slot *slot = find(key);
    if (slot == NULL)
        return NULL;
    if (now < slot->since || now >= slot->until) {
        drop(slot);
        return NULL;
    }
    slot->used = ++uses;
    return slot;
}

/* Takes what the slot holds over. */
static void put(const struct slot *entry)
{
    struct slot *old = find(&entry->key);
    if (old != NULL)
        drop(old);
    while (count().bytes + entry->n > URL_CACHE_BYTES)
        drop(oldest_with_bytes());
    struct slot *place = oldest();
    drop(place);
    *place = *entry;
    place->used = ++uses;
}

/* ---- the lock -------------------------------------------------------------------------- */

static void before_fork(void)
{
    pthread_mutex_lock(&lock);
}

static void after_fork(void)
{
    pthread_mutex_unlock(&lock);
}

static void in_child(void)
{
    is_inherited = true;
    pthread_mutex_unlock(&lock);
}

static void watch_forks(void)
{
    pthread_atfork(before_fork, after_fork, in_child);
}

static void enter(void)
{
    pthread_once(&forks_once, watch_forks);
    pthread_mutex_lock(&lock);
    if (is_inherited)
        drop_all();
    is_inherited = false;
}

static void leave(void)
{
    pthread_mutex_unlock(&lock);
}

/* ---- the surface ----------------------------------------------------------------------- */

enum url_state url_cache_list(const struct url_key *key, int64_t now, struct crl_body **out_list)
{
    *out_list = NULL;
    enter();
    struct slot *slot = find_current(key, now);
    enum url_state state = slot != NULL ? slot->state : URL_UNKNOWN;
    if (slot != NULL && slot->list != NULL)
        *out_list = crl_body_ref(slot->list);
    leave();
    return state;
}

enum url_state url_cache_response(const struct url_key *key, int64_t now, struct buf *out)
{
    enter();
    struct slot *slot = find_current(key, now);
    enum url_state state = slot != NULL ? slot->state : URL_UNKNOWN;
    if (slot != NULL)
        wr_bytes(out, span_of(slot->response, slot->n));
    leave();
    return state;
}

static int64_t end_of(int64_t now, int64_t next_update)
{
    if (next_update == 0 || next_update == INT64_MAX)
        return now + URL_CACHE_LIFE_UNSAID;
    return next_update - now < URL_CACHE_LIFE_MAX ? next_update + 1 : now + URL_CACHE_LIFE_MAX;
}

static void keep(const struct slot *entry)
{
    enter();
    put(entry);
    leave();
}

void url_cache_keep_list(const struct url_key *key, int64_t now, struct crl_body *list)
{
    if (list->der_len > URL_CACHE_BYTES)
        return;
    keep(&(struct slot){.key = *key,
                        .state = URL_KNOWN,
                        .since = now,
                        .until = end_of(now, list->next_update),
                        .list = crl_body_ref(list),
                        .n = list->der_len});
}

void url_cache_keep_response(const struct url_key *key, int64_t now, struct span response,
                             int64_t next_update)
{
    uint8_t *copy = response.n <= URL_CACHE_BYTES ? mem_dup(response.p, response.n) : NULL;
    if (copy == NULL)
        return;
    keep(&(struct slot){.key = *key,
                        .state = URL_KNOWN,
                        .since = now,
                        .until = end_of(now, next_update),
                        .response = copy,
                        .n = response.n});
}

/* What is known, perhaps by another thread meanwhile, or about another authority, stays. */
void url_cache_keep_silence(const struct url_key *key, int64_t now)
{
    const struct slot silent = {
        .key = *key, .state = URL_SILENT, .since = now, .until = now + URL_CACHE_SILENCE};
    enter();
    if (find_current(key, now) == NULL)
        put(&silent);
    leave();
}

struct url_cache_counts url_cache_counts(void)
{
    enter();
    struct url_cache_counts counts = count();
    leave();
    return counts;
}

void url_cache_empty(void)
{
    enter();
    drop_all();
    leave();
}
