/* SPDX-License-Identifier: MIT */
/*
 * The system's stores as folders: what is written, what another process sees, what the machine
 * adds, and which files are passed over. The user's folder and the machine's are the test's own.
 */
#include <errno.h>
#include <ftw.h>
#include <libschannel.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypt32/cert_key.h"
#include "crypt32/system.h"
#include "store_support.h"

enum { USER = CERT_SYSTEM_STORE_CURRENT_USER, MACHINE = CERT_SYSTEM_STORE_LOCAL_MACHINE };

static char base[64];
static const struct zoo_cert *a;
static const struct zoo_cert *b;
static const struct zoo_cert *c;

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *where)
{
    (void)info;
    (void)kind;
    (void)where;
    return remove(path);
}

/* A fresh pair of folders for each test. */
static int open_folders(void **state)
{
    char path[128];
    (void)state;
    snprintf(base, sizeof base, "/tmp/schannel-test-XXXXXX");
    if (mkdtemp(base) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/none", base);
    roots_use_bundle("/dev/shm/schannel-there-is-no-such-file");
    snprintf(path, sizeof path, "%s/machine", base);
    mkdir(path, 0755);
    system_use_machine(path);
    snprintf(path, sizeof path, "%s/user", base);
    return setenv("XDG_DATA_HOME", path, 1);
}

static int close_folders(void **state)
{
    (void)state;
    system_use_machine(NULL);
    roots_use_bundle(NULL);
    return nftw(base, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static int open_zoo(void **state)
{
    (void)state;
    umask(022);
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

/* ---- files ----------------------------------------------------------------------------- */

static const char *folder_of(DWORD location, const char *store)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s/schannel/stores/%s", base,
             location == USER ? "user" : "machine", store);
    return path;
}

static const char *file_of(DWORD location, const char *store, const struct zoo_cert *cert,
                           const char *suffix)
{
    static char path[512];
    uint8_t digest[HASH_MAX];
    char hex[41];
    assert_int_equal(hash_once(HASH_SHA1, zoo_der(cert), digest), OK);
    for (size_t i = 0; i < 20; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    snprintf(path, sizeof path, "%s/%s%s", folder_of(location, store), hex, suffix);
    return path;
}

static int mode_of(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0 ? (int)(info.st_mode & 07777) : -1;
}

static void make_folder(DWORD location, const char *store, mode_t mode)
{
    char path[256];
    snprintf(path, sizeof path, "%s", folder_of(location, store));
    for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        mkdir(path, 0755);
        *slash = '/';
    }
    mkdir(path, 0755);
    assert_int_equal(chmod(path, mode), 0);
}

static void put_file(DWORD location, const char *store, const char *name, struct span bytes,
                     mode_t mode)
{
    char path[512];
    make_folder(location, store, 0755);
    snprintf(path, sizeof path, "%s/%s", folder_of(location, store), name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes.p, 1, bytes.n, file), bytes.n);
    fclose(file);
    assert_int_equal(chmod(path, mode), 0);
}

static int count_files(DWORD location, const char *store)
{
    char command[512];
    int n = 0;
    snprintf(command, sizeof command, "ls -A '%s' 2>/dev/null | wc -l", folder_of(location, store));
    FILE *pipe = popen(command, "r");
    assert_int_equal(fscanf(pipe, "%d", &n), 1);
    pclose(pipe);
    return n;
}

/* ---- stores ---------------------------------------------------------------------------- */

static HCERTSTORE open_system(DWORD flags, const char *name)
{
    HCERTSTORE store = CertOpenStore(CERT_STORE_PROV_SYSTEM_A, 0, 0, flags, name);
    assert_non_null(store);
    return store;
}

static int count_in(DWORD flags, const char *name)
{
    HCERTSTORE store = open_system(flags, name);
    int n = count_entries(store);
    assert_true(CertCloseStore(store, CERT_CLOSE_STORE_CHECK_FLAG));
    return n;
}

static void put(DWORD location, const char *name, const struct zoo_cert *cert)
{
    HCERTSTORE store = open_system(location, name);
    assert_true(add(store, cert, CERT_STORE_ADD_NEW));
    assert_true(CertCloseStore(store, CERT_CLOSE_STORE_CHECK_FLAG));
}

static void names(void **state)
{
    (void)state;
    HCERTSTORE store = open_system(USER, "mY");
    assert_int_equal(count_entries(store), 0);
    assert_int_equal(mode_of(folder_of(USER, "MY")), -1); /* not before it is needed */
    CertCloseStore(store, 0);
    store = open_system(USER, "Of My Own");
    assert_int_equal(mode_of(folder_of(USER, "Of My Own")), 0700);
    FAILS(ERROR_FILE_EXISTS, CertOpenStore(CERT_STORE_PROV_SYSTEM_A, 0, 0,
                                           USER | CERT_STORE_CREATE_NEW_FLAG, "of my own"));
    assert_true(add(store, a, CERT_STORE_ADD_NEW));
    CertCloseStore(store, 0);
    assert_int_equal(count_in(USER | CERT_STORE_OPEN_EXISTING_FLAG, "OF MY OWN"), 1);
    FAILS(ERROR_FILE_NOT_FOUND,
          CertOpenStore(CERT_STORE_PROV_SYSTEM_A, 0, 0, MACHINE | CERT_STORE_OPEN_EXISTING_FLAG,
                        "Of My Own"));
    FAILS(0, CertOpenStore(CERT_STORE_PROV_SYSTEM_A, 0, 0, USER | CERT_STORE_DELETE_FLAG,
                           "Of My Own")); /* X33 */
    assert_int_equal(mode_of(folder_of(USER, "Of My Own")), -1);
    FAILS(ERROR_FILE_NOT_FOUND, CertOpenStore(CERT_STORE_PROV_SYSTEM_A, 0, 0,
                                              USER | CERT_STORE_DELETE_FLAG, "Of My Own"));
    store = CertOpenStore(CERT_STORE_PROV_SYSTEM, 0, 0, USER | CERT_STORE_CREATE_NEW_FLAG,
                          u"Of My Own");
    assert_non_null(store);
    CertCloseStore(store, 0);
}

static void files(void **state)
{
    (void)state;
    put(USER, "MY", a);
    assert_int_equal(mode_of(folder_of(USER, "MY")), 0700);
    assert_int_equal(mode_of(file_of(USER, "MY", a, ".cer")), 0644);
    assert_int_equal(count_files(USER, "MY"), 1);
    FILE *file = fopen(file_of(USER, "MY", a, ".cer"), "r");
    BYTE bytes[4096];
    size_t n = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    assert_true(span_equal(span_of(bytes, n), zoo_der(a)));
    /* Properties come and go. */
    HCERTSTORE store = open_system(USER, "MY");
    PCCERT_CONTEXT context = find_in(store, a);
    assert_true(set_mark(context, MARK, 4));
    assert_int_equal(mode_of(file_of(USER, "MY", a, ".prop")), 0644);
    assert_true(CertSetCertificateContextProperty(context, MARK, 0, NULL));
    assert_int_equal(mode_of(file_of(USER, "MY", a, ".prop")), -1);
    CRYPT_DATA_BLOB blob = {.cbData = 1, .pbData = (BYTE[]){1}};
    assert_true(CertSetCertificateContextProperty(context, MARK,
                                                  CERT_SET_PROPERTY_INHIBIT_PERSIST_FLAG, &blob));
    assert_int_equal(mode_of(file_of(USER, "MY", a, ".prop")), -1);
    assert_int_equal(get_mark(context, MARK), 1);
    assert_true(set_mark(context, MARK + 1, 7));
    assert_true(CertDeleteCertificateFromStore(context));
    assert_int_equal(count_files(USER, "MY"), 0);
    CertCloseStore(store, 0);
}

/* Dispositions, on disk: how many files, and which mark is read back. */
static void dispositions(void **state)
{
    static const struct {
        DWORD disposition;
        DWORD error;
        int mark;  /* the old one has 1, the new one 2 */
        int other; /* only the old one has it */
    } rows[] = {
        {CERT_STORE_ADD_NEW, (DWORD)CRYPT_E_EXISTS, 1, 1},
        {CERT_STORE_ADD_USE_EXISTING, 0, 1, 1},
        {CERT_STORE_ADD_REPLACE_EXISTING, 0, 2, -1},
        {CERT_STORE_ADD_ALWAYS, 0, 2, -1},
        {CERT_STORE_ADD_REPLACE_EXISTING_INHERIT_PROPERTIES, 0, 2, 1},
        {CERT_STORE_ADD_NEWER, (DWORD)CRYPT_E_EXISTS, 1, 1},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        HCERTSTORE store = open_system(USER, "CA");
        PCCERT_CONTEXT old = NULL;
        assert_true(CertAddCertificateContextToStore(store, a->context, CERT_STORE_ADD_NEW, &old));
        assert_true(set_mark(old, MARK, 1) && set_mark(old, MARK + 1, 1));
        PCCERT_CONTEXT fresh =
            CertCreateCertificateContext(X509_ASN_ENCODING, a->der, (DWORD)a->der_len);
        assert_true(set_mark(fresh, MARK, 2));
        SetLastError(0);
        BOOL done = CertAddCertificateContextToStore(store, fresh, rows[i].disposition, NULL);
        assert_int_equal(done ? 0 : GetLastError(), rows[i].error);
        CertFreeCertificateContext(fresh);
        /* What was replaced is nobody's file any more. */
        assert_true(set_mark(old, MARK + 2, 1));
        CertFreeCertificateContext(old);
        CertCloseStore(store, 0);
        assert_int_equal(count_files(USER, "CA"), 2);
        store = open_system(USER, "CA");
        PCCERT_CONTEXT found = find_in(store, a);
        assert_int_equal(count_entries(store), 1);
        assert_int_equal(get_mark(found, MARK), rows[i].mark);
        assert_int_equal(get_mark(found, MARK + 1), rows[i].other);
        assert_int_equal(get_mark(found, MARK + 2), rows[i].mark == 1 ? 1 : -1);
        assert_true(CertDeleteCertificateFromStore(found));
        CertCloseStore(store, 0);
        assert_int_equal(count_files(USER, "CA"), 0);
    }
}

/* A newer certificate takes the place of the older one, file and all. */
static void newer(void **state)
{
    (void)state;
    const struct zoo_cert *old = ZOO(.name = "same", .not_before = ZOO_NOW - 100);
    const struct zoo_cert *young = ZOO(.name = "same", .not_before = ZOO_NOW - 50);
    HCERTSTORE store = open_system(USER, "CA");
    assert_true(add(store, old, CERT_STORE_ADD_NEWER));
    assert_true(add(store, young, CERT_STORE_ADD_NEWER));
    FAILS(CRYPT_E_EXISTS, add(store, old, CERT_STORE_ADD_NEWER));
    CertCloseStore(store, 0);
    assert_int_equal(count_files(USER, "CA"), 1);
    assert_int_equal(mode_of(file_of(USER, "CA", young, ".cer")), 0644);
}

/* ---- processes ------------------------------------------------------------------------- */

/* Exits 0 when the child's function does not fail an assertion. */
static void in_child(void (*act)(void))
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        act();
        _exit(0);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void child_adds(void)
{
    HCERTSTORE store = CertOpenStore(CERT_STORE_PROV_SYSTEM_A, 0, 0, USER, "MY");
    PCCERT_CONTEXT context = NULL;
    if (!CertAddCertificateContextToStore(store, b->context, CERT_STORE_ADD_NEW, &context) ||
        !set_mark(context, MARK, 8))
        _exit(1);
    CertFreeCertificateContext(context);
    context = find_in(store, a);
    if (context == NULL || !CertDeleteCertificateFromStore(context))
        _exit(2);
    CertCloseStore(store, 0);
}

static void other_processes(void **state)
{
    (void)state;
    put(USER, "MY", a);
    HCERTSTORE store = open_system(USER, "MY");
    HCERTSTORE follows = open_system(USER, "MY");
    assert_true(CertControlStore(follows, 0, CERT_STORE_CTRL_AUTO_RESYNC, NULL));
    PCCERT_CONTEXT held = find_in(store, a);
    in_child(child_adds);
    assert_true(holds(store, a) && !holds(store, b)); /* as it was read */
    assert_true(!holds(follows, a) && holds(follows, b));
    assert_true(CertControlStore(store, 0, CERT_STORE_CTRL_RESYNC, NULL));
    assert_true(!holds(store, a) && holds(store, b));
    assert_true(is_cert(held, a));
    /* What was taken out is written nowhere. */
    assert_true(set_mark(held, MARK, 1));
    assert_int_equal(count_files(USER, "MY"), 2);
    PCCERT_CONTEXT context = find_in(store, b);
    assert_int_equal(get_mark(context, MARK), 8);
    /* A property that another one changes is seen, too; the context stays the same. */
    HCERTSTORE other = open_system(USER, "MY");
    PCCERT_CONTEXT elsewhere = find_in(other, b);
    assert_true(set_mark(elsewhere, MARK, 9));
    CertFreeCertificateContext(elsewhere);
    CertCloseStore(other, 0);
    assert_true(CertControlStore(store, 0, CERT_STORE_CTRL_RESYNC, NULL));
    assert_int_equal(get_mark(context, MARK), 9);
    assert_true(CertControlStore(store, 0, CERT_STORE_CTRL_COMMIT, NULL));
    FAILS(ERROR_NOT_SUPPORTED, CertControlStore(store, 0, CERT_STORE_CTRL_NOTIFY_CHANGE, NULL));
    CertFreeCertificateContext(context);
    CertFreeCertificateContext(held);
    CertCloseStore(store, 0);
    CertCloseStore(follows, 0);
}

/* ---- user and machine ------------------------------------------------------------------ */

static void inheritance(void **state)
{
    static const struct {
        const char *name;
        int shown; /* to the user: one of each */
    } rows[] = {{"MY", 1},         {"ROOT", 2},          {"CA", 2},       {"Trust", 2},
                {"Disallowed", 2}, {"TrustedPeople", 2}, {"Of My Own", 2}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        put(MACHINE, rows[i].name, a);
        put(USER, rows[i].name, b);
        assert_int_equal(count_in(MACHINE, rows[i].name), 1);
        assert_int_equal(count_in(CERT_SYSTEM_STORE_LOCAL_MACHINE_ENTERPRISE, rows[i].name), 1);
        assert_int_equal(count_in(USER, rows[i].name), rows[i].shown);
        HCERTSTORE alone =
            CertOpenStore(CERT_STORE_PROV_SYSTEM_REGISTRY_A, 0, 0, USER, rows[i].name);
        assert_int_equal(count_entries(alone), 1);
        CertCloseStore(alone, 0);
    }
    assert_int_equal(mode_of(folder_of(MACHINE, "CA")), 0755);
    /* The machine's part is not the user's to change. */
    HCERTSTORE store = open_system(USER, "CA");
    FAILS(ERROR_ACCESS_DENIED, CertDeleteCertificateFromStore(find_in(store, a)));
    FAILS(ERROR_ACCESS_DENIED, add(store, a, CERT_STORE_ADD_REPLACE_EXISTING));
    assert_true(CertDeleteCertificateFromStore(find_in(store, b)));
    PCCERT_CONTEXT context = find_in(store, a);
    assert_true(set_mark(context, MARK, 1)); /* in memory */
    CertFreeCertificateContext(context);
    CertCloseStore(store, 0);
    assert_int_equal(mode_of(file_of(MACHINE, "CA", a, ".prop")), -1);
    store = open_system(CERT_SYSTEM_STORE_CURRENT_USER_GROUP_POLICY, "CA");
    FAILS(ERROR_ACCESS_DENIED, add(store, c, CERT_STORE_ADD_NEW));
    CertCloseStore(store, 0);
    store = open_system(MACHINE | CERT_STORE_READONLY_FLAG, "CA");
    FAILS(ERROR_ACCESS_DENIED, add(store, c, CERT_STORE_ADD_NEW));
    FAILS(ERROR_ACCESS_DENIED, CertDeleteCertificateFromStore(find_in(store, a)));
    CertCloseStore(store, 0);
}

static void use_bundle(const struct zoo_cert *cert)
{
    static char path[128];
    char *text = SchannelPemFromCertificate(cert->context);
    snprintf(path, sizeof path, "%s/bundle.pem", base);
    FILE *file = fopen(path, "w");
    fputs(text, file);
    fclose(file);
    mem_free(text);
    roots_use_bundle(path);
}

static int count_trusted(void)
{
    struct store *roots;
    DWORD error;
    assert_int_equal(roots_open(&roots, &error), OK);
    int n = 0;
    for (struct cert *cert; (cert = store_entry(roots, (size_t)n)) != NULL; n++)
        cert_release(cert);
    assert_true(roots->is_read_only);
    store_release(roots);
    return n;
}

static void roots(void **state)
{
    (void)state;
    use_bundle(c);
    assert_int_equal(count_in(USER, "ROOT"), 1);
    assert_int_equal(count_trusted(), 1);
    put(USER, "ROOT", a);
    assert_int_equal(count_in(USER, "ROOT"), 2);
    assert_int_equal(count_trusted(), 2);
    put(MACHINE, "ROOT", b);
    assert_int_equal(count_in(MACHINE, "ROOT"), 2);
    assert_int_equal(count_in(USER, "ROOT"), 3);
    assert_int_equal(count_trusted(), 3);
    /* The distribution's are not to be changed, and not to be seen where the machine says so. */
    HCERTSTORE store = open_system(MACHINE, "ROOT");
    FAILS(ERROR_ACCESS_DENIED, CertDeleteCertificateFromStore(find_in(store, c)));
    CertCloseStore(store, 0);
    put_file(MACHINE, "ROOT", "exclusive", span_empty(), 0644);
    assert_int_equal(count_in(MACHINE, "ROOT"), 1);
    assert_int_equal(count_in(USER, "ROOT"), 2);
    assert_int_equal(count_trusted(), 2);
    /* Nothing but the machine's counts in a privileged process. */
    system_pretend_privileged(true);
    assert_int_equal(count_in(USER, "ROOT"), 1);
    assert_int_equal(count_trusted(), 1);
    store = open_system(USER, "MY");
    FAILS(ERROR_ACCESS_DENIED, add(store, a, CERT_STORE_ADD_NEW));
    CertCloseStore(store, 0);
    system_pretend_privileged(false);
    assert_int_equal(count_trusted(), 2);
    FAILS(0,
          CertOpenStore(CERT_STORE_PROV_SYSTEM_A, 0, 0, MACHINE | CERT_STORE_DELETE_FLAG, "ROOT"));
    FAILS(0, CertOpenStore(CERT_STORE_PROV_SYSTEM_A, 0, 0, USER | CERT_STORE_DELETE_FLAG, "ROOT"));
    assert_int_equal(count_trusted(), 1);
}

/* What the engine is told, at once and without a restart. */
static void chains(void **state)
{
    (void)state;
    const struct zoo_cert *root = ZOO(.name = "root");
    const struct zoo_cert *middle = ZOO(.name = "middle", .issuer = root);
    const struct zoo_cert *leaf = ZOO(.name = "leaf", .issuer = middle, .authority = ZOO_END);
    FILETIME now = win_filetime_from_unix(ZOO_NOW);
    static const DWORD expected[] = {CERT_TRUST_IS_PARTIAL_CHAIN, CERT_TRUST_IS_PARTIAL_CHAIN, 0};
    for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
        CERT_CHAIN_PARA para = {.cbSize = sizeof para};
        PCCERT_CHAIN_CONTEXT chain;
        if (i == 1)
            put(USER, "CA", middle);
        if (i == 2)
            put(USER, "ROOT", root);
        assert_true(
            CertGetCertificateChain(NULL, leaf->context, &now, NULL, &para, 0, NULL, &chain));
        assert_int_equal(chain->TrustStatus.dwErrorStatus, expected[i]);
        CertFreeCertificateChain(chain);
    }
    struct cert_list list;
    for (int with_root = 0; with_root < 2; with_root++) {
        assert_int_equal(cert_list_to_send(leaf->context, with_root != 0, &list), OK);
        assert_int_equal(list.count, 2 + with_root);
        assert_true(is_cert(list.items[1], middle));
        cert_list_release(&list);
    }
    struct chain_request request = {.leaf = leaf->context, .now = ZOO_NOW};
    struct chain_verdict verdict;
    assert_int_equal(chain_judge(&request, &verdict), OK);
    assert_int_equal(verdict.trust_errors, 0);
}

