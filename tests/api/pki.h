/* SPDX-License-Identifier: MIT */
/*
 * Certificates made with libcrypto, in every way that is wrong, too. Apart from Windows' headers,
 * whose names collide with libcrypto's: it passes PEM and DER only.
 */
#ifndef SCHANNEL_TESTS_API_PKI_H
#define SCHANNEL_TESTS_API_PKI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pki_cert; /* a certificate with its key */

struct pki_wish {
    const char *name;              /* common name; a leaf's dNSName, too */
    const struct pki_cert *issuer; /* NULL: self-signed */
    bool is_authority;
    bool no_basic_constraints;
    int path_len;  /* + 1; 0 = no limit */
    int from_days; /* from now */
    int to_days;
    const char *usage;        /* extendedKeyUsage in libcrypto's notation, NULL: none */
    const char *key_usage;    /* keyUsage, NULL: none */
    const char *constraints;  /* nameConstraints, NULL: none */
    const char *critical_oid; /* an extension that nobody knows */
    const char *digest;       /* NULL: SHA256 */
};

/* Lives as long as the process. */
const struct pki_cert *pki_make(const struct pki_wish *wish);
/* PEM of the certificate, of `others`, and of the key where it is asked for; never freed. */
const char *pki_pem(const struct pki_cert *cert, const struct pki_cert *const *others,
                    size_t other_count, bool with_key);
/* A certificate whose signature is not its issuer's. */
const struct pki_cert *pki_tampered(const struct pki_cert *cert);

/* DER, valid from yesterday to tomorrow; never freed. An OCSP response of the issuer about the
 * certificate, and its list, with the certificate (may be NULL) on it. */
const uint8_t *pki_response(const struct pki_cert *cert, const struct pki_cert *issuer,
                            bool is_revoked, size_t *out_len);
const uint8_t *pki_list(const struct pki_cert *issuer, const struct pki_cert *revoked,
                        size_t *out_len);

/* 0, or the oldest entry of libcrypto's error queue. */
unsigned long crypto_queue_error(void);
/* Length of the digest. */
size_t crypto_digest(const char *name, const void *data, size_t n, uint8_t out[64]);

#endif
