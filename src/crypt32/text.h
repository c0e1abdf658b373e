/* SPDX-License-Identifier: MIT */
/* Bytes as text in the CRYPT_STRING_* forms, and back. A character is a byte here. */
#ifndef SCHANNEL_CRYPT32_TEXT_H
#define SCHANNEL_CRYPT32_TEXT_H

#include <wincrypt.h>

#include "util/util.h"

/* The caller has set the limit of out. ERR_ARGUMENT for a form that is only for reading. */
err text_encode(struct buf *out, struct span bytes, DWORD flags) MUST_USE;

struct text_found {
    size_t skipped; /* characters before the header */
    DWORD form;
};
/* ERR_DECODE when the text is not of the form, ERR_NO_MEMORY. */
err text_decode(struct span text, DWORD flags, struct buf *out, struct text_found *found) MUST_USE;

/* Whether the form is one of hexadecimal digits. */
bool text_is_hex(DWORD form);

#endif