/* The machine's engine does not ask the user, not even for what is not trusted. */
static void engines(void **state)
{
    (void)state;
    const struct zoo_cert *root = ZOO(.name = "root");
    const struct zoo_cert *leaf = ZOO(.name = "leaf", .issuer = root, .authority = ZOO_END);
    FILETIME now = win_filetime_from_unix(ZOO_NOW);
    CERT_CHAIN_ENGINE_CONFIG config = {.cbSize = sizeof config,
                                       .dwFlags = CERT_CHAIN_USE_LOCAL_MACHINE_STORE};
    HCERTCHAINENGINE own;
    assert_true(CertCreateCertificateChainEngine(&config, &own));
    enum { PARTIAL = CERT_TRUST_IS_PARTIAL_CHAIN, DISTRUST = CERT_TRUST_IS_EXPLICIT_DISTRUST };
    const struct {
        HCERTCHAINENGINE engine;
        DWORD status[4]; /* user's ROOT; machine's; user's Disallowed; machine's */
    } rows[] = {
        {HCCE_CURRENT_USER, {0, 0, DISTRUST, DISTRUST}},
        {HCCE_LOCAL_MACHINE, {PARTIAL, 0, 0, DISTRUST}},
        {own, {PARTIAL, 0, 0, DISTRUST}},
    };
    for (size_t step = 0; step < 4; step++) {
        put(step % 2 == 0 ? USER : MACHINE, step < 2 ? "ROOT" : "Disallowed",
            step < 2 ? root : leaf);
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
            CERT_CHAIN_PARA para = {.cbSize = sizeof para};
            PCCERT_CHAIN_CONTEXT chain;
            assert_true(CertGetCertificateChain(rows[i].engine, leaf->context, &now, NULL, &para, 0,
                                                NULL, &chain));
            if (chain->TrustStatus.dwErrorStatus != rows[i].status[step])
                print_message("step %zu, row %zu: %08x\n", step, i,
                              (unsigned)chain->TrustStatus.dwErrorStatus);
            assert_int_equal(chain->TrustStatus.dwErrorStatus, rows[i].status[step]);
            CertFreeCertificateChain(chain);
        }
    }
    CertFreeCertificateChainEngine(own);
}

