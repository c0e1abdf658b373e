/* SPDX-License-Identifier: MIT */
/*
 * The crypt32 room: certificate contexts, stores, keys bound to certificates, chains and their
 * verdict. The public Cert* functions stand on these; other rooms use only what is declared here.
 * Strings are UTF-8 inside. Functions return err; the api_*.c files of this room turn it into BOOL
 * and last error.
 */
#ifndef SCHANNEL_CRYPT32_CRYPT32_H
#define SCHANNEL_CRYPT32_CRYPT32_H

#include <wincrypt.h>

#include "crypto/crypto.h"
#include "util/util.h"

/*
 * A chain as a peer sent it, leaf first: the leaf's context, whose hCertStore is a memory store
 * that enumerates all of them, leaf first, the leaf's entry being the very context returned.
 * staple: OCSP response for the leaf (CERT_OCSP_RESPONSE_PROP_ID), may be empty.
 * ERR_CERT_PARSE when one does not parse.
 */
err cert_chain_from_peer(const struct span *certificates, size_t count, struct span staple,
                         PCCERT_CONTEXT *out_leaf) MUST_USE;

/* DER of a context and of its SubjectPublicKeyInfo; borrowed from the context. */
struct span cert_der(PCCERT_CONTEXT cert);
struct span cert_spki(PCCERT_CONTEXT cert);
/* The DER AlgorithmIdentifier of the certificate's own signature. */
struct span cert_signature_algorithm(PCCERT_CONTEXT cert);
/* notBefore, notAfter in seconds since 1970. */
void cert_validity(PCCERT_CONTEXT cert, int64_t *out_not_before, int64_t *out_not_after);
/* True unless a keyUsage extension is there that lacks digitalSignature. */
bool cert_may_sign(PCCERT_CONTEXT cert);

/* The certificate's public key, typed. ERR_CERT_KEY. */
err cert_public_key(PCCERT_CONTEXT cert, struct public_key **out) MUST_USE;
/*
 * A reference to the private key bound to the certificate. ERR_CRED_NO_CERTIFICATE when none is
 * bound, ERR_CRED_BAD_CERTIFICATE when it cannot be used or does not fit the certificate.
 */
err cert_private_key(PCCERT_CONTEXT cert, struct private_key **out) MUST_USE;

/* Certificates to present, leaf first. */
struct cert_list {
    PCCERT_CONTEXT items[16];
    size_t count;
};
/*
 * The chain to send for a leaf: issuers found in the leaf's own store, then in the system's CA
 * store; the root is left out unless with_root. A missing issuer ends the list.
 */
err cert_list_to_send(PCCERT_CONTEXT leaf, bool with_root, struct cert_list *out) MUST_USE;
void cert_list_release(struct cert_list *list);

/* ---- chain verdict --------------------------------------------------------------------- */

enum chain_usage { CHAIN_SERVER_AUTH, CHAIN_CLIENT_AUTH };

struct chain_request {
    PCCERT_CONTEXT leaf;
    HCERTSTORE additional;     /* where intermediates are looked for; may be NULL */
    HCERTSTORE exclusive_root; /* the only trusted roots; NULL = the system's */
    enum chain_usage usage;
    const char *server_name; /* host name or IP literal to match; NULL = no name check */
    int64_t now;             /* seconds since 1970 */
    DWORD chain_flags;       /* CERT_CHAIN_REVOCATION_CHECK_* ... as for CertGetCertificateChain */
    bool ignore_no_revocation_check;
    bool ignore_revocation_offline;
};

struct chain_verdict {
    err reason;           /* OK, or the ERR_CERT_* reason */
    DWORD trust_errors;   /* CERT_TRUST_* error bits of the chain */
    LONG policy_error;    /* HRESULT of the SSL policy, 0 = fine */
    size_t element_index; /* element the error stands at */
};

/*
 * Builds the chain and applies the SSL policy: the one path for automatic validation and for
 * CertGetCertificateChain + CertVerifyCertificateChainPolicy. Returns an error only when no verdict
 * could be reached (ERR_NO_MEMORY, ...).
 */
err chain_judge(const struct chain_request *request, struct chain_verdict *out) MUST_USE;

/* RFC 6125 / RFC 9525 name match of a leaf as the SSL policy does it (certificates.md 8). */
bool cert_matches_name(PCCERT_CONTEXT leaf, const char *server_name);

#endif
