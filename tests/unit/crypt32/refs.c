/* SPDX-License-Identifier: MIT */
/*
 * References, properties and stores from several threads at once; run under the thread sanitizer as
 * well. Each test ends with counts that must come out even.
 */
#include <pthread.h>

#include "zoo.h"

enum { THREADS = 4, ROUNDS = 400 };

static int open_zoo(void **state)
{
    (void)state;
    zoo_open();
    return 0;
}

static int close_zoo(void **state)
{
    (void)state;
    zoo_close();
    return 0;
}

struct shared {
    HCERTSTORE store;
    HCERTSTORE other;
    PCCERT_CONTEXT contexts[2];
    const struct zoo_cert *certs[4];
    struct chain_request request;
    atomic_int wrong;
    atomic_int removed;
};

static void run_threads(void *(*work)(void *), struct shared *shared)
{
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work, shared), 0);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(atomic_load(&shared->wrong), 0);
}

static int count_entries(HCERTSTORE store)
{
    int n = 0;
    for (PCCERT_CONTEXT c = NULL; (c = CertEnumCertificatesInStore(store, c)) != NULL;)
        n++;
    return n;
}

/* ---- one entry, let go of and found again ---------------------------------------------- */

static void *find_and_free(void *arg)
{
    struct shared *shared = arg;
    for (int i = 0; i < ROUNDS * 4; i++) {
        PCCERT_CONTEXT found = CertEnumCertificatesInStore(shared->store, NULL);
        if (found == NULL) {
            atomic_fetch_add(&shared->wrong, 1);
            continue;
        }
        PCCERT_CONTEXT again = CertDuplicateCertificateContext(found);
        CertFreeCertificateContext(found);
        if (again->hCertStore != shared->store)
            atomic_fetch_add(&shared->wrong, 1);
        CertFreeCertificateContext(again);
    }
    return NULL;
}

static void count_of_zero(void **state)
{
    struct shared shared = {.certs = {ZOO(.name = "one")}};
    (void)state;
    int64_t live = mem_live();
    shared.store = zoo_store(shared.certs[0], NULL);
    run_threads(find_and_free, &shared);
    assert_int_equal(atomic_load(&store_of(shared.store)->refs), 1);
    assert_true(CertCloseStore(shared.store, CERT_CLOSE_STORE_CHECK_FLAG));
    assert_int_equal(mem_live(), live);
}

/* ---- adding, taking out, finding ------------------------------------------------------- */

static void *add_and_delete(void *arg)
{
    struct shared *shared = arg;
    for (int i = 0; i < ROUNDS; i++) {
        const struct zoo_cert *cert = shared->certs[i % 4];
        PCCERT_CONTEXT added = NULL;
        if (!CertAddCertificateContextToStore(shared->store, cert->context,
                                              i % 2 != 0 ? CERT_STORE_ADD_REPLACE_EXISTING
                                                         : CERT_STORE_ADD_USE_EXISTING,
                                              &added)) {
            atomic_fetch_add(&shared->wrong, 1);
            continue;
        }
        count_entries(shared->store);
        if (i % 3 == 0)
            CertDeleteCertificateFromStore(added);
        else
            CertFreeCertificateContext(added);
    }
    return NULL;
}

static void store_contents(void **state)
{
    struct shared shared = {
        .certs = {ZOO(.name = "a"), ZOO(.name = "b"), ZOO(.name = "c"), ZOO(.name = "d")}};
    (void)state;
    int64_t live = mem_live();
    shared.store = zoo_store(NULL);
    run_threads(add_and_delete, &shared);
    /* Replacing is one step: no certificate is there twice. */
    for (size_t i = 0; i < 4; i++) {
        int n = 0;
        PCCERT_CONTEXT c = NULL;
        while ((c = CertFindCertificateInStore(shared.store, X509_ASN_ENCODING, 0,
                                               CERT_FIND_EXISTING, shared.certs[i]->context, c)))
            n++;
        assert_true(n <= 1);
    }
    CertCloseStore(shared.store, 0);
    assert_int_equal(mem_live(), live);
}

static void *add_new(void *arg)
{
    struct shared *shared = arg;
    if (CertAddCertificateContextToStore(shared->store, shared->certs[0]->context,
                                         CERT_STORE_ADD_NEW, NULL))
        atomic_fetch_add(&shared->removed, 1);
    return NULL;
}

