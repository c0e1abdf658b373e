/* SPDX-License-Identifier: MIT */
/* The handle table: what a handle means, for how long, and what garbage means. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "sspi/internal.h"

enum { MANY = 700, THREADS = 4, ROUNDS = 3000 };

/* An object that the table frees as a credential. */
static struct cred *new_object(void)
{
    struct cred *c = mem_alloc(sizeof *c);
    assert_non_null(c);
    atomic_init(&c->refs, 1);
    return c;
}

static void found_until_deleted(void **state)
{
    (void)state;
    SecHandle handle;
    int64_t live = mem_live();
    struct cred *object = new_object();
    assert_int_equal(handle_new(HANDLE_CRED, object, &handle), OK);
    assert_true(SecIsValidHandle(&handle));
    assert_ptr_equal(handle_get(HANDLE_CRED, &handle), object);
    handle_put(&handle);
    assert_null(handle_get(HANDLE_CTX, &handle)); /* another type */
    assert_false(handle_delete(HANDLE_CTX, &handle));
    assert_true(handle_delete(HANDLE_CRED, &handle));
    assert_null(handle_get(HANDLE_CRED, &handle));
    assert_false(handle_delete(HANDLE_CRED, &handle));
    assert_true(mem_live() <= live + 1); /* the chunk of slots may be new */
}

static void a_used_slot_does_not_revive_old_handles(void **state)
{
    (void)state;
    SecHandle first;
    SecHandle second;
    assert_int_equal(handle_new(HANDLE_CRED, new_object(), &first), OK);
    assert_true(handle_delete(HANDLE_CRED, &first));
    assert_int_equal(handle_new(HANDLE_CRED, new_object(), &second), OK);
    assert_int_not_equal(first.dwLower, second.dwLower);
    assert_null(handle_get(HANDLE_CRED, &first));
    assert_false(handle_delete(HANDLE_CRED, &first));
    assert_true(handle_delete(HANDLE_CRED, &second));
}

static void pinned_objects_outlive_their_handle(void **state)
{
    (void)state;
    SecHandle handle;
    struct cred *object = new_object();
    assert_int_equal(handle_new(HANDLE_CRED, object, &handle), OK);
    int64_t live = mem_live();
    assert_ptr_equal(handle_get(HANDLE_CRED, &handle), object);
    assert_true(handle_delete(HANDLE_CRED, &handle));
    assert_null(handle_get(HANDLE_CRED, &handle));
    assert_int_equal(mem_live(), live); /* still there */
    handle_put(&handle);
    assert_true(mem_live() < live);
}

static void garbage_is_no_handle(void **state)
{
    (void)state;
    static const ULONG_PTR words[] = {0,
                                      1,
                                      2,
                                      255,
                                      256,
                                      257,
                                      0x7FFFFFFF,
                                      (ULONG_PTR)-1,
                                      (ULONG_PTR)-2,
                                      0x100000001,
                                      (ULONG_PTR)1 << 63};
    assert_null(handle_get(HANDLE_CRED, NULL));
    assert_false(handle_delete(HANDLE_CRED, NULL));
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        for (size_t j = 0; j < ARRAY_LEN(words); j++) {
            SecHandle handle = {words[i], words[j]};
            assert_null(handle_get(HANDLE_CRED, &handle));
            assert_null(handle_get(HANDLE_CTX, &handle));
            assert_false(handle_delete(HANDLE_CRED, &handle));
            assert_false(handle_delete(HANDLE_CTX, &handle));
        }
    }
}

static void many_at_once(void **state)
{
    (void)state;
    static SecHandle handles[MANY];
    static struct cred *objects[MANY];
    for (size_t i = 0; i < MANY; i++) {
        objects[i] = new_object();
        assert_int_equal(handle_new(HANDLE_CRED, objects[i], &handles[i]), OK);
    }
    for (size_t i = 0; i < MANY; i++) {
        assert_ptr_equal(handle_get(HANDLE_CRED, &handles[i]), objects[i]);
        handle_put(&handles[i]);
    }
    for (size_t i = 0; i < MANY; i++)
        assert_true(handle_delete(HANDLE_CRED, &handles[i]));
}

/* ---- threads --------------------------------------------------------------------------- */

static SecHandle shared;
static atomic_int wins;

/* Makes and deletes its own, and looks at one that all of them delete. */
static void *work(void *arg)
{
    (void)arg;
    for (int i = 0; i < ROUNDS; i++) {
        SecHandle own;
        struct cred *object = mem_alloc(sizeof *object);
        if (object == NULL)
            return NULL;
        atomic_init(&object->refs, 1);
        if (handle_new(HANDLE_CRED, object, &own) != OK)
            return NULL;
        if (handle_get(HANDLE_CRED, &shared) != NULL)
            handle_put(&shared);
        if (i == ROUNDS / 2 && handle_delete(HANDLE_CRED, &shared))
            atomic_fetch_add(&wins, 1);
        if (handle_get(HANDLE_CRED, &own) != object)
            return NULL;
        handle_put(&own);
        if (!handle_delete(HANDLE_CRED, &own))
            return NULL;
    }
    return &shared;
}

static void threads(void **state)
{
    (void)state;
    pthread_t thread[THREADS];
    assert_int_equal(handle_new(HANDLE_CRED, new_object(), &shared), OK);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, work, NULL), 0);
    for (size_t i = 0; i < THREADS; i++) {
        void *result;
        assert_int_equal(pthread_join(thread[i], &result), 0);
        assert_ptr_equal(result, &shared);
    }
    assert_int_equal(atomic_load(&wins), 1); /* one of them deleted it */
    assert_null(handle_get(HANDLE_CRED, &shared));
}

static void without_memory(void **state)
{
    (void)state;
    SecHandle handle;
    static SecHandle made[1024];
    size_t count = 0;
    struct cred *object = new_object();
    err result = OK;
    mem_fail_at(1, true);
    /* Free slots serve first; then a chunk is wanted and cannot be had. */
    while (count < ARRAY_LEN(made) && result == OK) {
        result = handle_new(HANDLE_CRED, object, &made[count]);
        count += result == OK;
    }
    mem_fail_at(0, false);
    assert_int_equal(result, ERR_NO_MEMORY);
    assert_int_equal(handle_new(HANDLE_CRED, object, &handle), OK);
    atomic_store(&object->refs, (int)count + 1);
    for (size_t i = 0; i < count; i++)
        assert_true(handle_delete(HANDLE_CRED, &made[i]));
    assert_true(handle_delete(HANDLE_CRED, &handle));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(found_until_deleted),
        cmocka_unit_test(a_used_slot_does_not_revive_old_handles),
        cmocka_unit_test(pinned_objects_outlive_their_handle),
        cmocka_unit_test(garbage_is_no_handle),
        cmocka_unit_test(many_at_once),
        cmocka_unit_test(threads),
        cmocka_unit_test(without_memory),
    };
    return cmocka_run_group_tests_name("handle", tests, NULL, NULL);
}