static DWORD access_of(PCCERT_CONTEXT context)
{
    DWORD access = 99;
    DWORD size = sizeof access;
    assert_true(
        CertGetCertificateContextProperty(context, CERT_ACCESS_STATE_PROP_ID, &access, &size));
    return access;
}

static void access_states(void **state)
{
    enum {
        WRITE = CERT_ACCESS_STATE_WRITE_PERSIST_FLAG,
        SYSTEM = CERT_ACCESS_STATE_SYSTEM_STORE_FLAG,
        LM = CERT_ACCESS_STATE_LM_SYSTEM_STORE_FLAG
    };
    (void)state;
    put(MACHINE, "CA", a);
    put(USER, "CA", b);
    const struct {
        DWORD flags;
        const struct zoo_cert *cert;
        DWORD access;
    } rows[] = {{USER, a, SYSTEM | LM},
                {USER, b, WRITE | SYSTEM},
                {USER | CERT_STORE_READONLY_FLAG, b, SYSTEM},
                {MACHINE, a, WRITE | SYSTEM | LM}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        HCERTSTORE store = open_system(rows[i].flags, "CA");
        PCCERT_CONTEXT context = find_in(store, rows[i].cert);
        assert_int_equal(access_of(context), rows[i].access);
        CertFreeCertificateContext(context);
        CertCloseStore(store, 0);
    }
    HCERTSTORE memory = zoo_store(a, NULL);
    PCCERT_CONTEXT context = find_in(memory, a);
    assert_int_equal(access_of(context), WRITE);
    CertFreeCertificateContext(context);
    CertCloseStore(memory, 0);
}