static void new_only_once(void **state)
{
    struct shared shared = {.certs = {ZOO(.name = "a")}};
    (void)state;
    for (int i = 0; i < 50; i++) {
        atomic_store(&shared.removed, 0);
        shared.store = zoo_store(NULL);
        run_threads(add_new, &shared);
        assert_int_equal(atomic_load(&shared.removed), 1);
        assert_int_equal(count_entries(shared.store), 1);
        CertCloseStore(shared.store, 0);
    }
}

/* Every thread finds the same entry and takes it out: it goes once. */
static void *delete_found(void *arg)
{
    struct shared *shared = arg;
    for (int i = 0; i < ROUNDS; i++) {
        CertAddCertificateContextToStore(shared->store, shared->certs[0]->context,
                                         CERT_STORE_ADD_ALWAYS, NULL);
        PCCERT_CONTEXT found = CertEnumCertificatesInStore(shared->store, NULL);
        if (found != NULL)
            CertDeleteCertificateFromStore(found);
    }
    return NULL;
}

static void deleted_once(void **state)
{
    struct shared shared = {.certs = {ZOO(.name = "a")}};
    (void)state;
    int64_t live = mem_live();
    shared.store = zoo_store(NULL);
    run_threads(delete_found, &shared);
    assert_int_equal(atomic_load(&store_of(shared.store)->refs), 1);
    CertCloseStore(shared.store, 0);
    assert_int_equal(mem_live(), live);
}

/* ---- the store goes while its contexts live -------------------------------------------- */

static void *hold_last(void *arg)
{
    struct shared *shared = arg;
    PCCERT_CONTEXT mine = CertEnumCertificatesInStore(shared->store, NULL);
    CertCloseStore(shared->store, 0); /* this thread's reference */
    if (mine == NULL)
        return NULL;
    if (count_entries(mine->hCertStore) != 2)
        atomic_fetch_add(&shared->wrong, 1);
    CertFreeCertificateContext(mine);
    return NULL;
}

static void store_closed_by_the_last(void **state)
{
    struct shared shared = {.certs = {ZOO(.name = "a"), ZOO(.name = "b")}};
    (void)state;
    int64_t live = mem_live();
    for (int i = 0; i < 100; i++) {
        shared.store = zoo_store(shared.certs[0], shared.certs[1], NULL);
        for (size_t j = 0; j < THREADS - 1; j++)
            CertDuplicateStore(shared.store);
        run_threads(hold_last, &shared);
        assert_int_equal(mem_live(), live);
    }
}

/* ---- properties ------------------------------------------------------------------------ */

enum { PROPERTY = CERT_FIRST_USER_PROP_ID };

/* Each copies from the other, and both from themselves: with two locks held this would stop. */
static void *copy_across(void *arg)
{
    struct shared *shared = arg;
    for (int i = 0; i < ROUNDS; i++) {
        struct cert *a = cert_of(shared->contexts[i % 2]);
        struct cert *b = cert_of(shared->contexts[(i + 1) % 2]);
        BYTE value = (BYTE)i;
        CRYPT_DATA_BLOB blob = {.cbData = 1, .pbData = &value};
        DWORD size = 1;
        if (cert_inherit_properties(a, b) != OK || cert_inherit_properties(a, a) != OK ||
            !CertSetCertificateContextProperty(&a->context, PROPERTY + (DWORD)i % 5, 0, &blob))
            atomic_fetch_add(&shared->wrong, 1);
        CertGetCertificateContextProperty(&b->context, PROPERTY + (DWORD)i % 5, &value, &size);
        if (i % 7 == 0)
            CertSetCertificateContextProperty(&a->context, PROPERTY + (DWORD)i % 5, 0, NULL);
    }
    return NULL;
}

static void properties(void **state)
{
    (void)state;
    struct shared shared = {.contexts = {ZOO(.name = "a")->context, ZOO(.name = "b")->context}};
    run_threads(copy_across, &shared);
}

