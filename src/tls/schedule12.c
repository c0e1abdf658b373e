/* SPDX-License-Identifier: MIT */
/* TLS 1.2 derivations: master secret (RFC 5246 8.1, RFC 7627 4), key block, Finished. */
#include "tls/internal.h"

err schedule12_master(struct tls *t, const struct secret *premaster)
{
    struct handshake *hs = t->hs;
    enum hash_id hash = t->suite->hash;
    hs->master12.n = MASTER_SECRET_12_LEN;
    if (t->info.has_extended_master_secret) {
        uint8_t session_hash[HASH_MAX];
        TRY(transcript_hash(&hs->transcript, session_hash));
        return prf12(hash, secret_span(premaster), "extended master secret",
                     span_of(session_hash, hash_len(hash)), span_empty(), hs->master12.b,
                     hs->master12.n);
    }
    return prf12(hash, secret_span(premaster), "master secret",
                 span_of(hs->client_random, RANDOM_LEN), span_of(hs->server_random, RANDOM_LEN),
                 hs->master12.b, hs->master12.n);
}

/* RFC 5246 6.3; AEAD suites have no MAC keys, GCM a 4-byte salt as IV (RFC 5288 3). */
err schedule12_key_block(struct tls *t)
{
    struct handshake *hs = t->hs;
    size_t iv_len = AEAD_IV_LEN - t->suite->explicit_nonce_len;
    size_t n = 2 * (aead_key_len(t->suite->aead) + iv_len);
    ENSURE(n <= sizeof hs->key_block12);
    hs->key_block12_len = (uint8_t)n;
    return prf12(t->suite->hash, secret_span(&hs->master12), "key expansion",
                 span_of(hs->server_random, RANDOM_LEN), span_of(hs->client_random, RANDOM_LEN),
                 hs->key_block12, n);
}

err schedule12_finished(const struct tls *t, bool of_server, uint8_t out[VERIFY_DATA_12_LEN])
{
    uint8_t digest[HASH_MAX];
    TRY(transcript_hash(&t->hs->transcript, digest));
    return prf12(t->suite->hash, secret_span(&t->hs->master12),
                 of_server ? "server finished" : "client finished",
                 span_of(digest, hash_len(t->suite->hash)), span_empty(), out, VERIFY_DATA_12_LEN);
}
