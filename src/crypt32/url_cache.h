/* SPDX-License-Identifier: MIT */
/*
 * What was fetched and was of use, and which places gave nothing, by URL and question: one table of
 * the process, bounded in entries and bytes. Answers are kept as they came and judged again each
 * time. Time is the caller's. A child of fork begins with an empty one.
 */
#ifndef SCHANNEL_CRYPT32_URL_CACHE_H
#define SCHANNEL_CRYPT32_URL_CACHE_H

#include "crypt32/crl.h"

enum {
    URL_CACHE_ENTRIES = 64,
    URL_CACHE_BYTES = 32 << 20, /* of DER */
    URL_CACHE_LIFE_MAX = 7 * 24 * 60 * 60,
    URL_CACHE_LIFE_UNSAID = 60 * 60, /* of an answer that does not say when the next one is due */
    URL_CACHE_SILENCE = 60           /* of a place that gave nothing of use */
};

struct url_key {
    uint8_t bytes[32];
};

enum url_state { URL_UNKNOWN, URL_SILENT, URL_KNOWN };

/* `question`: what is posted; empty for lists. ERR_NO_MEMORY. */
err url_key_of(const char *url, struct span question, struct url_key *out) MUST_USE;
/* *out_list has a reference, or is NULL. */
enum url_state url_cache_list(const struct url_key *key, int64_t now, struct crl_body **out_list);
/* Appends to the buffer. */
enum url_state url_cache_response(const struct url_key *key, int64_t now, struct buf *out);
void url_cache_keep_list(const struct url_key *key, int64_t now, struct crl_body *list);
/* next_update: 0 when it is not said. */
void url_cache_keep_response(const struct url_key *key, int64_t now, struct span response,
                             int64_t next_update);
void url_cache_keep_silence(const struct url_key *key, int64_t now);

/* For tests. */
struct url_cache_counts {
    size_t entries;
    size_t bytes;
};
struct url_cache_counts url_cache_counts(void);
void url_cache_empty(void);

#endif