static void inherited_values(void **state)
{
    BYTE one = 1;
    BYTE two = 2;
    CRYPT_DATA_BLOB blob = {.cbData = 1, .pbData = &one};
    DWORD size = 1;
    BYTE value = 0;
    (void)state;
    PCCERT_CONTEXT from = ZOO(.name = "from")->context;
    PCCERT_CONTEXT to = ZOO(.name = "to")->context;
    CertSetCertificateContextProperty(from, PROPERTY, 0, &blob);
    CertSetCertificateContextProperty(from, PROPERTY + 1, 0, &blob);
    blob.pbData = &two;
    CertSetCertificateContextProperty(to, PROPERTY, 0, &blob);
    for (uint64_t n = 1, live = 0;; n++) {
        live = (uint64_t)mem_live();
        mem_fail_at(n, false);
        err result = cert_inherit_properties(cert_of(to), cert_of(from));
        mem_fail_at(0, false);
        if (result == OK)
            break;
        assert_int_equal(result, ERR_NO_MEMORY);
        assert_int_equal(mem_live(), live);
        assert_false(CertGetCertificateContextProperty(to, PROPERTY + 1, NULL, &size));
    }
    assert_true(CertGetCertificateContextProperty(to, PROPERTY, &value, &size));
    assert_int_equal(value, 2); /* its own stays */
    assert_true(CertGetCertificateContextProperty(to, PROPERTY + 1, &value, &size));
    assert_int_equal(value, 1);
}

/* ---- chains over shared stores --------------------------------------------------------- */

static void *judge(void *arg)
{
    struct shared *shared = arg;
    for (int i = 0; i < ROUNDS / 8; i++) {
        struct chain_verdict verdict;
        if (chain_judge(&shared->request, &verdict) != OK || verdict.reason != OK)
            atomic_fetch_add(&shared->wrong, 1);
    }
    return NULL;
}

static void chains(void **state)
{
    (void)state;
    const struct zoo_cert *root = ZOO(.name = "root");
    const struct zoo_cert *middle = ZOO(.name = "middle", .issuer = root,
                                        .extensions = {{"nameConstraints", "permitted;DNS:test"}});
    const struct zoo_cert *leaf = ZOO(.name = "leaf", .issuer = middle, .authority = ZOO_END,
                                      .extensions = {{"subjectAltName", "DNS:host.test"}});
    struct shared shared = {0};
    shared.store = zoo_store(middle, NULL);
    shared.other = zoo_store(root, NULL);
    shared.request = (struct chain_request){.leaf = leaf->context,
                                            .additional = shared.store,
                                            .exclusive_root = shared.other,
                                            .server_name = "host.test",
                                            .now = ZOO_NOW};
    run_threads(judge, &shared);
    CertCloseStore(shared.store, 0);
    CertCloseStore(shared.other, 0);
}

static void *open_roots(void *arg)
{
    struct shared *shared = arg;
    for (int i = 0; i < 20; i++) {
        HCERTSTORE store = CertOpenSystemStoreA(0, "ROOT");
        if (store == NULL)
            atomic_fetch_add(&shared->wrong, 1);
        else
            CertCloseStore(store, 0);
        if (i % 5 == 0)
            roots_use_bundle(NULL);
    }
    return NULL;
}

static void system_roots(void **state)
{
    struct shared shared = {0};
    (void)state;
    run_threads(open_roots, &shared);
    roots_use_bundle(NULL);
}

/* ---- planted --------------------------------------------------------------------------- */

/* A reference too many or too few is seen by what these tests count. */
static void positive_control(void **state)
{
    (void)state;
    HCERTSTORE store = zoo_store(ZOO(.name = "a"), NULL);
    int64_t live = mem_live();
    PCCERT_CONTEXT leaked = CertEnumCertificatesInStore(store, NULL);
    assert_int_not_equal(atomic_load(&store_of(store)->refs), 1);
    assert_false(CertCloseStore(CertDuplicateStore(store), CERT_CLOSE_STORE_CHECK_FLAG));
    assert_int_equal(GetLastError(), (DWORD)CRYPT_E_PENDING_CLOSE);
    CertCloseStore(store, 0);
    assert_int_equal(mem_live(), live); /* still all there */
    CertFreeCertificateContext(leaked);
    assert_true(mem_live() < live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(count_of_zero),
        cmocka_unit_test(store_contents),
        cmocka_unit_test(new_only_once),
        cmocka_unit_test(deleted_once),
        cmocka_unit_test(store_closed_by_the_last),
        cmocka_unit_test(properties),
        cmocka_unit_test(inherited_values),
        cmocka_unit_test(chains),
        cmocka_unit_test(system_roots),
        cmocka_unit_test(positive_control),
    };
    return cmocka_run_group_tests(tests, open_zoo, close_zoo);
}
