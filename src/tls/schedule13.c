/* SPDX-License-Identifier: MIT */
/*
 * The TLS 1.3 key schedule (RFC 8446 7.1) without pre-shared keys, as stages: each one consumes the
 * secret of the one before and wipes it.
 */
#include "tls/internal.h"

static err derive(enum hash_id hash, const struct secret *from, const char *label,
                  struct span context, struct secret *out)
{
    out->n = (uint8_t)hash_len(hash);
    return hkdf_expand_label(hash, secret_span(from), span_text(label), context, out->b, out->n);
}

/* A secret of the stage that is bound to the transcript. */
static struct hkdf_label in_hash(const struct schedule13 *s, const char *label,
                                 const uint8_t *transcript_hash, struct secret *out)
{
    size_t n = hash_len(s->hash);
    out->n = (uint8_t)n;
    return (struct hkdf_label){span_text(label), span_of(transcript_hash, n), out->b, n};
}

/* secret = HKDF-Extract(Derive-Secret(secret, "derived", ""), input). */
static err next_stage(struct schedule13 *s, struct span input)
{
    struct secret salt = {0};
    err result = derive(s->hash, &s->secret, "derived", hash_of_nothing(s->hash), &salt);
    if (result == OK)
        result = hkdf_extract(s->hash, secret_span(&salt), input, &s->secret);
    secret_wipe(&salt);
    return result;
}

static struct span zeroes(enum hash_id hash)
{
    static const uint8_t zero[HASH_MAX];
    return span_of(zero, hash_len(hash));
}

err schedule13_start(struct schedule13 *s, enum hash_id hash)
{
    s->hash = hash;
    s->stage = STAGE_EARLY;
    return hkdf_extract(hash, span_empty(), zeroes(hash), &s->secret);
}

err schedule13_handshake(struct schedule13 *s, const struct secret *shared,
                         const uint8_t *transcript_hash)
{
    ENSURE(s->stage == STAGE_EARLY);
    TRY(next_stage(s, secret_span(shared)));
    s->stage = STAGE_HANDSHAKE;
    struct hkdf_label labels[] = {
        in_hash(s, "c hs traffic", transcript_hash, &s->client_handshake),
        in_hash(s, "s hs traffic", transcript_hash, &s->server_handshake),
    };
    return hkdf_expand_labels(s->hash, secret_span(&s->secret), labels, ARRAY_LEN(labels));
}

err schedule13_application(struct schedule13 *s, const uint8_t *transcript_hash,
                           struct secret *out_exporter)
{
    ENSURE(s->stage == STAGE_HANDSHAKE);
    TRY(next_stage(s, zeroes(s->hash)));
    s->stage = STAGE_MASTER;
    struct hkdf_label labels[] = {
        in_hash(s, "c ap traffic", transcript_hash, &s->client_application),
        in_hash(s, "s ap traffic", transcript_hash, &s->server_application),
        in_hash(s, "exp master", transcript_hash, out_exporter),
    };
    TRY(hkdf_expand_labels(s->hash, secret_span(&s->secret), labels, ARRAY_LEN(labels)));
    /* Without resumption nothing else comes from the master secret. */
    secret_wipe(&s->secret);
    s->stage = STAGE_DONE;
    return OK;
}

err schedule13_finished(enum hash_id hash, const struct secret *base,
                        const uint8_t *transcript_hash, uint8_t out[HASH_MAX])
{
    struct secret key = {0};
    err result = derive(hash, base, "finished", span_empty(), &key);
    if (result == OK)
        result = hmac_once(hash, secret_span(&key), span_of(transcript_hash, hash_len(hash)), out);
    secret_wipe(&key);
    return result;
}

err schedule13_next_traffic(enum hash_id hash, struct secret *traffic)
{
    struct secret next = {0};
    err result = derive(hash, traffic, "traffic upd", span_empty(), &next);
    if (result == OK)
        *traffic = next;
    secret_wipe(&next);
    return result;
}
