/* SPDX-License-Identifier: MIT */
/* Stores out of bytes and files, and into them. The functions return 0 or the last error. */
#ifndef SCHANNEL_CRYPT32_FILE_STORE_H
#define SCHANNEL_CRYPT32_FILE_STORE_H

#include "crypt32/store.h"

/* CERT_STORE_PROV_FILENAME; `flags` are CertOpenStore's. */
DWORD file_store_open(const char *path, DWORD flags, struct store **out);
DWORD serialized_store_open(const CRYPT_DATA_BLOB *blob, DWORD flags, struct store **out);
DWORD pkcs7_store_open(const CRYPT_DATA_BLOB *blob, DWORD flags, struct store **out);
DWORD pkcs12_store_open(const CRYPT_DATA_BLOB *blob, DWORD flags, struct store **out);

/* Writes what was changed, for a file store with CERT_FILE_STORE_COMMIT_ENABLE_FLAG. */
DWORD file_store_flush(struct store *store);
/* CERT_STORE_SAVE_AS_*; to be released. */
DWORD store_encode(struct store *store, DWORD save_as, struct buf *out);

#endif
