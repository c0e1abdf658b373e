/* SPDX-License-Identifier: MIT */
/*
 * A store in a folder. What is written is `<SHA-1>.cer` or `<SHA-1>.crl` (DER), `<SHA-1>.prop` (the
 * serialized properties) and `<SHA-1>.key` (PKCS #8, mode 0600); what is read may have other names:
 *
 *  .cer .crt .der .pem   certificates in DER or PEM; of one alone, NAME.prop and NAME.key belong to
 *                        it
 *  .crl                  a revocation list in DER or PEM
 *  .p12 .pfx             without a password, or with an empty one
 *
 * A file that cannot be read, that belongs to somebody else, that others may write, or that holds
 * something else is passed over.
 */
#ifndef SCHANNEL_CRYPT32_SHELF_H
#define SCHANNEL_CRYPT32_SHELF_H

#include "crypt32/folder.h"
#include "crypt32/store.h"

/*
 * The store of a folder, which need not be there. `makes`: it is made at once, not with the first
 * entry. 0, or the last error.
 */
DWORD shelf_open(const struct folder_path *path, bool is_read_only, bool makes, struct store **out);
/* Removes the files and the folder. */
DWORD shelf_delete(const struct folder_path *path);
/* Adds copies of what is there to a store in memory. ERR_NO_MEMORY. */
err shelf_read(const struct folder_path *path, struct store *store) MUST_USE;

#endif
