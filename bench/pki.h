/* SPDX-License-Identifier: MIT */
/*
 * One public key infrastructure for every subject: root, intermediate, server and client, once with
 * P-256 and once with RSA-2048, as PEM files in a folder that lives as long as the run.
 */
#ifndef SCHANNEL_BENCH_PKI_H
#define SCHANNEL_BENCH_PKI_H

#include <stdbool.h>

#define PKI_SERVER_NAME "server.bench.example"
#define PKI_WRONG_NAME  "other.bench.example"

enum pki_role { PKI_ROOT, PKI_INTERMEDIATE, PKI_SERVER, PKI_CLIENT, PKI_ROLE_COUNT };

enum { PKI_PATH_MAX = 256 };

/* Paths of one kind of key. A server's or client's chain: its certificate, then the intermediate.
 */
struct pki_files {
    char root[PKI_PATH_MAX];
    char server_chain[PKI_PATH_MAX];
    char server_key[PKI_PATH_MAX];
    char client_chain[PKI_PATH_MAX];
    char client_key[PKI_PATH_MAX];
};

struct pki {
    char folder[PKI_PATH_MAX];
    struct pki_files ecdsa;
    struct pki_files rsa;
};

/* Generates everything in a new folder below $TMPDIR. */
void pki_create(struct pki *pki);
/* The paths in a folder that pki_create has filled. */
void pki_locate(struct pki *pki, const char *folder);
void pki_remove(const struct pki *pki);

static inline const struct pki_files *pki_files(const struct pki *pki, bool is_rsa)
{
    return is_rsa ? &pki->rsa : &pki->ecdsa;
}

#endif
