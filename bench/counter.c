/* SPDX-License-Identifier: MIT */
/*
 * The malloc counter: stands before glibc's allocator when preloaded, counts, and passes on. An
 * allocation is libschannel's own when the call came out of its text. Meant for one thread.
 */
#include <errno.h>
#include <link.h>
#include <malloc.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "heap.h"

#define EXPORTED __attribute__((visibility("default")))

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t count, size_t n);
void *__libc_realloc(void *p, size_t n);
void *__libc_memalign(size_t alignment, size_t n);
void __libc_free(void *p);

EXPORTED void schannel_bench_heap_read(struct heap_count *out);
EXPORTED void schannel_bench_heap_reset_peak(void);

static struct heap_count count;
static uintptr_t own_begin;
static uintptr_t own_end;

/* ---- whose call it is ------------------------------------------------------------------ */

static int find_own(struct dl_phdr_info *info, size_t size, void *arg)
{
    (void)size;
    (void)arg;
    if (strstr(info->dlpi_name, "libschannel.so") == NULL)
        return 0;
    for (size_t i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        if (segment->p_type == PT_LOAD && (segment->p_flags & PF_X) != 0) {
            own_begin = (uintptr_t)info->dlpi_addr + segment->p_vaddr;
            own_end = own_begin + segment->p_memsz;
        }
    }
    return 1;
}

__attribute__((constructor)) static void start(void)
{
    (void)dl_iterate_phdr(find_own, NULL);
}

/* ---- counting -------------------------------------------------------------------------- */

static void *note(void *p, const void *caller)
{
    if (p == NULL)
        return NULL;
    uintptr_t from = (uintptr_t)caller;
    count.allocations++;
    count.allocations_own += from >= own_begin && from < own_end;
    count.live_bytes += malloc_usable_size(p);
    if (count.live_bytes > count.peak_bytes)
        count.peak_bytes = count.live_bytes;
    return p;
}

static void forget(void *p)
{
    if (p != NULL)
        count.live_bytes -= malloc_usable_size(p);
}

void schannel_bench_heap_read(struct heap_count *out)
{
    *out = count;
}

void schannel_bench_heap_reset_peak(void)
{
    count.peak_bytes = count.live_bytes;
}

/* ---- the allocator's names ------------------------------------------------------------- */

EXPORTED void *malloc(size_t n)
{
    return note(__libc_malloc(n), __builtin_return_address(0));
}

EXPORTED void *calloc(size_t number, size_t n)
{
    return note(__libc_calloc(number, n), __builtin_return_address(0));
}

EXPORTED void *realloc(void *p, size_t n)
{
    size_t before = p != NULL ? malloc_usable_size(p) : 0;
    void *moved = __libc_realloc(p, n);
    if (moved != NULL || n == 0)
        count.live_bytes -= before;
    return note(moved, __builtin_return_address(0));
}

EXPORTED void *memalign(size_t alignment, size_t n)
{
    return note(__libc_memalign(alignment, n), __builtin_return_address(0));
}

EXPORTED void *aligned_alloc(size_t alignment, size_t n)
{
    return note(__libc_memalign(alignment, n), __builtin_return_address(0));
}

EXPORTED int posix_memalign(void **out, size_t alignment, size_t n)
{
    *out = note(__libc_memalign(alignment, n), __builtin_return_address(0));
    return *out != NULL ? 0 : ENOMEM;
}

EXPORTED void free(void *p)
{
    forget(p);
    __libc_free(p);
}
