/* SPDX-License-Identifier: MIT */
/* Collections and links: observed.md X32, and what contexts of them share with the entries. */
#include <pthread.h>

#include "store_support.h"

static const struct zoo_cert *a;
static const struct zoo_cert *b;
static const struct zoo_cert *c;

static int open_zoo(void **state)
{
    (void)state;
    zoo_open();
    a = ZOO(.name = "a");
    b = ZOO(.name = "b");
    c = ZOO(.name = "c");
    return 0;
}

static int close_zoo(void **state)
{
    (void)state;
    zoo_close();
    return 0;
}

static HCERTSTORE open_collection(void)
{
    HCERTSTORE store = CertOpenStore(CERT_STORE_PROV_COLLECTION, 0, 0, 0, NULL);
    assert_non_null(store);
    assert_int_equal(count_entries(store), 0);
    return store;
}

static void join(HCERTSTORE collection, HCERTSTORE member, DWORD flags, DWORD priority)
{
    assert_true(CertAddStoreToCollection(collection, member, flags, priority));
}

static void shows(HCERTSTORE store, const struct zoo_cert *const *expected)
{
    PCCERT_CONTEXT context = NULL;
    for (size_t i = 0; expected[i] != NULL; i++) {
        context = CertEnumCertificatesInStore(store, context);
        assert_true(is_cert(context, expected[i]));
        assert_ptr_equal(context->hCertStore, store);
    }
    FAILS(CRYPT_E_NOT_FOUND, CertEnumCertificatesInStore(store, context));
}
#define SHOWS(store, ...) shows(store, (const struct zoo_cert *const[]){__VA_ARGS__, NULL})

static void arguments(void **state)
{
    (void)state;
    int junk[64] = {0};
    HCERTSTORE memory = open_memory();
    HCERTSTORE collection = open_collection();
    FAILS(E_INVALIDARG, CertAddStoreToCollection(memory, collection, 0, 0));
    FAILS(E_INVALIDARG, CertAddStoreToCollection(memory, memory, 0, 0));
    FAILS(E_INVALIDARG, CertAddStoreToCollection(NULL, memory, 0, 0));
    FAILS(E_INVALIDARG, CertAddStoreToCollection(junk, memory, 0, 0));
    FAILS(E_INVALIDARG, CertAddStoreToCollection(collection, junk, 0, 0));
    assert_true(CertAddStoreToCollection(collection, NULL, 0, 0));
    CertRemoveStoreFromCollection(collection, memory); /* never was in there */
    CertRemoveStoreFromCollection(memory, collection);
    CertRemoveStoreFromCollection(NULL, NULL);
    CertCloseStore(collection, 0);
    assert_true(CertCloseStore(memory, CERT_CLOSE_STORE_CHECK_FLAG));
}

static void order(void **state)
{
    (void)state;
    HCERTSTORE one = zoo_store(a, NULL);
    HCERTSTORE two = zoo_store(b, a, NULL);
    HCERTSTORE three = zoo_store(c, NULL);
    HCERTSTORE collection = open_collection();
    join(collection, one, 0, 0);
    join(collection, two, 0, 0);
    SHOWS(collection, a, b, a); /* equal priority: in order; a duplicate appears twice */
    join(collection, three, 0, 7);
    SHOWS(collection, c, a, b, a);
    join(collection, one, 0, 3); /* the same store once more */
    SHOWS(collection, c, a, a, b, a);
    CertRemoveStoreFromCollection(collection, one);
    SHOWS(collection, c, a, b, a);
    CertRemoveStoreFromCollection(collection, three);
    SHOWS(collection, a, b, a);
    CertCloseStore(collection, 0);
    assert_true(CertCloseStore(one, CERT_CLOSE_STORE_CHECK_FLAG));
    assert_true(CertCloseStore(two, CERT_CLOSE_STORE_CHECK_FLAG));
    assert_true(CertCloseStore(three, CERT_CLOSE_STORE_CHECK_FLAG));
}

