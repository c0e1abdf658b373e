/* SPDX-License-Identifier: MIT */
/* Critical sections, one-time initialisation, events, threads and waiting, between threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include <process.h>

#include "win/win.h"

enum { THREADS = 4, ROUNDS = 2000, LONG_WAIT = 20000 };

struct shared {
    CRITICAL_SECTION section;
    HANDLE go;
    HANDLE done;
    LONG count;
    INIT_ONCE once;
    LONG runs;
};

static DWORD WINAPI count_up(LPVOID argument)
{
    struct shared *shared = argument;
    if (WaitForSingleObject(shared->go, LONG_WAIT) != WAIT_OBJECT_0)
        return 1;
    for (int i = 0; i < ROUNDS; i++) {
        EnterCriticalSection(&shared->section);
        EnterCriticalSection(&shared->section);
        shared->count++;
        LeaveCriticalSection(&shared->section);
        LeaveCriticalSection(&shared->section);
    }
    return 7;
}

static void one_thread_at_a_time(void **state)
{
    (void)state;
    struct shared shared = {.go = CreateEventA(NULL, TRUE, FALSE, NULL)};
    HANDLE threads[THREADS];
    DWORD code;
    InitializeCriticalSection(&shared.section);
    for (int i = 0; i < THREADS; i++) {
        threads[i] = CreateThread(NULL, 1 << 20, count_up, &shared, 0, NULL);
        assert_non_null(threads[i]);
        assert_true(GetExitCodeThread(threads[i], &code));
        assert_int_equal(code, STILL_ACTIVE);
    }
    assert_int_equal(WaitForMultipleObjects(THREADS, threads, TRUE, 0), WAIT_TIMEOUT);
    assert_true(SetEvent(shared.go));
    assert_int_equal(WaitForMultipleObjects(THREADS, threads, TRUE, LONG_WAIT), WAIT_OBJECT_0);
    assert_int_equal(shared.count, THREADS * ROUNDS);
    for (int i = 0; i < THREADS; i++) {
        assert_true(GetExitCodeThread(threads[i], &code));
        assert_int_equal(code, 7);
        assert_true(CloseHandle(threads[i]));
    }
    DeleteCriticalSection(&shared.section);
    assert_true(CloseHandle(shared.go));
}

static DWORD WINAPI try_it(LPVOID argument)
{
    return (DWORD)TryEnterCriticalSection(argument);
}

static DWORD outcome_of(LPTHREAD_START_ROUTINE start, LPVOID argument)
{
    DWORD code = 99;
    DWORD id = 0;
    HANDLE thread = CreateThread(NULL, 0, start, argument, 0, &id);
    assert_non_null(thread);
    assert_int_not_equal(id, 0);
    assert_int_not_equal(id, GetCurrentThreadId());
    assert_int_equal(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
    assert_true(GetExitCodeThread(thread, &code));
    assert_true(CloseHandle(thread));
    return code;
}

static void another_thread_does_not_get_it(void **state)
{
    (void)state;
    CRITICAL_SECTION section;
    assert_true(InitializeCriticalSectionAndSpinCount(&section, 4000));
    EnterCriticalSection(&section);
    assert_true(TryEnterCriticalSection(&section));
    assert_int_equal(outcome_of(try_it, &section), FALSE);
    LeaveCriticalSection(&section);
    assert_int_equal(outcome_of(try_it, &section), FALSE);
    LeaveCriticalSection(&section);
    LeaveCriticalSection(&section); /* once too often: nothing happens */
    assert_int_equal(outcome_of(try_it, &section), TRUE);
}

static BOOL WINAPI run_slowly(PINIT_ONCE once, PVOID argument, PVOID *context)
{
    (void)once;
    struct shared *shared = argument;
    shared->runs++;
    Sleep(5);
    *context = &shared->runs;
    return shared->runs > 1;
}

static DWORD WINAPI run_once(LPVOID argument)
{
    struct shared *shared = argument;
    PVOID context = NULL;
    if (!InitOnceExecuteOnce(&shared->once, run_slowly, shared, &context))
        return 1;
    return context == &shared->runs ? 0 : 2;
}

static void once_means_until_it_succeeds(void **state)
{
    (void)state;
    struct shared shared = {.once = INIT_ONCE_STATIC_INIT};
    HANDLE threads[THREADS];
    assert_int_equal(run_once(&shared), 1); /* the first try gives FALSE */
    for (int i = 0; i < THREADS; i++) {
        threads[i] = CreateThread(NULL, 0, run_once, &shared, 0, NULL);
        assert_non_null(threads[i]);
    }
    assert_int_equal(WaitForMultipleObjects(THREADS, threads, TRUE, LONG_WAIT), WAIT_OBJECT_0);
    for (int i = 0; i < THREADS; i++) {
        DWORD code = 9;
        assert_true(GetExitCodeThread(threads[i], &code));
        assert_int_equal(code, 0);
        assert_true(CloseHandle(threads[i]));
    }
    assert_int_equal(shared.runs, 2);
    InitOnceInitialize(&shared.once);
    assert_int_equal(run_once(&shared), 0);
    assert_int_equal(shared.runs, 3);
}

