/* SPDX-License-Identifier: MIT */
/* Keys of certificates as properties and handles. */
#ifndef SCHANNEL_CRYPT32_CERT_KEY_H
#define SCHANNEL_CRYPT32_CERT_KEY_H

#include "crypt32/cert.h"
#include "crypt32/key.h"

/* How CERT_KEY_PROV_INFO_PROP_ID is kept: this, then the container's name and the provider's. */
struct prov_info_head {
    DWORD type;
    DWORD flags;
    DWORD key_spec;
};

err prov_info_store(struct cert *cert, const CRYPT_KEY_PROV_INFO *info) MUST_USE;
/* Bytes of a CRYPT_KEY_PROV_INFO with its texts in one block, and the block itself. */
size_t prov_info_size(struct span flat);
void prov_info_give(struct span flat, void *out);
/* A key that CNG stored; it may have been made with one of CryptoAPI's specs. ERR_KEY_NOT_FOUND. */
err cert_key_load_cng(const WCHAR *container, DWORD key_spec, struct key **out) MUST_USE;

/* CERT_KEY_CONTEXT, and the handle under its own property. */
err key_context_store(struct cert *cert, const CERT_KEY_CONTEXT *context,
                      bool owns_handle) MUST_USE;
/* A new handle for the certificate's key. ERR_NOT_AVAILABLE: it has none. */
err cert_key_handle(struct cert *cert, bool cng, CERT_KEY_CONTEXT *out) MUST_USE;
err cert_keep_handle(struct cert *cert) MUST_USE;
err cert_named_key(struct cert *cert, struct key **out) MUST_USE;

#endif