static void members_stay_alive(void **state)
{
    (void)state;
    HCERTSTORE one = zoo_store(a, NULL);
    HCERTSTORE collection = open_collection();
    join(collection, one, 0, 0);
    FAILS(CRYPT_E_PENDING_CLOSE, CertCloseStore(one, CERT_CLOSE_STORE_CHECK_FLAG));
    PCCERT_CONTEXT held = CertEnumCertificatesInStore(collection, NULL);
    FAILS(CRYPT_E_PENDING_CLOSE, CertCloseStore(collection, CERT_CLOSE_STORE_CHECK_FLAG));
    assert_true(is_cert(held, a));
    assert_ptr_equal(held->hCertStore, collection);
    FAILS(CRYPT_E_NOT_FOUND, CertEnumCertificatesInStore(collection, held));
}

static void adding(void **state)
{
    static const struct {
        DWORD disposition;
        DWORD new_error;
        DWORD old_error;
    } rows[] = {
        {CERT_STORE_ADD_NEW, (DWORD)E_ACCESSDENIED, (DWORD)CRYPT_E_EXISTS},
        {CERT_STORE_ADD_USE_EXISTING, (DWORD)E_ACCESSDENIED, 0},
        {CERT_STORE_ADD_REPLACE_EXISTING, (DWORD)E_ACCESSDENIED, 0},
        {CERT_STORE_ADD_REPLACE_EXISTING_INHERIT_PROPERTIES, (DWORD)E_ACCESSDENIED, 0},
        {CERT_STORE_ADD_ALWAYS, (DWORD)E_ACCESSDENIED, (DWORD)E_ACCESSDENIED},
        {CERT_STORE_ADD_NEWER, (DWORD)E_ACCESSDENIED, (DWORD)CRYPT_E_EXISTS},
        {CERT_STORE_ADD_NEWER_INHERIT_PROPERTIES, (DWORD)E_ACCESSDENIED, (DWORD)CRYPT_E_EXISTS},
        {0, (DWORD)E_INVALIDARG, (DWORD)E_INVALIDARG},
    };
    (void)state;
    HCERTSTORE one = zoo_store(a, NULL);
    HCERTSTORE collection = open_collection();
    FAILS(E_ACCESSDENIED, add(collection, a, CERT_STORE_ADD_NEW)); /* nobody is in there */
    join(collection, one, 0, 0);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        FAILS(rows[i].new_error, add(collection, b, rows[i].disposition));
        PCCERT_CONTEXT added = NULL;
        SetLastError(0);
        BOOL done =
            CertAddCertificateContextToStore(collection, a->context, rows[i].disposition, &added);
        assert_int_equal(done, rows[i].old_error == 0);
        assert_int_equal(done ? 0 : GetLastError(), rows[i].old_error);
        if (done)
            assert_ptr_equal(added->hCertStore, collection);
        CertFreeCertificateContext(added);
        assert_int_equal(count_entries(one), 1);
    }
    /* The first that takes entries gets them. */
    HCERTSTORE two = open_memory();
    HCERTSTORE three = open_memory();
    join(collection, two, CERT_PHYSICAL_STORE_ADD_ENABLE_FLAG, 0);
    join(collection, three, CERT_PHYSICAL_STORE_ADD_ENABLE_FLAG, 0);
    assert_true(add(collection, b, CERT_STORE_ADD_NEW));
    FAILS(CRYPT_E_EXISTS, add(collection, b, CERT_STORE_ADD_NEW));
    assert_true(holds(two, b) && !holds(one, b) && !holds(three, b));
    CertCloseStore(collection, 0);
    CertCloseStore(one, 0);
    CertCloseStore(two, 0);
    CertCloseStore(three, 0);
}

