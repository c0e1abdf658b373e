/* SPDX-License-Identifier: MIT */
/*
 * Events, threads and waiting for them. One lock and one condition serve all, so that a wait for
 * several objects sees them at one moment; they are not meant to be fast.
 */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include "win/handle.h"

/* An event, or a thread: then it is set when the thread has ended. */
struct waitable {
    bool is_set;
    bool resets_itself;
    unsigned users; /* a thread: its handle and the thread itself */
    DWORD id;
    DWORD exit_code;
    LPTHREAD_START_ROUTINE start;
    LPVOID parameter;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed;
static pthread_once_t changed_once = PTHREAD_ONCE_INIT;

/* Time-outs are of a clock that nobody sets. */
static void make_condition(void)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&changed, &attributes);
    pthread_condattr_destroy(&attributes);
}

static void enter(void)
{
    pthread_once(&changed_once, make_condition);
    pthread_mutex_lock(&lock);
}

static void leave(void)
{
    pthread_mutex_unlock(&lock);
}

void win_waitable_free(void *object)
{
    struct waitable *waitable = object;
    enter();
    bool is_last = --waitable->users == 0;
    leave();
    if (is_last)
        mem_free(waitable);
}

/* ---- events -------------------------------------------------------------------------------- */

static HANDLE create_event(BOOL is_manual, BOOL is_set, bool has_name)
{
    struct waitable *event = has_name ? NULL : mem_alloc(sizeof *event);
    if (event == NULL) {
        SetLastError(has_name ? ERROR_NOT_SUPPORTED : ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    *event = (struct waitable){
        .is_set = is_set != FALSE, .resets_itself = is_manual == FALSE, .users = 1};
    HANDLE handle = win_handle_add(WIN_EVENT, event);
    if (handle == NULL) {
        mem_free(event);
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
    }
    return handle;
}

HANDLE WINAPI CreateEventA(LPSECURITY_ATTRIBUTES lpEventAttributes, BOOL bManualReset,
                           BOOL bInitialState, LPCSTR lpName)
{
    (void)lpEventAttributes;
    return create_event(bManualReset, bInitialState, lpName != NULL);
}

HANDLE WINAPI CreateEventW(LPSECURITY_ATTRIBUTES lpEventAttributes, BOOL bManualReset,
                           BOOL bInitialState, LPCWSTR lpName)
{
    (void)lpEventAttributes;
    return create_event(bManualReset, bInitialState, lpName != NULL);
}

static BOOL set_event(HANDLE handle, bool value)
{
    struct waitable *event = win_handle_get(WIN_EVENT, handle);
    if (event == NULL)
        return win_fail(ERROR_INVALID_HANDLE);
    enter();
    event->is_set = value;
    pthread_cond_broadcast(&changed);
    leave();
    win_handle_put(handle);
    return TRUE;
}

BOOL WINAPI SetEvent(HANDLE hEvent)
{
    return set_event(hEvent, true);
}

BOOL WINAPI ResetEvent(HANDLE hEvent)
{
    return set_event(hEvent, false);
}

/* ---- threads ------------------------------------------------------------------------------- */

static void *run(void *argument)
{
    struct waitable *thread = argument;
    enter();
    thread->id = GetCurrentThreadId();
    pthread_cond_broadcast(&changed);
    leave();
    DWORD exit_code = thread->start(thread->parameter);
    enter();
    thread->exit_code = exit_code;
    thread->is_set = true;
    pthread_cond_broadcast(&changed);
    leave();
    win_waitable_free(thread);
    return NULL;
}

static bool start_thread(struct waitable *thread, SIZE_T stack_len)
{
    pthread_attr_t attributes;
    pthread_t id;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    /* A size below libc's least one is refused, and then the usual one serves. */
    if (stack_len != 0)
        (void)pthread_attr_setstacksize(&attributes, stack_len);
    bool started = pthread_create(&id, &attributes, run, thread) == 0;
    pthread_attr_destroy(&attributes);
    return started;
}

static DWORD id_of(const struct waitable *thread)
{
    enter();
    while (thread->id == 0)
        pthread_cond_wait(&changed, &lock);
    DWORD id = thread->id;
    leave();
    return id;
}

HANDLE WINAPI CreateThread(LPSECURITY_ATTRIBUTES lpThreadAttributes, SIZE_T dwStackSize,
                           LPTHREAD_START_ROUTINE lpStartAddress, LPVOID lpParameter,
                           DWORD dwCreationFlags, LPDWORD lpThreadId)
{
    (void)lpThreadAttributes;
    if (lpStartAddress == NULL || (dwCreationFlags & CREATE_SUSPENDED) != 0) {
        SetLastError(lpStartAddress == NULL ? ERROR_INVALID_PARAMETER : ERROR_NOT_SUPPORTED);
        return NULL;
    }
    struct waitable *thread = mem_alloc(sizeof *thread);
    HANDLE handle = NULL;
    if (thread != NULL) {
        *thread = (struct waitable){.exit_code = STILL_ACTIVE,
                                    .users = 2,
                                    .start = lpStartAddress,
                                    .parameter = lpParameter};
        handle = win_handle_add(WIN_THREAD, thread);
    }
    if (handle == NULL) {
        mem_free(thread);
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    if (!start_thread(thread, dwStackSize)) {
        bool closed = win_handle_close(WIN_THREAD, handle);
        win_waitable_free(thread);
        SetLastError(closed ? ERROR_NOT_ENOUGH_MEMORY : ERROR_INVALID_HANDLE);
        return NULL;
    }
    DWORD id = id_of(thread);
    if (lpThreadId != NULL)
        *lpThreadId = id;
    return handle;
}

BOOL WINAPI GetExitCodeThread(HANDLE hThread, LPDWORD lpExitCode)
{
    if (lpExitCode == NULL)
        return win_fail(ERROR_INVALID_PARAMETER);
    struct waitable *thread = win_handle_get(WIN_THREAD, hThread);
    if (thread == NULL)
        return win_fail(ERROR_INVALID_HANDLE);
    enter();
    *lpExitCode = thread->exit_code;
    leave();
    win_handle_put(hThread);
    return TRUE;
}

DWORD WINAPI GetCurrentThreadId(void)
{
    /* The kernel is asked once for a thread; a child of fork has another number, and asks anew. */
    static _Thread_local pid_t process;
    static _Thread_local DWORD id;
    if (id == 0 || process != getpid()) {
        process = getpid();
        id = (DWORD)gettid();
    }
    return id;
}

DWORD WINAPI GetCurrentProcessId(void)
{
    return (DWORD)getpid();
}

/* ---- waiting ------------------------------------------------------------------------------- */

static struct timespec deadline_after(DWORD milliseconds)
{
    struct timespec when;
    clock_gettime(CLOCK_MONOTONIC, &when);
    when.tv_sec += milliseconds / 1000;
    when.tv_nsec += (long)(milliseconds % 1000) * 1000000;
    if (when.tv_nsec >= 1000000000) {
        when.tv_sec++;
        when.tv_nsec -= 1000000000;
    }
    return when;
}

static void consume(struct waitable *waitable)
{
    if (waitable->resets_itself)
        waitable->is_set = false;
}

/* The index that ends the wait, taken; or count. */
static DWORD take_ready(struct waitable *const *objects, DWORD count, bool is_for_all)
{
    DWORD first = count;
    DWORD ready = 0;
    for (DWORD i = count; i > 0; i--) {
        if (objects[i - 1]->is_set) {
            first = i - 1;
            ready++;
        }
    }
    if (first == count || (is_for_all && ready < count))
        return count;
    for (DWORD i = 0; i < count; i++) {
        if (is_for_all || i == first)
            consume(objects[i]);
    }
    return first;
}

static DWORD wait_for(struct waitable *const *objects, DWORD count, bool is_for_all,
                      DWORD milliseconds)
{
    struct timespec deadline = deadline_after(milliseconds == INFINITE ? 0 : milliseconds);
    int failed = 0;
    enter();
    DWORD taken = take_ready(objects, count, is_for_all);
    while (taken == count && failed == 0) {
        failed = milliseconds == INFINITE ? pthread_cond_wait(&changed, &lock)
                                          : pthread_cond_timedwait(&changed, &lock, &deadline);
        taken = take_ready(objects, count, is_for_all);
    }
    leave();
    return taken < count ? WAIT_OBJECT_0 + taken : WAIT_TIMEOUT;
}

static struct waitable *get_waitable(HANDLE handle)
{
    struct waitable *waitable = win_handle_get(WIN_EVENT, handle);
    return waitable != NULL ? waitable : win_handle_get(WIN_THREAD, handle);
}

static DWORD fail_wait(DWORD error)
{
    SetLastError(error);
    return WAIT_FAILED;
}

DWORD WINAPI WaitForMultipleObjects(DWORD nCount, const HANDLE *lpHandles, BOOL bWaitAll,
                                    DWORD dwMilliseconds)
{
    struct waitable *objects[MAXIMUM_WAIT_OBJECTS];
    if (nCount == 0 || nCount > MAXIMUM_WAIT_OBJECTS || lpHandles == NULL)
        return fail_wait(ERROR_INVALID_PARAMETER);
    DWORD got = 0;
    while (got < nCount && (objects[got] = get_waitable(lpHandles[got])) != NULL)
        got++;
    DWORD result = got == nCount ? wait_for(objects, nCount, bWaitAll != FALSE, dwMilliseconds)
                                 : fail_wait(ERROR_INVALID_HANDLE);
    while (got > 0)
        win_handle_put(lpHandles[--got]);
    return result;
}

DWORD WINAPI WaitForSingleObject(HANDLE hHandle, DWORD dwMilliseconds)
{
    return WaitForMultipleObjects(1, &hHandle, FALSE, dwMilliseconds);
}
