/* SPDX-License-Identifier: MIT */
/*
 * Threads and processes: one context read and written at once, handles that go while they are used,
 * credentials that many use, and what a child process inherits. Microsoft "EncryptMessage
 * (Schannel)", Remarks; "SSPI Handles". Meant to be run under ThreadSanitizer, too.
 */
#include "api.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 4, RECORD_ROOM = 300, RECORDS = 1500 };

static const int versions[] = {TLS12, TLS13};

/* Threads must not end a test by themselves: they count. */
static atomic_uint wrong;

static void expect(const char *row, SECURITY_STATUS got, SECURITY_STATUS wanted)
{
    if (got == wanted)
        return;
    atomic_fetch_add(&wrong, 1);
    fprintf(stderr, "[%s] 0x%08x instead of 0x%08x\n", row, (unsigned)got, (unsigned)wanted);
}

static void start(pthread_t *thread, void *(*run)(void *), void *arg)
{
    assert_int_equal(pthread_create(thread, NULL, run, arg), 0);
}

static void join_all(pthread_t *threads, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
}

/* ---- the first calls of the process ---------------------------------------------------- */

static pthread_barrier_t barrier;

static void *acquire_first(void *arg)
{
    CredHandle cred;
    (void)arg;
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < 20; i++) {
        expect("A74",
               AcquireCredentialsHandleA(NULL, (char *)UNISP_NAME_A, SECPKG_CRED_OUTBOUND, NULL,
                                         NULL, NULL, NULL, &cred, NULL),
               SEC_E_OK);
        expect("A74", FreeCredentialsHandle(&cred), SEC_E_OK);
    }
    return NULL;
}

static void many_at_once(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    atomic_store(&wrong, 0);
    pthread_barrier_init(&barrier, NULL, THREADS);
    for (size_t i = 0; i < THREADS; i++)
        start(&threads[i], acquire_first, NULL);
    join_all(threads, THREADS);
    pthread_barrier_destroy(&barrier);
    assert_int_equal(atomic_load(&wrong), 0);
}

/* ---- one reads, one writes ------------------------------------------------------------- */

struct stream {
    struct pair_side *side;
    BYTE (*records)[RECORD_ROOM];
    size_t lengths[RECORDS];
};

static int text_of(int i, char out[64])
{
    return snprintf(out, 64, "message %d%.*s", i, i % 40,
                    "........................................");
}

static void *write_stream(void *arg)
{
    struct stream *s = arg;
    for (int i = 0; i < RECORDS; i++) {
        char text[64];
        size_t n = (size_t)text_of(i, text);
        s->lengths[i] = pair_seal(s->side, text, n, s->records[i], RECORD_ROOM);
    }
    return NULL;
}

static void *read_stream(void *arg)
{
    struct stream *s = arg;
    for (int i = 0; i < RECORDS; i++) {
        char text[64];
        SecBuffer b[4];
        size_t n = (size_t)text_of(i, text);
        expect("threads: read", unseal(s->side, s->records[i], s->lengths[i], b), SEC_E_OK);
        if (b[1].cbBuffer != n || memcmp(b[1].pvBuffer, text, n) != 0)
            atomic_fetch_add(&wrong, 1);
    }
    return NULL;
}

static struct stream *new_stream(struct pair_side *side)
{
    struct stream *s = calloc(1, sizeof *s);
    assert_non_null(s);
    s->side = side;
    s->records = calloc(RECORDS, RECORD_ROOM);
    assert_non_null(s->records);
    return s;
}

static void free_stream(struct stream *s)
{
    free(s->records);
    free(s);
}

static void read_and_write(void **state)
{
    (void)state;
    for (size_t v = 0; v < COUNT(versions); v++) {
        for (int at_server = 0; at_server < 2; at_server++) {
            struct pair *p = connect_pair(versions[v]);
            struct pair_side *near = at_server ? &p->server : &p->client;
            struct pair_side *far = at_server ? &p->client : &p->server;
            struct stream *in = new_stream(far);
            struct stream *out = new_stream(near);
            pthread_t threads[2];
            atomic_store(&wrong, 0);
            write_stream(in);
            in->side = near;
            start(&threads[0], read_stream, in);
            start(&threads[1], write_stream, out);
            join_all(threads, 2);
            out->side = far;
            read_stream(out);
            assert_int_equal(atomic_load(&wrong), 0);
            free_stream(in);
            free_stream(out);
        }
    }
}

/* ---- deleted while in use -------------------------------------------------------------- */

struct user {
    CtxtHandle ctx;
    atomic_bool *go_on;
};

static void *keep_encrypting(void *arg)
{
    struct user *u = arg;
    BYTE record[100];
    SECURITY_STATUS status = SEC_E_OK;
    while (status == SEC_E_OK) {
        SecBuffer b[3] = {{13, SECBUFFER_STREAM_HEADER, record},
                          {20, SECBUFFER_DATA, record + 13},
                          {17, SECBUFFER_STREAM_TRAILER, record + 33}};
        SecBufferDesc message = {SECBUFFER_VERSION, 3, b};
        memset(record, 0, sizeof record);
        status = EncryptMessage(&u->ctx, 0, &message, 0);
    }
    expect("deleted while it encrypts", status, SEC_E_INVALID_HANDLE);
    return NULL;
}