static void read_only(void **state)
{
    (void)state;
    HCERTSTORE one = zoo_store(a, NULL);
    HCERTSTORE collection =
        CertOpenStore(CERT_STORE_PROV_COLLECTION, 0, 0, CERT_STORE_READONLY_FLAG, NULL);
    join(collection, one, CERT_PHYSICAL_STORE_ADD_ENABLE_FLAG, 0);
    FAILS(ERROR_ACCESS_DENIED, add(collection, b, CERT_STORE_ADD_NEW));
    CertCloseStore(collection, 0);
    /* observed.md X30: a memory store takes no notice. */
    HCERTSTORE memory = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, CERT_STORE_READONLY_FLAG, NULL);
    assert_true(add(memory, a, CERT_STORE_ADD_NEW));
    CertCloseStore(memory, 0);
    CertCloseStore(one, 0);
}

static void properties_are_the_members(void **state)
{
    (void)state;
    HCERTSTORE one = zoo_store(a, NULL);
    HCERTSTORE collection = open_collection();
    join(collection, one, 0, 0);
    PCCERT_CONTEXT outer = CertEnumCertificatesInStore(collection, NULL);
    PCCERT_CONTEXT inner = CertEnumCertificatesInStore(one, NULL);
    assert_true(set_mark(outer, MARK, 1));
    assert_int_equal(get_mark(inner, MARK), 1);
    assert_true(set_mark(inner, MARK, 2));
    assert_int_equal(get_mark(outer, MARK), 2);
    assert_true(CertSetCertificateContextProperty(outer, MARK, 0, NULL));
    assert_int_equal(get_mark(inner, MARK), -1);
    CertFreeCertificateContext(inner);
    CertFreeCertificateContext(outer);
    CertCloseStore(collection, 0);
    CertCloseStore(one, 0);
}

/* Through the collection out of the member, and the enumeration goes on. */
static void deleting(void **state)
{
    (void)state;
    HCERTSTORE one = zoo_store(a, b, NULL);
    HCERTSTORE two = zoo_store(c, NULL);
    HCERTSTORE collection = open_collection();
    join(collection, one, 0, 0);
    join(collection, two, 0, 0);
    int n = 0;
    for (PCCERT_CONTEXT context = NULL;
         (context = CertEnumCertificatesInStore(collection, context)) != NULL; n++)
        assert_true(CertDeleteCertificateFromStore(CertDuplicateCertificateContext(context)));
    assert_int_equal(n, 3);
    assert_int_equal(count_entries(one), 0);
    assert_int_equal(count_entries(two), 0);
    CertCloseStore(collection, 0);
    CertCloseStore(one, 0);
    CertCloseStore(two, 0);
}

/* The member goes while one of its entries is the previous one. */
static void removed_meanwhile(void **state)
{
    (void)state;
    HCERTSTORE one = zoo_store(a, b, NULL);
    HCERTSTORE two = zoo_store(c, NULL);
    HCERTSTORE collection = open_collection();
    join(collection, one, 0, 1);
    join(collection, two, 0, 0);
    PCCERT_CONTEXT context = CertEnumCertificatesInStore(collection, NULL);
    assert_true(is_cert(context, a));
    CertRemoveStoreFromCollection(collection, one);
    context = CertEnumCertificatesInStore(collection, context);
    assert_true(is_cert(context, c));
    FAILS(CRYPT_E_NOT_FOUND, CertEnumCertificatesInStore(collection, context));
    CertCloseStore(collection, 0);
    CertCloseStore(one, 0);
    CertCloseStore(two, 0);
}