/* ---- keys ------------------------------------------------------------------------------ */

static PCCERT_CONTEXT with_key(void)
{
    PCCERT_CONTEXT own = SchannelCreateTestCertificate("localhost", NULL, 1);
    assert_non_null(own);
    return own;
}

static bool has_key(PCCERT_CONTEXT context)
{
    struct private_key *key = NULL;
    bool has = cert_private_key(context, &key) == OK;
    private_key_free(key);
    return has;
}

static void keys(void **state)
{
    (void)state;
    PCCERT_CONTEXT own = with_key();
    struct zoo_cert as_zoo = {
        .der = own->pbCertEncoded, .der_len = (int)own->cbCertEncoded, .context = own};
    HCERTSTORE store = open_system(USER, "MY");
    assert_true(CertAddCertificateContextToStore(store, own, CERT_STORE_ADD_NEW, NULL));
    CertCloseStore(store, 0);
    assert_int_equal(mode_of(file_of(USER, "MY", &as_zoo, ".key")), 0600);
    store = open_system(USER, "MY");
    PCCERT_CONTEXT back = CertFindCertificateInStore(store, X509_ASN_ENCODING, 0,
                                                     CERT_FIND_HAS_PRIVATE_KEY, NULL, NULL);
    assert_non_null(back);
    assert_true(has_key(back));
    CertFreeCertificateContext(back);
    CertCloseStore(store, 0);
    /* One that others may read is none. */
    assert_int_equal(chmod(file_of(USER, "MY", &as_zoo, ".key"), 0640), 0);
    store = open_system(USER, "MY");
    back = find_in(store, &as_zoo);
    assert_non_null(back);
    assert_false(has_key(back));
    /* A replacement without a key leaves none behind. */
    PCCERT_CONTEXT bare =
        CertCreateCertificateContext(X509_ASN_ENCODING, own->pbCertEncoded, own->cbCertEncoded);
    assert_true(
        CertAddCertificateContextToStore(store, bare, CERT_STORE_ADD_REPLACE_EXISTING, NULL));
    assert_int_equal(mode_of(file_of(USER, "MY", &as_zoo, ".key")), -1);
    /* What is used instead learns the key. */
    assert_true(CertAddCertificateContextToStore(store, own, CERT_STORE_ADD_USE_EXISTING, NULL));
    assert_int_equal(mode_of(file_of(USER, "MY", &as_zoo, ".key")), 0600);
    CertFreeCertificateContext(back);
    assert_true(CertDeleteCertificateFromStore(find_in(store, &as_zoo)));
    assert_int_equal(count_files(USER, "MY"), 0);
    CertFreeCertificateContext(bare);
    CertCloseStore(store, 0);
    CertFreeCertificateContext(own);
}

