/* SPDX-License-Identifier: MIT */
/* Where the system's stores lie, for those who read them. */
#ifndef SCHANNEL_CRYPT32_PLACES_H
#define SCHANNEL_CRYPT32_PLACES_H

#include "crypt32/folder.h"
#include "crypt32/store.h"

/* The folder of a store; NULL: the folder of all of them. It borrows the name. */
struct folder_path system_path(enum folder_owner owner, const char *name);
/* The user's key containers. */
struct folder_path keys_path(void);
/* The machine's ROOT is to be taken without the distribution's bundle. */
bool system_root_is_exclusive(void);

/* The distribution's bundle, with the contract of roots_open. */
err bundle_open(struct store **out, DWORD *out_error) MUST_USE;

#endif
