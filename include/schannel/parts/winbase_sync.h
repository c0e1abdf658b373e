/* SPDX-License-Identifier: MIT */
/*
 * Critical sections, one-time initialisation, events, threads and waiting. A handle that is waited
 * for must not be closed meanwhile.
 */
#ifndef SCHANNEL_PARTS_WINBASE_SYNC_H
#define SCHANNEL_PARTS_WINBASE_SYNC_H

#include "../windef.h"
#include "../winerror.h"
#include "winbase_files.h"

#define WAIT_OBJECT_0        ((DWORD)0x00000000)
#define WAIT_ABANDONED       ((DWORD)0x00000080)
#define WAIT_ABANDONED_0     ((DWORD)0x00000080)
#define WAIT_FAILED          ((DWORD)0xFFFFFFFF)
#define MAXIMUM_WAIT_OBJECTS 64
#define STILL_ACTIVE         ((DWORD)0x00000103)
#define CREATE_SUSPENDED     0x00000004

/* The caller's memory, the library's contents. */
typedef struct _RTL_CRITICAL_SECTION {
    PVOID DebugInfo;
    LONG LockCount; /* 0 free, 1 taken, 2 taken and waited for */
    LONG RecursionCount;
    HANDLE OwningThread; /* the number of GetCurrentThreadId, 0 none */
    HANDLE LockSemaphore;
    ULONG_PTR SpinCount;
} RTL_CRITICAL_SECTION, *PRTL_CRITICAL_SECTION;
typedef RTL_CRITICAL_SECTION CRITICAL_SECTION;
typedef PRTL_CRITICAL_SECTION PCRITICAL_SECTION;
typedef PRTL_CRITICAL_SECTION LPCRITICAL_SECTION;

typedef struct _RTL_RUN_ONCE {
    PVOID Ptr;
} RTL_RUN_ONCE, *PRTL_RUN_ONCE;
typedef RTL_RUN_ONCE INIT_ONCE;
typedef PRTL_RUN_ONCE PINIT_ONCE;
typedef PRTL_RUN_ONCE LPINIT_ONCE;
#define RTL_RUN_ONCE_INIT                                                                          \
    {                                                                                              \
        0                                                                                          \
    }
#define INIT_ONCE_STATIC_INIT       RTL_RUN_ONCE_INIT
#define INIT_ONCE_CTX_RESERVED_BITS 2
typedef BOOL(WINAPI *PINIT_ONCE_FN)(PINIT_ONCE InitOnce, PVOID Parameter, PVOID *Context);

typedef DWORD(WINAPI *PTHREAD_START_ROUTINE)(LPVOID lpThreadParameter);
typedef PTHREAD_START_ROUTINE LPTHREAD_START_ROUTINE;

SCHANNEL_SIZE(CRITICAL_SECTION, 40);
SCHANNEL_SIZE(INIT_ONCE, 8);

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * InitializeCriticalSection, InitializeCriticalSectionAndSpinCount - makes it free; the second is
 * always TRUE and does not look at dwSpinCount.
 * EnterCriticalSection - takes it, waiting for as long as another thread has it; a thread that has
 * it may take it again.
 * TryEnterCriticalSection - takes it when it is free or the thread's own; FALSE otherwise.
 * LeaveCriticalSection - gives it back once; only the thread that has it may.
 * DeleteCriticalSection - ends its use; nobody may have it.
 * The pointer must not be NULL. Any thread.
 * Source: Microsoft pages of the functions.
 */
VOID WINAPI InitializeCriticalSection(LPCRITICAL_SECTION lpCriticalSection);
BOOL WINAPI InitializeCriticalSectionAndSpinCount(LPCRITICAL_SECTION lpCriticalSection,
                                                  DWORD dwSpinCount);
VOID WINAPI EnterCriticalSection(LPCRITICAL_SECTION lpCriticalSection);
BOOL WINAPI TryEnterCriticalSection(LPCRITICAL_SECTION lpCriticalSection);
VOID WINAPI LeaveCriticalSection(LPCRITICAL_SECTION lpCriticalSection);
VOID WINAPI DeleteCriticalSection(LPCRITICAL_SECTION lpCriticalSection);

/*
 * InitOnceInitialize - the same as INIT_ONCE_STATIC_INIT.
 * InitOnceExecuteOnce - calls InitFn(InitOnce, Parameter, Context) unless it has succeeded before;
 * threads that come meanwhile wait for it. *Context (may be NULL) is what the call that succeeded
 * put there, a pointer whose two lowest bits are 0. FALSE when InitFn gave FALSE: the next thread
 * tries anew. Any thread.
 * Source: Microsoft pages of the two functions.
 */