static void nesting(void **state)
{
    (void)state;
    HCERTSTORE one = zoo_store(a, NULL);
    HCERTSTORE inner = open_collection();
    HCERTSTORE outer = open_collection();
    join(inner, one, CERT_PHYSICAL_STORE_ADD_ENABLE_FLAG, 0);
    join(outer, inner, CERT_PHYSICAL_STORE_ADD_ENABLE_FLAG, 0);
    SHOWS(outer, a);
    PCCERT_CONTEXT context = CertEnumCertificatesInStore(outer, NULL);
    assert_ptr_equal(context->hCertStore, outer);
    assert_true(set_mark(context, MARK, 1));
    CertFreeCertificateContext(context);
    assert_true(add(outer, b, CERT_STORE_ADD_NEW));
    assert_true(holds(one, b));
    SHOWS(outer, b, a);
    assert_true(CertDeleteCertificateFromStore(find_in(outer, b)));
    assert_false(holds(one, b));
    FAILS(E_INVALIDARG, CertAddStoreToCollection(inner, outer, 0, 0));
    FAILS(E_INVALIDARG, CertAddStoreToCollection(inner, inner, 0, 0));
    CertCloseStore(outer, 0);
    CertCloseStore(inner, 0);
    CertCloseStore(one, 0);
}

/* From below and from above; what is refused once is refused again. */
static void no_towers(void **state)
{
    enum { COUNT = COLLECTION_DEPTH_MAX + 4 };
    (void)state;
    for (int from_above = 0; from_above < 2; from_above++) {
        HCERTSTORE stores[COUNT];
        int height = 1;
        for (int i = 0; i < COUNT; i++)
            stores[i] = open_collection();
        for (int i = 1; i < COUNT; i++) {
            HCERTSTORE upper = from_above ? stores[i - 1] : stores[i];
            HCERTSTORE lower = from_above ? stores[i] : stores[i - 1];
            if (!CertAddStoreToCollection(upper, lower, 0, 0)) {
                FAILS(E_INVALIDARG, CertAddStoreToCollection(upper, lower, 0, 0));
                break;
            }
            height++;
        }
        assert_int_equal(height, COLLECTION_DEPTH_MAX);
        for (int i = 0; i < COUNT; i++)
            CertCloseStore(stores[i], 0);
    }
}

static void links(void **state)
{
    (void)state;
    HCERTSTORE one = zoo_store(a, NULL);
    HCERTSTORE two = open_memory();
    PCCERT_CONTEXT original = CertEnumCertificatesInStore(one, NULL);
    PCCERT_CONTEXT link = NULL;
    int junk[64] = {0};
    FAILS(E_INVALIDARG, CertAddCertificateLinkToStore(NULL, original, CERT_STORE_ADD_NEW, &link));
    FAILS(E_INVALIDARG, CertAddCertificateLinkToStore(junk, original, CERT_STORE_ADD_NEW, &link));
    FAILS(E_INVALIDARG, CertAddCertificateLinkToStore(two, NULL, CERT_STORE_ADD_NEW, &link));
    assert_true(CertAddCertificateLinkToStore(two, original, CERT_STORE_ADD_NEW, &link));
    assert_ptr_equal(link->hCertStore, two);
    assert_ptr_equal(link->pbCertEncoded, original->pbCertEncoded); /* X4 */
    assert_true(set_mark(link, MARK, 5));
    assert_int_equal(get_mark(original, MARK), 5);
    FAILS(CRYPT_E_EXISTS, CertAddCertificateLinkToStore(two, original, CERT_STORE_ADD_NEW, NULL));
    /* A link to a context of the same store is no reason to live for ever. */
    assert_true(CertAddCertificateLinkToStore(one, original, CERT_STORE_ADD_ALWAYS, NULL));
    /* The link goes, the original stays. */
    assert_true(CertDeleteCertificateFromStore(link));
    assert_int_equal(count_entries(two), 0);
    assert_int_equal(count_entries(one), 2);
    assert_int_equal(get_mark(original, MARK), 5);
    CertFreeCertificateContext(original);
    CertCloseStore(two, 0);
    assert_true(CertCloseStore(one, CERT_CLOSE_STORE_CHECK_FLAG));
}