static void events_reset_themselves_or_not(void **state)
{
    (void)state;
    HANDLE automatic = CreateEventA(NULL, FALSE, TRUE, NULL);
    HANDLE manual = CreateEventW(NULL, TRUE, FALSE, NULL);
    HANDLE both[] = {manual, automatic};
    assert_int_equal(WaitForMultipleObjects(2, both, FALSE, 0), WAIT_OBJECT_0 + 1);
    assert_int_equal(WaitForSingleObject(automatic, 0), WAIT_TIMEOUT);
    assert_true(SetEvent(manual));
    assert_int_equal(WaitForSingleObject(manual, 0), WAIT_OBJECT_0);
    assert_int_equal(WaitForMultipleObjects(2, both, TRUE, 1), WAIT_TIMEOUT);
    assert_true(SetEvent(automatic));
    assert_int_equal(WaitForMultipleObjects(2, both, TRUE, INFINITE), WAIT_OBJECT_0);
    assert_int_equal(WaitForMultipleObjects(2, both, FALSE, 0), WAIT_OBJECT_0);
    assert_true(ResetEvent(manual));
    assert_int_equal(WaitForSingleObject(manual, 1), WAIT_TIMEOUT);
    assert_true(CloseHandle(automatic));
    assert_true(CloseHandle(manual));
}

static void what_is_refused(void **state)
{
    (void)state;
    HANDLE event = CreateEventA(NULL, FALSE, FALSE, NULL);
    HANDLE some[] = {event, NULL};
    DWORD code;
    assert_null(CreateEventA(NULL, FALSE, FALSE, "name"));
    assert_int_equal(GetLastError(), ERROR_NOT_SUPPORTED);
    assert_null(CreateThread(NULL, 0, try_it, NULL, CREATE_SUSPENDED, NULL));
    assert_int_equal(GetLastError(), ERROR_NOT_SUPPORTED);
    assert_null(CreateThread(NULL, 0, NULL, NULL, 0, NULL));
    assert_int_equal(GetLastError(), ERROR_INVALID_PARAMETER);
    assert_int_equal(WaitForMultipleObjects(2, some, FALSE, 0), WAIT_FAILED);
    assert_int_equal(GetLastError(), ERROR_INVALID_HANDLE);
    assert_int_equal(WaitForMultipleObjects(0, some, FALSE, 0), WAIT_FAILED);
    assert_int_equal(GetLastError(), ERROR_INVALID_PARAMETER);
    assert_int_equal(WaitForMultipleObjects(MAXIMUM_WAIT_OBJECTS + 1, some, FALSE, 0), WAIT_FAILED);
    assert_false(GetExitCodeThread(event, &code));
    assert_int_equal(GetLastError(), ERROR_INVALID_HANDLE);
    assert_true(CloseHandle(event));
    assert_false(SetEvent(event));
    assert_int_equal(GetLastError(), ERROR_INVALID_HANDLE);
    assert_int_equal(WaitForSingleObject(event, 0), WAIT_FAILED);
    mem_fail_at(1, false);
    assert_null(CreateEventA(NULL, FALSE, FALSE, NULL));
    mem_fail_at(0, false);
    assert_int_equal(GetLastError(), ERROR_NOT_ENOUGH_MEMORY);
}

static unsigned give_five(void *argument)
{
    *(int *)argument = 5;
    return 5;
}

static void begin_thread(void **state)
{
    (void)state;
    int value = 0;
    unsigned id = 0;
    HANDLE thread = (HANDLE)_beginthreadex(NULL, 0, give_five, &value, 0, &id);
    assert_non_null(thread);
    assert_int_equal(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
    assert_int_equal(value, 5);
    assert_true(CloseHandle(thread));
    LONG number = 1;
    assert_int_equal(InterlockedIncrement(&number), 2);
    assert_int_equal(InterlockedDecrement(&number), 1);
    assert_int_equal(InterlockedExchange(&number, 9), 1);
    assert_int_equal(InterlockedExchangeAdd(&number, 2), 9);
    assert_int_equal(InterlockedCompareExchange(&number, 4, 12), 11);
    assert_int_equal(InterlockedCompareExchange(&number, 4, 11), 11);
    assert_int_equal(number, 4);
}

static DWORD WINAPI count_up_and_tell(LPVOID argument)
{
    struct shared *shared = argument;
    DWORD result = count_up(shared);
    SetEvent(shared->done);
    return result;
}

/* A thread outlives its handle. That its memory goes with it is for the leak checker to say. */
static void a_thread_without_a_handle(void **state)
{
    (void)state;
    struct shared shared = {.go = CreateEventA(NULL, TRUE, FALSE, NULL),
                            .done = CreateEventA(NULL, TRUE, FALSE, NULL)};
    InitializeCriticalSection(&shared.section);
    HANDLE thread = CreateThread(NULL, 0, count_up_and_tell, &shared, 0, NULL);
    assert_non_null(thread);
    assert_true(CloseHandle(thread));
    assert_true(SetEvent(shared.go));
    assert_int_equal(WaitForSingleObject(shared.done, LONG_WAIT), WAIT_OBJECT_0);
    assert_int_equal(shared.count, ROUNDS);
    assert_true(CloseHandle(shared.go));
    assert_true(CloseHandle(shared.done));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_thread_at_a_time),
        cmocka_unit_test(another_thread_does_not_get_it),
        cmocka_unit_test(once_means_until_it_succeeds),
        cmocka_unit_test(events_reset_themselves_or_not),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(begin_thread),
        cmocka_unit_test(a_thread_without_a_handle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