/* A key of a container stays there; the property names it. */
static void named_keys(void **state)
{
    (void)state;
    PCCERT_CONTEXT own = with_key();
    struct zoo_cert as_zoo = {
        .der = own->pbCertEncoded, .der_len = (int)own->cbCertEncoded, .context = own};
    struct private_key *bound;
    struct key *key;
    assert_int_equal(cert_private_key(own, &bound), OK);
    EVP_PKEY *pkey = private_key_object(bound);
    assert_int_equal(EVP_PKEY_up_ref(pkey), 1);
    assert_int_equal(key_new(&key, pkey, true, "box"), OK);
    private_key_free(bound);
    assert_int_equal(container_store(key), OK);
    key_release(key);
    CRYPT_KEY_PROV_INFO info = {.pwszContainerName = (WCHAR *)u"box"};
    PCCERT_CONTEXT bare =
        CertCreateCertificateContext(X509_ASN_ENCODING, own->pbCertEncoded, own->cbCertEncoded);
    assert_true(CertSetCertificateContextProperty(bare, CERT_KEY_PROV_INFO_PROP_ID, 0, &info));
    HCERTSTORE store = open_system(USER, "MY");
    assert_true(CertAddCertificateContextToStore(store, bare, CERT_STORE_ADD_NEW, NULL));
    CertCloseStore(store, 0);
    assert_int_equal(mode_of(file_of(USER, "MY", &as_zoo, ".key")), -1);
    store = open_system(USER, "MY");
    PCCERT_CONTEXT back = find_in(store, &as_zoo);
    assert_true(has_key(back));
    CertFreeCertificateContext(back);
    CertCloseStore(store, 0);
    assert_int_equal(container_delete("box"), OK);
    CertFreeCertificateContext(bare);
    CertFreeCertificateContext(own);
}

