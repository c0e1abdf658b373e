/* SPDX-License-Identifier: MIT */
/*
 * Critical sections and one-time initialisation. A critical section lives in the caller's memory,
 * whose size is Windows', so it cannot hold a mutex of libc: it is a futex with an owner.
 */
#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "win/win.h"

enum lock_state { FREE = 0, TAKEN = 1, WAITED_FOR = 2 };

static HANDLE this_thread(void)
{
    return (HANDLE)(uintptr_t)GetCurrentThreadId();
}

static bool is_owner(CRITICAL_SECTION *section)
{
    return __atomic_load_n(&section->OwningThread, __ATOMIC_RELAXED) == this_thread();
}

static void own(CRITICAL_SECTION *section)
{
    __atomic_store_n(&section->OwningThread, this_thread(), __ATOMIC_RELAXED);
    section->RecursionCount = 1;
}

static bool take_free(CRITICAL_SECTION *section)
{
    LONG expected = FREE;
    return __atomic_compare_exchange_n(&section->LockCount, &expected, TAKEN, false,
                                       __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

VOID WINAPI InitializeCriticalSection(LPCRITICAL_SECTION lpCriticalSection)
{
    *lpCriticalSection = (CRITICAL_SECTION){.LockCount = FREE};
}

BOOL WINAPI InitializeCriticalSectionAndSpinCount(LPCRITICAL_SECTION lpCriticalSection,
                                                  DWORD dwSpinCount)
{
    (void)dwSpinCount;
    InitializeCriticalSection(lpCriticalSection);
    return TRUE;
}

VOID WINAPI DeleteCriticalSection(LPCRITICAL_SECTION lpCriticalSection)
{
    *lpCriticalSection = (CRITICAL_SECTION){.LockCount = FREE};
}

BOOL WINAPI TryEnterCriticalSection(LPCRITICAL_SECTION lpCriticalSection)
{
    if (is_owner(lpCriticalSection)) {
        lpCriticalSection->RecursionCount++;
        return TRUE;
    }
    if (!take_free(lpCriticalSection))
        return FALSE;
    own(lpCriticalSection);
    return TRUE;
}

VOID WINAPI EnterCriticalSection(LPCRITICAL_SECTION lpCriticalSection)
{
    if (TryEnterCriticalSection(lpCriticalSection))
        return;
    LONG *state = &lpCriticalSection->LockCount;
    while (__atomic_exchange_n(state, WAITED_FOR, __ATOMIC_ACQUIRE) != FREE)
        syscall(SYS_futex, state, FUTEX_WAIT_PRIVATE, WAITED_FOR, NULL, NULL, 0);
    own(lpCriticalSection);
}

VOID WINAPI LeaveCriticalSection(LPCRITICAL_SECTION lpCriticalSection)
{
    if (!is_owner(lpCriticalSection) || --lpCriticalSection->RecursionCount > 0)
        return;
    LONG *state = &lpCriticalSection->LockCount;
    __atomic_store_n(&lpCriticalSection->OwningThread, NULL, __ATOMIC_RELAXED);
    if (__atomic_exchange_n(state, FREE, __ATOMIC_RELEASE) == WAITED_FOR)
        syscall(SYS_futex, state, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

/* ---- once ---------------------------------------------------------------------------------- */

/* In the two low bits of Ptr, as on Windows; the context stands in the others. */
enum once_state { ONCE_NEW = 0, ONCE_RUNNING = 1, ONCE_DONE = 2, ONCE_MASK = 3 };

static pthread_mutex_t once_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t once_ended = PTHREAD_COND_INITIALIZER;

VOID WINAPI InitOnceInitialize(PINIT_ONCE InitOnce)
{
    InitOnce->Ptr = NULL;
}

static uintptr_t once_value(PINIT_ONCE once)
{
    return (uintptr_t)__atomic_load_n(&once->Ptr, __ATOMIC_ACQUIRE);
}

static void once_set(PINIT_ONCE once, uintptr_t value)
{
    __atomic_store_n(&once->Ptr, (PVOID)value, __ATOMIC_RELEASE);
}

/* True when the caller has to run the function, false when it has been run. */
static bool once_claim(PINIT_ONCE once)
{
    pthread_mutex_lock(&once_lock);
    while ((once_value(once) & ONCE_MASK) == ONCE_RUNNING)
        pthread_cond_wait(&once_ended, &once_lock);
    bool is_ours = (once_value(once) & ONCE_MASK) == ONCE_NEW;
    if (is_ours)
        once_set(once, ONCE_RUNNING);
    pthread_mutex_unlock(&once_lock);
    return is_ours;
}

static void once_end(PINIT_ONCE once, uintptr_t value)
{
    pthread_mutex_lock(&once_lock);
    once_set(once, value);
    pthread_cond_broadcast(&once_ended);
    pthread_mutex_unlock(&once_lock);
}

BOOL WINAPI InitOnceExecuteOnce(PINIT_ONCE InitOnce, PINIT_ONCE_FN InitFn, PVOID Parameter,
                                LPVOID *Context)
{
    if ((once_value(InitOnce) & ONCE_MASK) != ONCE_DONE && once_claim(InitOnce)) {
        PVOID context = NULL;
        bool done = InitFn(InitOnce, Parameter, &context) != FALSE;
        once_end(InitOnce,
                 done ? ((uintptr_t)context & ~(uintptr_t)ONCE_MASK) | ONCE_DONE : ONCE_NEW);
        if (!done)
            return FALSE;
    }
    if (Context != NULL)
        *Context = (LPVOID)(once_value(InitOnce) & ~(uintptr_t)ONCE_MASK);
    return TRUE;
}