static void *keep_decrypting(void *arg)
{
    struct user *u = arg;
    SECURITY_STATUS status = SEC_E_INCOMPLETE_MESSAGE;
    while (status == SEC_E_INCOMPLETE_MESSAGE) {
        BYTE record[7] = {23, 3, 3, 0, 40};
        SecBuffer b[4] = {{sizeof record, SECBUFFER_DATA, record}};
        SecBufferDesc message = {SECBUFFER_VERSION, 4, b};
        status = DecryptMessage(&u->ctx, &message, 0, NULL);
    }
    expect("deleted while it decrypts", status, SEC_E_INVALID_HANDLE);
    return NULL;
}

static void deleted_in_use(void **state)
{
    (void)state;
    for (int round = 0; round < 40; round++) {
        struct pair *p = connect_pair(versions[round % 2]);
        struct user user = {.ctx = p->client.ctx};
        pthread_t threads[2];
        atomic_store(&wrong, 0);
        start(&threads[0], keep_encrypting, &user);
        start(&threads[1], keep_decrypting, &user);
        usleep((useconds_t)(round * 40));
        CtxtHandle mine = p->client.ctx;
        expect("DeleteSecurityContext", DeleteSecurityContext(&mine), SEC_E_OK);
        p->client.has_ctx = false;
        join_all(threads, 2);
        assert_int_equal(atomic_load(&wrong), 0);
    }
}

/* Two threads delete the same handle: one of them does. */
static void *delete_once(void *arg)
{
    struct user *u = arg;
    CtxtHandle mine = u->ctx;
    pthread_barrier_wait(&barrier);
    return DeleteSecurityContext(&mine) == SEC_E_OK ? arg : NULL;
}

static void deleted_twice(void **state)
{
    (void)state;
    for (int round = 0; round < 40; round++) {
        struct pair *p = connect_pair(TLS13);
        struct user user = {.ctx = p->client.ctx};
        pthread_t threads[THREADS];
        unsigned deleted = 0;
        pthread_barrier_init(&barrier, NULL, THREADS);
        for (size_t i = 0; i < THREADS; i++)
            start(&threads[i], delete_once, &user);
        for (size_t i = 0; i < THREADS; i++) {
            void *result;
            assert_int_equal(pthread_join(threads[i], &result), 0);
            deleted += result != NULL;
        }
        pthread_barrier_destroy(&barrier);
        p->client.has_ctx = false;
        CHECK_NUMBER("deleted once", deleted, 1);
    }
}

/* ---- shared credentials ---------------------------------------------------------------- */

struct worker {
    const struct pair *shared;
    int rounds;
};

/* Handshakes with the shared credentials, contexts of its own. */
static void *connect_often(void *arg)
{
    const struct worker *w = arg;
    struct pair *p = malloc(sizeof *p);
    for (int i = 0; p != NULL && i < w->rounds; i++) {
        *p = *w->shared;
        if (!pair_handshake(p) || pair_send(p, &p->client, &p->server, "abc", 3) != SEC_E_OK ||
            pair_send(p, &p->server, &p->client, "abc", 3) != SEC_E_OK)
            atomic_fetch_add(&wrong, 1);
        expect("DeleteSecurityContext", DeleteSecurityContext(&p->client.ctx), SEC_E_OK);
        expect("DeleteSecurityContext", DeleteSecurityContext(&p->server.ctx), SEC_E_OK);
    }
    free(p);
    return NULL;
}

static void shared_credentials(void **state)
{
    (void)state;
    for (size_t v = 0; v < COUNT(versions); v++) {
        struct pair_options options = usual(versions[v]);
        options.server_request = ASC_REQ_MUTUAL_AUTH;
        options.client_certificate = pair_certificate("rsa-2048");
        struct worker worker = {open_pair_with(&options), 15};
        pthread_t threads[THREADS];
        atomic_store(&wrong, 0);
        for (size_t i = 0; i < THREADS; i++)
            start(&threads[i], connect_often, &worker);
        join_all(threads, THREADS);
        assert_int_equal(atomic_load(&wrong), 0);
    }
}

static void *hello_until_freed(void *arg)
{
    const struct worker *w = arg;
    SECURITY_STATUS status = SEC_I_CONTINUE_NEEDED;
    while (status == SEC_I_CONTINUE_NEEDED) {
        CredHandle cred = w->shared->client.cred;
        CtxtHandle ctx;
        ULONG attributes;
        SecBuffer out = {0, SECBUFFER_TOKEN, NULL};
        SecBufferDesc list = {SECBUFFER_VERSION, 1, &out};
        status = InitializeSecurityContextA(&cred, NULL, (char *)"localhost", PAIR_ISC_REQUEST, 0,
                                            0, NULL, 0, &ctx, &list, &attributes, NULL);
        if (status != SEC_I_CONTINUE_NEEDED)
            break;
        FreeContextBuffer(out.pvBuffer);
        expect("DeleteSecurityContext", DeleteSecurityContext(&ctx), SEC_E_OK);
    }
    expect("freed while it is used", status, SEC_E_INVALID_HANDLE);
    return NULL;
}