/* ---- what lies there ------------------------------------------------------------------- */

static void foreign_files(void **state)
{
    (void)state;
    char both[8192] = "";
    CERT_BLOB pfx = {.cbData = 8192, .pbData = (BYTE[8192]){0}};
    const struct zoo_cert *list[] = {a, b};
    for (size_t i = 0; i < ARRAY_LEN(list); i++) {
        char *text = SchannelPemFromCertificate(list[i]->context);
        strncat(both, text, sizeof both - strlen(both) - 1);
        mem_free(text);
    }
    PCCERT_CONTEXT own = with_key();
    HCERTSTORE memory = open_memory();
    CertAddCertificateContextToStore(memory, own, CERT_STORE_ADD_NEW, NULL);
    assert_true(
        CertSaveStore(memory, 0, CERT_STORE_SAVE_AS_PKCS12, CERT_STORE_SAVE_TO_MEMORY, &pfx, 0));
    CertCloseStore(memory, 0);
    put_file(USER, "MY", "two.pem", span_text(both), 0644);
    put_file(USER, "MY", "c.crt", zoo_der(c), 0644);
    put_file(USER, "MY", "also-c.der", zoo_der(c), 0644); /* once is enough */
    put_file(USER, "MY", "own.p12", span_of(pfx.pbData, pfx.cbData), 0600);
    put_file(USER, "MY", "notes.txt", span_text("not ours"), 0644);
    HCERTSTORE store = open_system(USER, "MY");
    assert_int_equal(count_entries(store), 4);
    assert_true(holds(store, a) && holds(store, b) && holds(store, c));
    PCCERT_CONTEXT keyed = CertFindCertificateInStore(store, X509_ASN_ENCODING, 0,
                                                      CERT_FIND_HAS_PRIVATE_KEY, NULL, NULL);
    assert_non_null(keyed);
    /* Out of a file with others nothing is deleted; a file of one's own goes. */
    FAILS(ERROR_ACCESS_DENIED, CertDeleteCertificateFromStore(keyed));
    FAILS(ERROR_ACCESS_DENIED, CertDeleteCertificateFromStore(find_in(store, a)));
    assert_true(CertDeleteCertificateFromStore(find_in(store, c)));
    CertCloseStore(store, 0);
    assert_int_equal(count_files(USER, "MY"), 4);
    FAILS(ERROR_WRITE_FAULT,
          CertOpenStore(CERT_STORE_PROV_SYSTEM_A, 0, 0, USER | CERT_STORE_DELETE_FLAG, "MY"));
    assert_int_equal(count_files(USER, "MY"), 1); /* the notes */
    CertFreeCertificateContext(own);
}