VOID WINAPI InitOnceInitialize(PINIT_ONCE InitOnce);
BOOL WINAPI InitOnceExecuteOnce(PINIT_ONCE InitOnce, PINIT_ONCE_FN InitFn, PVOID Parameter,
                                LPVOID *Context);

/*
 * CreateEvent - an event, to be closed with CloseHandle. With bManualReset it stays set until
 * ResetEvent, otherwise one wait that it ends resets it. Events without a name only: with lpName
 * NULL and ERROR_NOT_SUPPORTED. NULL and ERROR_NOT_ENOUGH_MEMORY without memory.
 * lpEventAttributes is not looked at.
 * SetEvent, ResetEvent - FALSE and ERROR_INVALID_HANDLE when it is no event. Any thread.
 * Source: Microsoft pages of the functions.
 */
HANDLE WINAPI CreateEventA(LPSECURITY_ATTRIBUTES lpEventAttributes, BOOL bManualReset,
                           BOOL bInitialState, LPCSTR lpName);
HANDLE WINAPI CreateEventW(LPSECURITY_ATTRIBUTES lpEventAttributes, BOOL bManualReset,
                           BOOL bInitialState, LPCWSTR lpName);
#define CreateEvent SCHANNEL_AW(CreateEvent)
BOOL WINAPI SetEvent(HANDLE hEvent);
BOOL WINAPI ResetEvent(HANDLE hEvent);

/*
 * CreateThread - runs lpStartAddress(lpParameter) in a new thread; the handle is to be closed with
 * CloseHandle, which leaves the thread alone.
 * dwStackSize       0, or at least that many bytes.
 * dwCreationFlags   0; CREATE_SUSPENDED gives ERROR_NOT_SUPPORTED.
 * lpThreadId        out, may be NULL: its GetCurrentThreadId.
 * lpThreadAttributes is not looked at. NULL and ERROR_NOT_ENOUGH_MEMORY when there is no thread.
 * GetExitCodeThread - what it returned, or STILL_ACTIVE. FALSE and ERROR_INVALID_HANDLE.
 * GetCurrentThreadId, GetCurrentProcessId - the kernel's numbers. Any thread.
 * Source: Microsoft pages of the functions.
 */
HANDLE WINAPI CreateThread(LPSECURITY_ATTRIBUTES lpThreadAttributes, SIZE_T dwStackSize,
                           LPTHREAD_START_ROUTINE lpStartAddress, LPVOID lpParameter,
                           DWORD dwCreationFlags, LPDWORD lpThreadId);
BOOL WINAPI GetExitCodeThread(HANDLE hThread, LPDWORD lpExitCode);
DWORD WINAPI GetCurrentThreadId(void);
DWORD WINAPI GetCurrentProcessId(void);

/*
 * WaitForSingleObject - waits until the event is set or the thread has ended, up to dwMilliseconds
 * (INFINITE: for ever; 0: not at all).
 * WaitForMultipleObjects - the same for nCount (1 to MAXIMUM_WAIT_OBJECTS) handles: until one of
 * them is, or with bWaitAll until all of them are at the same moment.
 * Return WAIT_OBJECT_0 plus the index of the (lowest) one that ended the wait, WAIT_TIMEOUT, or
 * WAIT_FAILED with ERROR_INVALID_HANDLE or ERROR_INVALID_PARAMETER. Any thread.
 * Source: Microsoft pages of the two functions.
 */
DWORD WINAPI WaitForSingleObject(HANDLE hHandle, DWORD dwMilliseconds);
DWORD WINAPI WaitForMultipleObjects(DWORD nCount, const HANDLE *lpHandles, BOOL bWaitAll,
                                    DWORD dwMilliseconds);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

/* Atomic arithmetic on a LONG or pointer; each is a full barrier. */
#define InterlockedIncrement(addend)       __atomic_add_fetch((addend), 1, __ATOMIC_SEQ_CST)
#define InterlockedDecrement(addend)       __atomic_sub_fetch((addend), 1, __ATOMIC_SEQ_CST)
#define InterlockedExchange(target, value) __atomic_exchange_n((target), (value), __ATOMIC_SEQ_CST)
#define InterlockedExchangeAdd(addend, value)                                                      \
    __atomic_fetch_add((addend), (value), __ATOMIC_SEQ_CST)
#define InterlockedExchangePointer(target, value)                                                  \
    __atomic_exchange_n((target), (value), __ATOMIC_SEQ_CST)
#define InterlockedCompareExchange(target, value, expected)                                        \
    __sync_val_compare_and_swap((target), (expected), (value))
#define InterlockedCompareExchangePointer(target, value, expected)                                 \
    __sync_val_compare_and_swap((target), (expected), (value))

#endif
