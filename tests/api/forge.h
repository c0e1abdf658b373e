/* SPDX-License-Identifier: MIT */
/*
 * Records of an established connection made outside of the library, from the key log: messages that
 * this version's own contexts never send. RFC 8446 5.2 and 7.3, RFC 5288. AES-GCM suites only.
 * Apart from Windows' headers, whose names collide with libcrypto's.
 */
#ifndef SCHANNEL_TESTS_API_FORGE_H
#define SCHANNEL_TESTS_API_FORGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct forge {
    bool is_tls13;
    const char *digest;
    size_t key_len;
    uint8_t key[32];
    uint8_t iv[12];
    uint8_t secret[64];
    size_t secret_len;
    uint64_t number; /* of the next record */
};

/* Switches the key log on; before anything else is called. */
void forge_start(void);
/* Drops what has been logged. */
void forge_forget(void);
/* The keys with which one side writes data. server_hello: the record that begins the server's
 * flight. */
void forge_open(struct forge *f, bool is_tls13, bool from_server, const uint8_t *server_hello);
/* Seals one record; its length. */
size_t forge_record(struct forge *f, uint8_t type, const void *content, size_t n, uint8_t *out);
/* TLS 1.3: the keys after a KeyUpdate. */
void forge_update(struct forge *f);

#endif