/* Each flaw keeps one certificate out, and the store opens; the control without a flaw is in. */
static void hostile_files(void **state)
{
    static const struct {
        const char *name;
        mode_t mode;
        int content; /* 0: the certificate; 1: half of it; 2: words; 3: nothing */
        int is_in;
    } rows[] = {
        {"good.cer", 0644, 0, 1},         {"good.cer", 0600, 0, 1},
        {"good.cer", 0400, 0, 1},         {"group-writes.cer", 0664, 0, 0},
        {"world-writes.cer", 0646, 0, 0}, {"half.cer", 0644, 1, 0},
        {"words.cer", 0644, 2, 0},        {"words.pem", 0644, 2, 0},
        {"empty.cer", 0644, 3, 0},        {".hidden.cer", 0644, 0, 0},
        {"noending", 0644, 0, 0},         {".cer", 0644, 0, 0},
        {"words.crl", 0644, 2, 0},        {"words.p12", 0600, 2, 0},
        {"open.p12", 0644, 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct span der = zoo_der(a);
        struct span content = rows[i].content == 0   ? der
                              : rows[i].content == 1 ? span_of(der.p, der.n / 2)
                              : rows[i].content == 2 ? span_text("-----BEGIN CERTIFICATE-----\nA")
                                                     : span_empty();
        put_file(USER, "CA", rows[i].name, content, rows[i].mode);
        put_file(USER, "CA", "neighbour.cer", zoo_der(b), 0644);
        if (count_in(USER, "CA") != 1 + rows[i].is_in)
            print_message("row %zu\n", i);
        assert_int_equal(count_in(USER, "CA"), 1 + rows[i].is_in);
        char path[512];
        snprintf(path, sizeof path, "%s/%s", folder_of(USER, "CA"), rows[i].name);
        assert_int_equal(unlink(path), 0);
    }
}

static void hostile_kinds(void **state)
{
    char path[512];
    char target[512];
    (void)state;
    put_file(USER, "CA", "neighbour.cer", zoo_der(b), 0644);
    put_file(USER, "Trust", "a.cer", zoo_der(a), 0644);
    snprintf(target, sizeof target, "%s/a.cer", folder_of(USER, "Trust"));
    snprintf(path, sizeof path, "%s/link.cer", folder_of(USER, "CA"));
    assert_int_equal(symlink(target, path), 0);
    assert_int_equal(count_in(USER, "CA"), 1);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(count_in(USER, "CA"), 1); /* and does not wait */
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(count_in(USER, "CA"), 1);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(link(target, path), 0); /* the control: a file is a file */
    assert_int_equal(count_in(USER, "CA"), 2);
    /* A broken list of properties is none. */
    put_file(USER, "CA", "neighbour.prop", span_text("twelve bytes"), 0644);
    assert_int_equal(count_in(USER, "CA"), 2);
}

static void hostile_folders(void **state)
{
    static const mode_t modes[] = {0775, 0777, 0702, 0755};
    (void)state;
    put(USER, "CA", a);
    for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
        bool is_good = modes[i] == 0755;
        assert_int_equal(chmod(folder_of(USER, "CA"), modes[i]), 0);
        assert_int_equal(count_in(USER, "CA"), is_good ? 1 : 0);
        HCERTSTORE store = open_system(USER, "CA");
        if (is_good)
            assert_true(add(store, b, CERT_STORE_ADD_NEW));
        else
            FAILS(ERROR_ACCESS_DENIED, add(store, b, CERT_STORE_ADD_NEW));
        CertCloseStore(store, 0);
    }
    /* The folders above count as well. */
    assert_int_equal(chmod(folder_of(USER, ""), 0777), 0);
    assert_int_equal(count_in(USER, "CA"), 0);
    assert_int_equal(chmod(folder_of(USER, ""), 0700), 0);
    assert_int_equal(count_in(USER, "CA"), 2);
    /* A link in the place of a folder. */
    char path[512];
    char target[512];
    snprintf(target, sizeof target, "%s", folder_of(USER, "CA"));
    snprintf(path, sizeof path, "%s", folder_of(USER, "Trust"));
    assert_int_equal(symlink(target, path), 0);
    assert_int_equal(count_in(USER, "Trust"), 0);
}

/* Files and folders of another user: not read, and not written into. Needs to be root. */
static void other_owner(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip();
    put(USER, "CA", a);
    put(USER, "CA", b);
    assert_int_equal(chown(file_of(USER, "CA", a, ".cer"), 12345, 12345), 0);
    assert_int_equal(count_in(USER, "CA"), 1);
    assert_int_equal(chown(folder_of(USER, "CA"), 12345, 12345), 0);
    assert_int_equal(count_in(USER, "CA"), 0);
    HCERTSTORE store = open_system(USER, "CA");
    FAILS(ERROR_ACCESS_DENIED, add(store, c, CERT_STORE_ADD_NEW));
    CertCloseStore(store, 0);
    put(MACHINE, "CA", c);
    assert_int_equal(count_in(USER, "CA"), 1); /* the machine's is still there */
    assert_int_equal(chown(file_of(MACHINE, "CA", c, ".cer"), 12345, 12345), 0);
    assert_int_equal(count_in(USER, "CA"), 0);
}

