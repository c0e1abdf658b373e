/* SPDX-License-Identifier: MIT */
/*
 * The n-th allocation fails, for n = 1, 2, 3 ... until it is not reached any more, around whole
 * connections through the public functions: credentials, handshake, attributes, data, new keys,
 * shutdown. Afterwards nothing is left, the handles can be deleted, and the next connection works.
 *
 * fault_handshake KIND SCENARIO [ALLOCATION]; without arguments the controls run.
 */
#include "watch.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>

#include "pair.h"

#include "../unit/crypto/support.h"

enum { TRIES_MAX = 20000, WRONG_MAX = 20, WARM_UPS = 3, ALLOCATIONS_MIN = 40 };

/* ---- scenarios ------------------------------------------------------------------------- */

enum {
    MUTUAL = 1 << 0,
    RETRIED = 1 << 1,
    UNTRUSTED = 1 << 2,      /* no fault may make the server's certificate acceptable, */
    WRONG_NAME = 1 << 3,     /* nor its name, */
    UNKNOWN_CLIENT = 1 << 4, /* nor its client a verified one */
    REFUSED = UNTRUSTED | WRONG_NAME
};

static const struct scenario {
    const char *name;
    bool is_tls13;
    const char *key;
    unsigned options;
    SECURITY_STATUS refusal; /* the client's, when it refuses */
} scenarios[] = {
    {"12-ecdsa", false, "ecdsa-p256", 0, SEC_E_OK},
    {"12-rsa-mutual", false, "rsa-2048", MUTUAL, SEC_E_OK},
    {"12-ecdsa-mutual", false, "ecdsa-p384", MUTUAL, SEC_E_OK},
    {"12-untrusted", false, "ecdsa-p256", UNTRUSTED, TRUST_E_CERT_SIGNATURE},
    {"13-ecdsa", true, "ecdsa-p256", 0, SEC_E_OK},
    {"13-rsa-mutual", true, "rsa-2048", MUTUAL, SEC_E_OK},
    {"13-ecdsa-mutual-retried", true, "ecdsa-p256", MUTUAL | RETRIED, SEC_E_OK},
    {"13-ed25519-retried", true, "ed25519", RETRIED, SEC_E_OK},
    {"13-untrusted", true, "ecdsa-p256", UNTRUSTED, TRUST_E_CERT_SIGNATURE},
    {"13-wrong-name", true, "ecdsa-p256", WRONG_NAME, SEC_E_WRONG_PRINCIPAL},
    {"13-unknown-client", true, "ecdsa-p256", MUTUAL | UNKNOWN_CLIENT, SEC_E_OK},
};

#define NAME(text)                                                                                 \
    {                                                                                              \
        sizeof(text) - sizeof(WCHAR), sizeof(text), (WCHAR *)(text)                                \
    }

static CRYPTO_SETTINGS only_p384[] = {
    {.eAlgorithmUsage = TlsParametersCngAlgUsageKeyExchange, .strCngAlgId = NAME(u"curve25519")},
    {.eAlgorithmUsage = TlsParametersCngAlgUsageKeyExchange, .strCngAlgId = NAME(u"secP256r1")},
};

static struct pair pair;
static bool is_wrongly_verified; /* in the last connection */
static HCERTSTORE roots;
static HCERTSTORE other_roots;

static SECURITY_STATUS open_pair(const struct scenario *s)
{
    struct pair_options options = {.server_certificate = pair_certificate(s->key),
                                   .client_roots = roots,
                                   .target = "localhost",
                                   .alpn_client = "h2,http/1.1",
                                   .alpn_server = "h2"};
    options.client_disabled = s->is_tls13 ? SP_PROT_TLS1_2_CLIENT : SP_PROT_TLS1_3_CLIENT;
    if ((s->options & UNTRUSTED) != 0)
        options.client_roots = other_roots;
    if ((s->options & WRONG_NAME) != 0)
        options.target = "elsewhere";
    if ((s->options & MUTUAL) != 0) {
        options.client_certificate = pair_certificate(s->key);
        options.server_roots = (s->options & UNKNOWN_CLIENT) != 0 ? other_roots : roots;
        options.server_flags = SCH_CRED_NO_SYSTEM_MAPPER;
        options.server_request = ASC_REQ_MUTUAL_AUTH;
    }
    if ((s->options & RETRIED) != 0) {
        options.server_crypto = only_p384;
        options.server_crypto_count = sizeof only_p384 / sizeof only_p384[0];
    }
    return pair_open(&pair, &options);
}