static void without_memory(void **state)
{
    (void)state;
    HCERTSTORE one = zoo_store(a, NULL);
    HCERTSTORE collection = open_collection();
    for (uint64_t n = 1;; n++) {
        int64_t live = mem_live();
        mem_fail_at(n, false);
        BOOL done = CertAddStoreToCollection(collection, one, 1, 0);
        mem_fail_at(0, false);
        if (done)
            break;
        assert_int_equal(GetLastError(), ERROR_NOT_ENOUGH_MEMORY);
        assert_int_equal(mem_live(), live);
    }
    for (uint64_t n = 1;; n++) {
        int64_t live = mem_live();
        mem_fail_at(n, false);
        PCCERT_CONTEXT context = CertEnumCertificatesInStore(collection, NULL);
        mem_fail_at(0, false);
        CertFreeCertificateContext(context);
        if (context != NULL)
            break;
        assert_int_equal(GetLastError(), ERROR_NOT_ENOUGH_MEMORY);
        assert_true(mem_live() <= live + 1); /* the state of the entry, made once */
    }
    for (uint64_t n = 1;; n++) {
        mem_fail_at(n, false);
        BOOL done = add(collection, b, CERT_STORE_ADD_NEW);
        DWORD error = GetLastError();
        mem_fail_at(0, false);
        assert_int_equal(count_entries(one), done ? 2 : 1);
        if (done)
            break;
        assert_int_equal(error, ERROR_NOT_ENOUGH_MEMORY);
    }
    CertCloseStore(collection, 0);
    CertCloseStore(one, 0);
}

/* ---- threads --------------------------------------------------------------------------- */

enum { THREADS = 4, ROUNDS = 200 };

struct shared {
    HCERTSTORE collection;
    HCERTSTORE members[2];
    atomic_int wrong;
};

/* Members come and go, entries come and go, properties are set, links are made: all at once. */
static void *disturb(void *arg)
{
    struct shared *shared = arg;
    HCERTSTORE scratch = open_memory();
    for (int i = 0; i < ROUNDS; i++) {
        PCCERT_CONTEXT context = NULL;
        while ((context = CertEnumCertificatesInStore(shared->collection, context)) != NULL) {
            if (context->hCertStore != shared->collection || !set_mark(context, MARK, 1))
                atomic_fetch_add(&shared->wrong, 1);
            CertAddCertificateLinkToStore(scratch, context, CERT_STORE_ADD_REPLACE_EXISTING, NULL);
        }
        add(shared->collection, i % 2 != 0 ? a : b, CERT_STORE_ADD_REPLACE_EXISTING);
        CertDeleteCertificateFromStore(find_in(shared->collection, i % 3 != 0 ? a : b));
        CertRemoveStoreFromCollection(shared->collection, shared->members[i % 2]);
        CertAddStoreToCollection(shared->collection, shared->members[i % 2], 1, (DWORD)i % 3);
    }
    CertCloseStore(scratch, 0);
    return NULL;
}

static void threads(void **state)
{
    struct shared shared = {.collection = open_collection(),
                            .members = {zoo_store(a, NULL), zoo_store(b, c, NULL)}};
    pthread_t ids[THREADS];
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(shared.members); i++)
        join(shared.collection, shared.members[i], 1, 0);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&ids[i], NULL, disturb, &shared), 0);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(ids[i], NULL);
    assert_int_equal(atomic_load(&shared.wrong), 0);
    assert_true(CertCloseStore(shared.collection, CERT_CLOSE_STORE_CHECK_FLAG));
    for (size_t i = 0; i < ARRAY_LEN(shared.members); i++)
        assert_true(CertCloseStore(shared.members[i], CERT_CLOSE_STORE_CHECK_FLAG));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arguments),
        cmocka_unit_test(order),
        cmocka_unit_test(members_stay_alive),
        cmocka_unit_test(adding),
        cmocka_unit_test(read_only),
        cmocka_unit_test(properties_are_the_members),
        cmocka_unit_test(deleting),
        cmocka_unit_test(removed_meanwhile),
        cmocka_unit_test(nesting),
        cmocka_unit_test(no_towers),
        cmocka_unit_test(links),
        cmocka_unit_test(without_memory),
        cmocka_unit_test(threads),
    };
    return cmocka_run_group_tests(tests, open_zoo, close_zoo);
}
