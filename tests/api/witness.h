/* SPDX-License-Identifier: MIT */
/*
 * What libcrypto alone says of the bytes that the library makes, and files that only it can make.
 * Apart from Windows' headers, whose names collide with libcrypto's.
 */
#ifndef SCHANNEL_TESTS_API_WITNESS_H
#define SCHANNEL_TESTS_API_WITNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whole DER, signed with its own key. */
bool witness_self_signed(const uint8_t *der, size_t n);
bool witness_request(const uint8_t *der, size_t n);
/* The first one's signature is by the second one's key. */
bool witness_signed_by(const uint8_t *der, size_t n, const uint8_t *issuer, size_t issuer_n);
/* The same for a list. */
bool witness_list_signed_by(const uint8_t *der, size_t n, const uint8_t *issuer, size_t issuer_n);
/* libcrypto's short name of the signature's algorithm; never freed. */
const char *witness_signature_name(const uint8_t *der, size_t n);

struct witness_pfx {
    int certificates;
    bool has_key; /* that belongs to the first certificate */
    const char *mac;
    int iterations;
    char friendly_name[64];
    char key_id[64];
};
/* False when the password does not open it; NULL is none. */
bool witness_pfx_open(const uint8_t *der, size_t n, const char *password, struct witness_pfx *out);

struct witness_pfx_wish {
    const char *password;
    const char *friendly_name;
    int iterations; /* of the key, the certificates and the MAC; 0: usual */
    bool with_chain;
    bool no_mac;
    bool rsa;
};
/* A PKCS#12 file with a key made for it; returns its length. */
size_t witness_pfx_make(const struct witness_pfx_wish *wish, uint8_t *out, size_t cap);
/* A "certificates only" PKCS#7 of the certificate; and a list of it, both as DER. */
size_t witness_pkcs7_make(const uint8_t *der, size_t n, uint8_t *out, size_t cap);
size_t witness_list_make(uint8_t *out, size_t cap);

#endif