static void freed_in_use(void **state)
{
    (void)state;
    for (int round = 0; round < 10; round++) {
        struct pair *p = open_pair(TLS13);
        struct worker worker = {p, 0};
        pthread_t threads[THREADS];
        atomic_store(&wrong, 0);
        for (size_t i = 0; i < THREADS; i++)
            start(&threads[i], hello_until_freed, &worker);
        usleep(1000);
        CredHandle mine = p->client.cred;
        expect("FreeCredentialsHandle", FreeCredentialsHandle(&mine), SEC_E_OK);
        join_all(threads, THREADS);
        SecInvalidateHandle(&p->client.cred);
        assert_int_equal(atomic_load(&wrong), 0);
    }
}

/* ---- a child process ------------------------------------------------------------------- */

/* In the child: what the parent's context answers to everything. */
static void use_inherited(struct pair_side *side)
{
    BYTE block[200] = {23, 3, 3, 0, 40};
    SecBuffer b[4];
    SecBuffer e[3] = {{13, SECBUFFER_STREAM_HEADER, block},
                      {20, SECBUFFER_DATA, block + 13},
                      {17, SECBUFFER_STREAM_TRAILER, block + 33}};
    SecBufferDesc message = {SECBUFFER_VERSION, 3, e};
    DWORD shutdown = SCHANNEL_SHUTDOWN;
    SecBuffer token = {sizeof shutdown, SECBUFFER_TOKEN, &shutdown};
    SecBufferDesc control = {SECBUFFER_VERSION, 1, &token};
    struct io io;
    expect("fork", EncryptMessage(&side->ctx, 0, &message, 0), SEC_E_CONTEXT_EXPIRED);
    expect("fork", unseal(side, block, 45, b), SEC_E_CONTEXT_EXPIRED);
    expect("fork", ApplyControlToken(&side->ctx, &control), SEC_E_CONTEXT_EXPIRED);
    expect("fork", QueryContextAttributesA(&side->ctx, SECPKG_ATTR_STREAM_SIZES, block),
           SEC_E_CONTEXT_EXPIRED);
    expect("fork", SchannelUpdateKeys(&side->ctx, FALSE), SEC_E_CONTEXT_EXPIRED);
    io_init(&io, side);
    expect("fork", io_run(&io), SEC_E_CONTEXT_EXPIRED);
    expect("fork", DeleteSecurityContext(&side->ctx), SEC_E_OK);
}

static int run_child(struct pair *p)
{
    static struct pair fresh;
    atomic_store(&wrong, 0);
    use_inherited(&p->client);
    use_inherited(&p->server);
    struct pair_options options = usual(TLS13);
    expect("credentials of its own", pair_open(&fresh, &options), SEC_E_OK);
    if (!pair_handshake(&fresh) ||
        pair_send(&fresh, &fresh.client, &fresh.server, "abc", 3) != SEC_E_OK)
        atomic_fetch_add(&wrong, 1);
    pair_close(&fresh);
    return (int)atomic_load(&wrong);
}

static void child_process(void **state)
{
    (void)state;
    for (size_t v = 0; v < COUNT(versions); v++) {
        struct pair *p = connect_pair(versions[v]);
        int status;
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            _exit(run_child(p));
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        CHECK_NUMBER("fork", WEXITSTATUS(status), 0);
        CHECK_STATUS("the parent goes on", pair_send(p, &p->client, &p->server, "abc", 3),
                     SEC_E_OK);
        CHECK_STATUS("the parent goes on", pair_send(p, &p->server, &p->client, "abc", 3),
                     SEC_E_OK);
    }
}

/* A context that was half open at the fork. */
static void child_of_a_handshake(void **state)
{
    (void)state;
    struct pair *p = open_pair(TLS13);
    int status;
    pair_call(&p->client, &p->server);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct io io;
        io_init(&io, &p->client);
        _exit(io_run(&io) != SEC_E_CONTEXT_EXPIRED);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    CHECK("fork", WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK("the parent goes on", pair_handshake(p));
}

/* ---- the checks bite ------------------------------------------------------------------- */

static void planted(void **state)
{
    (void)state;
    struct pair *p = connect_pair(TLS13);
    struct stream *s = new_stream(&p->client);
    atomic_store(&wrong, 0);
    write_stream(s);
    s->records[RECORDS - 1][20] ^= 1;
    s->side = &p->server;
    read_stream(s);
    assert_int_equal(atomic_load(&wrong), 2); /* status and text */
    free_stream(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_at_once), /* before anything else is called */
        cmocka_unit_test(planted),
        cmocka_unit_test(read_and_write),
        cmocka_unit_test(deleted_in_use),
        cmocka_unit_test(deleted_twice),
        cmocka_unit_test(shared_credentials),
        cmocka_unit_test(freed_in_use),
        cmocka_unit_test(child_process),
        cmocka_unit_test(child_of_a_handshake),
    };
    return cmocka_run_group_tests(tests, NULL, close_pair);
}
