/* SPDX-License-Identifier: MIT */
/* DER written as text: hexadecimal digits, blanks, and parentheses whose length is worked out. */
#ifndef SCHANNEL_TESTS_CRYPT32_DER_TEXT_H
#define SCHANNEL_TESTS_CRYPT32_DER_TEXT_H

#include <stddef.h>
#include <stdint.h>

enum { DER_TEXT_MAX = 1024 };

/* "30(0201 05)" gives 30 03 02 01 05. Asserts that the text is well-formed and fits. */
size_t der_from_text(const char *text, uint8_t out[DER_TEXT_MAX]);

#endif