static void child_without_rights(void)
{
    if (setgid(12345) != 0 || setuid(12345) != 0)
        _exit(10);
    HCERTSTORE store = CertOpenStore(CERT_STORE_PROV_SYSTEM_A, 0, 0, MACHINE, "CA");
    if (store == NULL || count_entries(store) != 1)
        _exit(11);
    SetLastError(0);
    if (add(store, b, CERT_STORE_ADD_NEW) || GetLastError() != ERROR_ACCESS_DENIED)
        _exit(12);
    PCCERT_CONTEXT context = find_in(store, a);
    if (set_mark(context, MARK, 1) || GetLastError() != ERROR_ACCESS_DENIED ||
        get_mark(context, MARK) != -1)
        _exit(13);
    CRYPT_DATA_BLOB blob = {.cbData = 1, .pbData = (BYTE[]){1}};
    if (!CertSetCertificateContextProperty(context, MARK,
                                           CERT_SET_PROPERTY_IGNORE_PERSIST_ERROR_FLAG, &blob) ||
        get_mark(context, MARK) != 1)
        _exit(14);
    if (CertDeleteCertificateFromStore(context) || GetLastError() != ERROR_ACCESS_DENIED)
        _exit(15);
    if (count_entries(store) != 1)
        _exit(16);
    CertCloseStore(store, 0);
    if (CertOpenStore(CERT_STORE_PROV_SYSTEM_A, 0, 0, MACHINE, "New") != NULL ||
        GetLastError() != ERROR_ACCESS_DENIED)
        _exit(17);
    store = CertOpenStore(CERT_STORE_PROV_SYSTEM_A, 0, 0, MACHINE | CERT_STORE_MAXIMUM_ALLOWED_FLAG,
                          "New");
    if (store == NULL || add(store, b, CERT_STORE_ADD_NEW))
        _exit(18);
    CertCloseStore(store, 0);
}

/* Somebody who may read the machine's store and not write it. */
static void without_rights(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip();
    put(MACHINE, "CA", a);
    assert_int_equal(chmod(base, 0755), 0);
    in_child(child_without_rights);
    assert_int_equal(count_files(MACHINE, "CA"), 1);
}

/* ---- enumeration ----------------------------------------------------------------------- */

struct seen {
    char names[1024];
    int left;
};

static BOOL WINAPI see(const void *store, DWORD flags, PCERT_SYSTEM_STORE_INFO info, void *reserved,
                       void *arg)
{
    struct seen *seen = arg;
    char *name = win_utf8_dup(store);
    assert_int_equal(info->cbSize, sizeof *info);
    assert_null(reserved);
    assert_true(flags == USER || flags == MACHINE);
    strncat(seen->names, name, sizeof seen->names - strlen(seen->names) - 2);
    strcat(seen->names, ";");
    mem_free(name);
    if (--seen->left == 0) {
        SetLastError(1234);
        return FALSE;
    }
    return TRUE;
}

static void enumeration(void **state)
{
    struct seen all = {.left = 100};
    struct seen two = {.left = 2};
    (void)state;
    put(USER, "MY", a);
    put(USER, "Of My Own", a);
    assert_true(CertEnumSystemStore(USER, NULL, &all, see));
    assert_non_null(strstr(all.names, "MY;ROOT;CA;"));
    assert_non_null(strstr(all.names, ";Of My Own;"));
    assert_null(strstr(strstr(all.names, "MY;") + 1, "MY;"));
    all = (struct seen){.left = 100};
    assert_true(CertEnumSystemStore(MACHINE, NULL, &all, see));
    assert_null(strstr(all.names, "Of My Own"));
    FAILS(1234, CertEnumSystemStore(USER, NULL, &two, see));
    assert_string_equal(two.names, "MY;ROOT;");
    FAILS(E_INVALIDARG, CertEnumSystemStore(USER, NULL, &two, NULL));
    FAILS(E_INVALIDARG, CertEnumSystemStore(0, NULL, &two, see));
}

static void without_memory(void **state)
{
    (void)state;
    put(USER, "CA", a);
    put(USER, "CA", b);
    for (uint64_t n = 1;; n++) {
        int64_t live = mem_live();
        mem_fail_at(n, false);
        HCERTSTORE store = CertOpenStore(CERT_STORE_PROV_SYSTEM_A, 0, 0, USER, "CA");
        DWORD error = GetLastError();
        mem_fail_at(0, false);
        if (store != NULL) {
            assert_int_equal(count_entries(store), 2); /* all of it or nothing */
            CertCloseStore(store, 0);
            break;
        }
        assert_int_equal(error, ERROR_NOT_ENOUGH_MEMORY);
        assert_int_equal(mem_live(), live);
    }
    HCERTSTORE store = open_system(USER, "CA");
    for (uint64_t n = 1;; n++) {
        mem_fail_at(n, false);
        BOOL done = add(store, c, CERT_STORE_ADD_NEW);
        DWORD error = GetLastError();
        mem_fail_at(0, false);
        assert_int_equal(count_entries(store), done ? 3 : 2);
        assert_int_equal(count_files(USER, "CA"), done ? 3 : 2);
        if (done)
            break;
        assert_int_equal(error, ERROR_NOT_ENOUGH_MEMORY);
    }
    CertCloseStore(store, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_folders, close_folders)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(names),           TEST(files),          TEST(dispositions),  TEST(newer),
        TEST(other_processes), TEST(inheritance),    TEST(roots),         TEST(chains),
        TEST(engines),         TEST(access_states),  TEST(keys),          TEST(named_keys),
        TEST(foreign_files),   TEST(hostile_files),  TEST(hostile_kinds), TEST(hostile_folders),
        TEST(other_owner),     TEST(without_rights), TEST(enumeration),   TEST(without_memory),
    };
    return cmocka_run_group_tests(tests, open_zoo, close_zoo);
}
