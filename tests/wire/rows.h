/* SPDX-License-Identifier: MIT */
/* The tables of rows, one a subject. */
#ifndef SCHANNEL_TESTS_ROWS_H
#define SCHANNEL_TESTS_ROWS_H

#include "acts.h"

extern const struct row rows_record[], rows_order[], rows_hello[], rows_auth[], rows_after[];
extern const size_t rows_record_count, rows_order_count, rows_hello_count, rows_auth_count,
    rows_after_count;

#endif
