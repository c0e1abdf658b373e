/* SPDX-License-Identifier: MIT */
/* Of process.h the function that starts a thread, over CreateThread. */
#ifndef SCHANNEL_PROCESS_H
#define SCHANNEL_PROCESS_H

#include "windows.h"

typedef unsigned (*_beginthreadex_proc_type)(void *);

/* 0 with the last error of CreateThread. */
static inline uintptr_t _beginthreadex(void *security, unsigned stack_size,
                                       _beginthreadex_proc_type start, void *argument,
                                       unsigned flags, unsigned *out_id)
{
    return (uintptr_t)CreateThread((LPSECURITY_ATTRIBUTES)security, stack_size, start, argument,
                                   flags, out_id);
}

#endif