/* Data need no memory at all, whichever side sends. */
static bool send_data(void)
{
    uint64_t own = mem_count();
    uint64_t theirs = libcrypto_allocations();
    if (pair_send(&pair, &pair.client, &pair.server, "question", 8) != SEC_E_OK ||
        pair_send(&pair, &pair.server, &pair.client, "answer", 6) != SEC_E_OK)
        return false;
    if (mem_count() == own && libcrypto_allocations() == theirs)
        return true;
    fprintf(stderr, "data allocated: %lu of ours, %lu of libcrypto\n",
            (unsigned long)(mem_count() - own), (unsigned long)(libcrypto_allocations() - theirs));
    return false;
}

static bool read_attributes(void)
{
    uint8_t keys[32];
    PCCERT_CONTEXT peer = NULL;
    SecPkgContext_CipherInfo info = {.dwVersion = SECPKGCONTEXT_CIPHERINFO_V1};
    bool is_good =
        pair_export(&pair.client, "EXPORTER-fault", keys) == SEC_E_OK &&
        QueryContextAttributesA(&pair.client.ctx, SECPKG_ATTR_CIPHER_INFO, &info) == SEC_E_OK &&
        QueryContextAttributesA(&pair.client.ctx, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &peer) ==
            SEC_E_OK;
    if (peer != NULL)
        CertFreeCertificateContext(peer);
    return is_good;
}

static bool renew_keys(const struct scenario *s)
{
    if (!s->is_tls13)
        return true;
    return SchannelUpdateKeys(&pair.client.ctx, TRUE) == SEC_E_OK &&
           pair_call(&pair.client, &pair.server) == SEC_E_OK &&
           pair_send(&pair, &pair.client, &pair.server, "again", 5) == SEC_E_OK;
}

/* Only a client whose chain is verified counts as authenticated. */
static bool is_verified(void)
{
    return (pair.server.attributes & ASC_RET_MUTUAL_AUTH) != 0;
}

static bool may_be_verified(const struct scenario *s)
{
    return (s->options & (MUTUAL | UNKNOWN_CLIENT)) == MUTUAL;
}

/* A whole connection; true when everything worked. */
static bool connect_once(const struct scenario *s)
{
    bool is_good = open_pair(s) == SEC_E_OK && pair_handshake(&pair);
    is_wrongly_verified = is_good && is_verified() && !may_be_verified(s);
    is_good = is_good && (is_verified() || !may_be_verified(s) || watch_reached());
    is_good = is_good && send_data() && read_attributes() && renew_keys(s);
    is_good = is_good && pair_shutdown(&pair.client, &pair.server) == SEC_E_OK;
    pair_close(&pair);
    return is_good;
}

/* ---- runs ------------------------------------------------------------------------------ */

static unsigned complain(const struct scenario *s, uint64_t n, const char *what, long value)
{
    fprintf(stderr, "%s, allocation %lu: %s %ld; last raised: %s in %s:%d\n", s->name,
            (unsigned long)n, what, value, err_name(err_last_place()->code),
            err_last_place()->function, err_last_place()->line);
    return 1;
}

static bool works(const struct scenario *s)
{
    bool is_refused = (s->options & REFUSED) != 0;
    return connect_once(s) == !is_refused && (!is_refused || pair.client.status == s->refusal);
}

/*
 * A fault inside libcrypto's renewal of an RSA key's blinding leaves factors that do not belong
 * together: signatures are wrong until the next renewal, 32 uses later.
 */
static bool works_again(const struct scenario *s)
{
    enum { BLINDING_USES = 32 };
    int tries = s->key[0] == 'r' ? BLINDING_USES : 1;
    for (int i = 0; i < tries; i++) {
        if (works(s))
            return true;
    }
    return false;
}

static unsigned run_fault(const struct scenario *s, enum fault_kind kind, uint64_t n,
                          bool all_after, bool *out_reached)
{
    int64_t own = mem_live();
    unsigned wrong = 0;
    watch_begin(kind, n, all_after);
    bool worked = connect_once(s);
    *out_reached = watch_end();
    if (worked && (s->options & REFUSED) != 0)
        wrong += complain(s, n, "a fault made the peer acceptable", 0);
    if (is_wrongly_verified)
        wrong += complain(s, n, "a fault made the client a verified one", 0);
    if (!*out_reached && worked != ((s->options & REFUSED) == 0))
        wrong += complain(s, n, "another end without a fault", pair.client.status);
    if (mem_live() != own)
        wrong += complain(s, n, "blocks of ours left:", (long)(mem_live() - own));
    if (!works_again(s))
        wrong += complain(s, n, "the next connection ends otherwise", pair.client.status);
    if (mem_live() != own)
        wrong += complain(s, n, "blocks of ours left afterwards:", (long)(mem_live() - own));
    return wrong;
}

/*
 * One fault; then a connection without one, in which what was thrown away is made anew. What
 * libcrypto keeps beyond that is a leak when the same fault adds to it each time.
 */
