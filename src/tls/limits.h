/* SPDX-License-Identifier: MIT */
/* Every limit of the engine, with where it comes from. */
#ifndef SCHANNEL_TLS_LIMITS_H
#define SCHANNEL_TLS_LIMITS_H

#include <stdint.h>

enum {
    /* RFC 5246 6.2.3 and RFC 8446 5.2: what protection may add to 2^14 bytes. */
    TLS12_EXPANSION_MAX = 2048,
    TLS13_EXPANSION_MAX = 256,
    /* Windows' default MessageLimitClient; a server without client authentication takes half. */
    MESSAGE_LEN_MAX_DEFAULT = 0x8000,
    MESSAGE_LEN_MAX_SERVER = 0x4000,
    HANDSHAKE_HEADER_LEN = 4,
    /* A flight of ours: the longest certificate chain and a little more. */
    OUTPUT_LEN_MAX = 0x40000,
    /* Raw handshake bytes kept for a TLS 1.2 CertificateVerify: some messages of the largest size.
     */
    TRANSCRIPT_LEN_MAX = 0x60000,
    /* Floods: records that carry nothing, and messages that only cost work. */
    EMPTY_RECORDS_MAX = 32,
    WARNING_ALERTS_MAX = 4,
    POST_HANDSHAKE_MESSAGES_MAX = 32,
    /* Rejected early data that a server skips, in bytes of records (one full record). */
    EARLY_DATA_SKIPPED_MAX = 16384 + 256,
    /* Driver turns in one tls_step: each one builds or handles a message. */
    HANDSHAKE_STEPS_MAX = 4096,
    OUTPUT_ITEMS_MAX = 12,
    /* Records of a key that data must leave to the KeyUpdate or the alerts that end its use. */
    RECORDS_KEPT_BACK = 64,
    SESSION_ID_MAX = 32,
    VERIFY_DATA_12_LEN = 12,
    MASTER_SECRET_12_LEN = 48
};

#endif