static unsigned run_one(const struct scenario *s, enum fault_kind kind, uint64_t n, bool all_after,
                        bool *out_reached)
{
    int64_t first = libcrypto_live();
    unsigned wrong = run_fault(s, kind, n, all_after, out_reached);
    int64_t second = libcrypto_live();
    if (second <= first || wrong != 0)
        return wrong;
    bool is_reached;
    wrong = run_fault(s, kind, n, all_after, &is_reached);
    if (libcrypto_live() > second)
        wrong += complain(s, n, "blocks of libcrypto left:", (long)(libcrypto_live() - second));
    return wrong;
}

static unsigned run_all(const struct scenario *s, enum fault_kind kind, bool all_after)
{
    unsigned wrong = 0;
    uint64_t n = 1;
    bool is_reached = true;
    for (; is_reached && n < TRIES_MAX && wrong < WRONG_MAX; n++)
        wrong += run_one(s, kind, n, all_after, &is_reached);
    printf("%s: %lu allocations of %s%s\n", s->name, (unsigned long)n - 2,
           kind == FAULT_OWN ? "ours" : "libcrypto", all_after ? ", and all after" : "");
    /* A connection without allocations would be none. */
    return wrong + (is_reached ? 1 : 0) + (n < ALLOCATIONS_MIN ? 1 : 0);
}

/*
 * libcrypto's error queue keeps one buffer for each of its places: filled once, it neither grows
 * nor shrinks.
 */
static void fill_error_queue(void)
{
    for (int i = 0; i < ERR_NUM_ERRORS; i++)
        ERR_raise_data(ERR_LIB_USER, 1, "%s", "buffer");
    ERR_clear_error();
}

static unsigned run_scenario(const struct scenario *s, bool is_own, uint64_t only)
{
    unsigned wrong = 0;
    bool is_reached;
    watch_expect(s->refusal);
    fill_error_queue();
    for (int i = 0; i < WARM_UPS; i++)
        wrong += !works(s);
    if (wrong != 0)
        return complain(s, 0, "does not work at all", 0);
    if (only != 0)
        return run_one(s, is_own ? FAULT_OWN : FAULT_LIBCRYPTO, only, false, &is_reached);
    if (is_own) {
        wrong += run_all(s, FAULT_OWN, false);
        wrong += run_all(s, FAULT_OWN, true);
    } else {
        wrong += run_all(s, FAULT_LIBCRYPTO, false);
    }
    printf("%u calls watched, %u refused\n", watch_calls(), watch_refusals());
    return wrong + watch_complaints() + (watch_refusals() == 0);
}

/* ---- positive controls ----------------------------------------------------------------- */

/* A leak, an entry in the queue and a failure that is not a fault must all be noticed. */
static unsigned run_controls(void)
{
    const struct scenario *s = &scenarios[0];
    unsigned missed = 0;
    bool is_reached;
    missed += !connect_once(s);
    missed += run_one(s, FAULT_NONE, 0, false, &is_reached) != 0;
    watch_quiet(true);
    queue_prepare();
    FreeContextBuffer(NULL);
    missed += watch_complaints() != 1;
    watch_quiet(false);
    watch_begin(FAULT_OWN, 1, false);
    void *p = mem_alloc(1);
    missed += p != NULL || !watch_end();
    int64_t live = mem_live();
    p = mem_alloc(1);
    missed += mem_live() != live + 1;
    mem_free(p);
    watch_begin(FAULT_OWN, 1, true);
    missed += connect_once(s);
    missed += !watch_end();
    missed += watch_complaints() != 1;
    printf("controls: %u missed\n", missed);
    return missed;
}

static unsigned run(const struct scenario *s, const char *kind, uint64_t only)
{
    roots = pair_store(pair_certificate(s->key));
    other_roots = pair_store(pair_certificate("ecdsa-p384"));
    unsigned wrong =
        kind != NULL ? run_scenario(s, strcmp(kind, "own") == 0, only) : run_controls();
    CertCloseStore(roots, 0);
    CertCloseStore(other_roots, 0);
    return wrong;
}

int main(int argc, char **argv)
{
    support_start();
    if (argc < 3)
        return run(&scenarios[0], NULL, 0) == 0 ? 0 : 1;
    uint64_t only = argc > 3 ? strtoul(argv[3], NULL, 10) : 0;
    for (size_t i = 0; i < sizeof scenarios / sizeof scenarios[0]; i++) {
        if (strcmp(argv[2], scenarios[i].name) == 0)
            return run(&scenarios[i], argv[1], only) == 0 ? 0 : 1;
    }
    fprintf(stderr, "no scenario %s\n", argv[2]);
    return 2;
}
