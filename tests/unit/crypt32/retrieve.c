/* SPDX-License-Identifier: MIT */
/*
 * Revocation information from the places that certificates name: what is asked, how often, what is
 * believed and for how long. certificates.md 7.3; the places are pages of a server in the test.
 */
#define CERT_CHAIN_PARA_HAS_EXTRA_FIELDS
#define CERT_REVOCATION_PARA_HAS_EXTRA_FIELDS
#include "crypt32/retrieve.h"

#include <sys/wait.h>
#include <unistd.h>

#include "crypt32/url_cache.h"
#include "web.h"
#include "zoo_lists.h"

#define UNKNOWN CERT_TRUST_REVOCATION_STATUS_UNKNOWN
#define OFFLINE (CERT_TRUST_REVOCATION_STATUS_UNKNOWN | CERT_TRUST_IS_OFFLINE_REVOCATION)
#define REVOKED CERT_TRUST_IS_REVOKED

enum { SHORT_MS = 100, LONG_MS = 60000 };

static struct web web;
static const struct zoo_cert *root;
static const struct zoo_cert *middle;
static const struct zoo_cert *listed; /* names /crl */
static const struct zoo_cert *asked;  /* names /ocsp */
static const struct zoo_cert *both;
static const struct zoo_cert *fresh; /* names /crl, and /delta for what is newer */
static const struct zoo_cert *delegate;
static const struct zoo_cert *other;

static struct zoo_extension points_to(const char *name, const char *format)
{
    static char texts[32][400];
    static size_t count;
    char *text = texts[count++];
    assert_true(count < ARRAY_LEN(texts));
    const int p = web.port;
    /* NOLINTNEXTLINE: the formats stand below */
    snprintf(text, sizeof texts[0], format, p, p, p, p, p, p, p, p);
    return (struct zoo_extension){name, text};
}

#define CRL_AT(path)  points_to("crlDistributionPoints", "URI:http://127.0.0.1:%d" path)
#define OCSP_AT(path) points_to("authorityInfoAccess", "OCSP;URI:http://127.0.0.1:%d" path)
#define END(text, ...)                                                                             \
    ZOO(.name = text, .issuer = middle, .authority = ZOO_END, .extensions = {__VA_ARGS__})

static int open_zoo(void **state)
{
    (void)state;
    zoo_open();
    web_start(&web);
    root = ZOO(.name = "root");
    other = ZOO(.name = "other");
    middle = ZOO(.name = "middle", .issuer = root);
    listed = END("listed", CRL_AT("/crl"));
    asked = END("asked", OCSP_AT("/ocsp"));
    both = END("both", OCSP_AT("/ocsp"), CRL_AT("/crl"));
    fresh = END("fresh", CRL_AT("/crl"), points_to("freshestCRL", "URI:http://127.0.0.1:%d/delta"));
    delegate = END("responder", {"extendedKeyUsage", "OCSPSigning"});
    return 0;
}

static int close_zoo(void **state)
{
    (void)state;
    web_stop(&web);
    zoo_close();
    return 0;
}

static int begin(void **state)
{
    (void)state;
    web_clear(&web);
    url_cache_empty();
    fetch_allow_loopback(true);
    return 0;
}

static int end(void **state)
{
    (void)state;
    fetch_allow_loopback(false);
    url_cache_empty();
    assert_int_equal(ERR_peek_error(), 0);
    return 0;
}

static void serve(const char *path, const struct zoo_der *der)
{
    web_set(&web, path, WEB_BODY, der->bytes, der->n);
}

/* ---- asking ---------------------------------------------------------------------------- */

struct setting {
    const struct zoo_cert *leaf;
    const struct zoo_cert *others[12];
    const struct zoo_der *lists[2]; /* in the store */
    const struct zoo_cert *roots;   /* NULL: root */
    enum chain_revocation which;    /* CHAIN_REVOCATION_NONE: of the end certificate */
    bool no_revocation;
    enum chain_retrieval retrieval; /* CHAIN_RETRIEVAL_NONE: online */
    bool stays_home;                /* CHAIN_RETRIEVAL_NONE, really */
    int64_t now;                    /* of the answers; 0: ZOO_NOW */
    uint32_t ms;                    /* 0: LONG_MS */
    bool shares_time;
    uint64_t fail_at; /* the allocation that fails; 0: none */
};

static bool has_failed; /* the allocation came */

static err try_build(const struct setting *s, struct chain *out, struct chain_others *others)
{
    HCERTSTORE store = zoo_store(middle, NULL);
    HCERTSTORE roots = zoo_store(s->roots != NULL ? s->roots : root, NULL);
    for (size_t i = 0; i < ARRAY_LEN(s->others) && s->others[i] != NULL; i++)
        assert_true(CertAddCertificateContextToStore(store, s->others[i]->context,
                                                     CERT_STORE_ADD_ALWAYS, NULL));
    for (size_t i = 0; i < ARRAY_LEN(s->lists) && s->lists[i] != NULL; i++)
        zoo_add_list(store, s->lists[i]);
    struct chain_inputs inputs = {
        .leaf = cert_of(s->leaf->context),
        .searched = {store_of(store)},
        .roots = store_of(roots),
        .now = ZOO_NOW,
        .revocation = s->which != CHAIN_REVOCATION_NONE ? s->which : CHAIN_REVOCATION_END,
        .revocation_now = s->now,
        .retrieval = s->retrieval != CHAIN_RETRIEVAL_NONE ? s->retrieval : CHAIN_RETRIEVAL_ONLINE,
        .retrieval_ms = s->ms != 0 ? s->ms : LONG_MS,
        .shares_time = s->shares_time};
    if (s->no_revocation)
        inputs.revocation = CHAIN_REVOCATION_NONE;
    if (s->stays_home)
        inputs.retrieval = CHAIN_RETRIEVAL_NONE;
    struct chain_budget budget = chain_budget_of(&inputs);
    uint64_t count = mem_count();
    crypto_mark();
    mem_fail_at(s->fail_at, false);
    err result = chain_build_within(&inputs, &budget, out, others);
    mem_fail_at(0, false);
    crypto_unmark();
    if (s->fail_at != 0)
        has_failed = mem_count() - count >= s->fail_at;
    CertCloseStore(store, 0);
    CertCloseStore(roots, 0);
    return result;
}

/* Whether the chain has these errors, after so many requests more. */
static bool gives(const char *what, const struct setting *s, DWORD errors, int requests)
{
    struct chain chain;
    int before = web_requests(&web, NULL);
    assert_int_equal(try_build(s, &chain, NULL), OK);
    int made = web_requests(&web, NULL) - before;
    bool fits = chain.errors == errors && made == requests;
    if (!fits)
        print_message("%s: %08x after %d requests\n", what, chain.errors, made);
    chain_release(&chain);
    return fits;
}

#define GIVES(what, errors, requests, ...)                                                         \
    assert_true(gives(what, &(struct setting){__VA_ARGS__}, errors, requests))

/* ---- lists ----------------------------------------------------------------------------- */

#define LIST_GIVES(what, errors, ...)                                                              \
    do {                                                                                           \
        struct zoo_der list = LIST(__VA_ARGS__);                                                   \
        url_cache_empty();                                                                         \
        serve("/crl", &list);                                                                      \
        GIVES(what, errors, 1, .leaf = listed);                                                    \
    } while (0)

static void lists(void **state)
{
    (void)state;
    LIST_GIVES("good", 0, .issuer = middle);
    LIST_GIVES("revoked", REVOKED, .issuer = middle, .entries = {{.cert = listed, .reason = 1}});
    LIST_GIVES("of another issuer", OFFLINE, .issuer = other, .entries = {{.cert = listed}});
    LIST_GIVES("signed by somebody else", OFFLINE, .issuer = middle, .signer = other);
    LIST_GIVES("with a broken signature", OFFLINE, .issuer = middle, .breaks_signature = true);
    LIST_GIVES("stale", OFFLINE, .issuer = middle, .next_update = ZOO_NOW - 1);
    LIST_GIVES("stale, revoked", OFFLINE, .issuer = middle, .next_update = ZOO_NOW - 1,
               .entries = {{.cert = listed}});
    LIST_GIVES("not yet", OFFLINE, .issuer = middle, .this_update = ZOO_NOW + 1);
    LIST_GIVES("for some reasons only", OFFLINE, .issuer = middle,
               .scope = "critical,onlysomereasons:keyCompromise");
    LIST_GIVES("of another point", OFFLINE, .issuer = middle,
               .scope = "critical,fullname:URI:http://lists.test/");
    LIST_GIVES("a delta alone", OFFLINE, .issuer = middle, .number = 2, .base_number = 1);
}

static void bad_pages(void **state)
{
    char elsewhere[128];
    struct zoo_der list = LIST(.issuer = middle);
    (void)state;
    GIVES("not found", OFFLINE, 1, .leaf = listed);
    url_cache_empty();
    web_set(&web, "/crl", WEB_BODY, "\x30\x03\x02\x01\x05", 5);
    GIVES("garbage", OFFLINE, 1, .leaf = listed);
    url_cache_empty();
    int n = snprintf(elsewhere, sizeof elsewhere,
                     "HTTP/1.0 302 Found\r\nLocation: http://127.0.0.1:%d/b\r\n\r\n", web.port);
    web_set(&web, "/crl", WEB_RAW, elsewhere, (size_t)n);
    serve("/b", &list);
    GIVES("elsewhere", OFFLINE, 1, .leaf = listed);
    url_cache_empty();
    web_set(&web, "/crl", WEB_SILENT, NULL, 0);
    GIVES("silent", OFFLINE, 1, .leaf = listed, .ms = SHORT_MS);
    url_cache_empty();
    web_set(&web, "/crl", WEB_HANGS_UP, NULL, 0);
    GIVES("hung up", OFFLINE, 0, .leaf = listed);
}

/* With its positive control. */
static void refused_by_default(void **state)
{
    struct zoo_der list = LIST(.issuer = middle);
    (void)state;
    serve("/crl", &list);
    fetch_allow_loopback(false);
    GIVES("refused", OFFLINE, 0, .leaf = listed);
    fetch_allow_loopback(true);
    url_cache_empty();
    GIVES("allowed", 0, 1, .leaf = listed);
}

static void places(void **state)
{
    struct zoo_der list = LIST(.issuer = middle);
    (void)state;
    serve("/crl", &list);
    const struct {
        struct zoo_extension extension;
        DWORD errors;
        int requests;
    } rows[] = {
        {points_to("crlDistributionPoints", "URI:https://127.0.0.1:%d/crl"), OFFLINE, 0},
        {points_to("crlDistributionPoints", "URI:ldap://127.0.0.1:%d/crl"), OFFLINE, 0},
        {points_to("authorityInfoAccess", "caIssuers;URI:http://127.0.0.1:%d/crl"), UNKNOWN, 0},
        {points_to(
             "crlDistributionPoints",
             "URI:ldap://127.0.0.1:%d/,URI:https://127.0.0.1:%d/,URI:http://127.0.0.1:%d/crl"),
         0, 1},
        {points_to("crlDistributionPoints",
                   "URI:http://127.0.0.1:%d/missing,URI:http://127.0.0.1:%d/crl"),
         0, 2},
        {points_to("crlDistributionPoints",
                   "URI:http://127.0.0.1:%d/missing,URI:http://127.0.0.1:%d/missing"),
         OFFLINE, 1},
        {points_to("crlDistributionPoints",
                   "URI:http://127.0.0.1:%d/1,URI:http://127.0.0.1:%d/2,URI:http://127.0.0.1:%d/3,"
                   "URI:http://127.0.0.1:%d/4,URI:http://127.0.0.1:%d/crl"),
         OFFLINE, URLS_MAX},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        url_cache_empty();
        GIVES(rows[i].extension.value, rows[i].errors, rows[i].requests,
              .leaf = END("place", rows[i].extension));
    }
}

/* ---- responses ------------------------------------------------------------------------- */

#define RESPONSE_GIVES(what, errors, ...)                                                          \
    do {                                                                                           \
        struct zoo_der response = STAPLE(.cert = asked, .issuer = middle, __VA_ARGS__);            \
        url_cache_empty();                                                                         \
        serve("/ocsp", &response);                                                                 \
        GIVES(what, errors, 1, .leaf = asked);                                                     \
    } while (0)

static void responses(void **state)
{
    const int revoked = V_OCSP_CERTSTATUS_REVOKED;
    (void)state;
    RESPONSE_GIVES("good", 0, .status = V_OCSP_CERTSTATUS_GOOD);
    RESPONSE_GIVES("by a delegate", 0, .signer = delegate);
    RESPONSE_GIVES("revoked", REVOKED, .status = revoked, .reason = 1);
    RESPONSE_GIVES("revoked by a delegate", REVOKED, .status = revoked, .signer = delegate);
    RESPONSE_GIVES("unknown to the responder", OFFLINE, .status = V_OCSP_CERTSTATUS_UNKNOWN);
    RESPONSE_GIVES("stale", OFFLINE, .next_update = ZOO_NOW - 1);
    RESPONSE_GIVES("signed by a stranger", OFFLINE, .signer = other);
    RESPONSE_GIVES("signed by a colleague", OFFLINE, .signer = both);
    RESPONSE_GIVES("later, perhaps", OFFLINE, .is_error = true);
    RESPONSE_GIVES("broken", OFFLINE, .omits_signer = true, .breaks_signature = true);
    struct zoo_der about_other = STAPLE(.cert = listed, .issuer = middle);
    url_cache_empty();
    serve("/ocsp", &about_other);
    GIVES("about another one", OFFLINE, 1, .leaf = asked);
}

/* What is posted says the same as libcrypto would. */
static void request(void **state)
{
    struct zoo_der response = STAPLE(.cert = asked, .issuer = middle);
    (void)state;
    serve("/ocsp", &response);
    GIVES("good", 0, 1, .leaf = asked);
    OCSP_REQUEST *wanted = OCSP_REQUEST_new();
    unsigned char *der = NULL;
    OCSP_request_add0_id(wanted, OCSP_cert_to_id(EVP_sha1(), asked->x509, middle->x509));
    int n = i2d_OCSP_REQUEST(wanted, &der);
    OCSP_REQUEST_free(wanted);
    pthread_mutex_lock(&web.lock);
    const char *body = strstr(web.last, "\r\n\r\n");
    assert_non_null(body);
    assert_true(strncmp(web.last, "POST /ocsp ", 11) == 0);
    assert_memory_equal(body + 4, der, (size_t)n);
    pthread_mutex_unlock(&web.lock);
    OPENSSL_free(der);
}

/* ---- order ----------------------------------------------------------------------------- */

static void order(void **state)
{
    struct zoo_der list = LIST(.issuer = middle);
    struct zoo_der listing = LIST(.issuer = middle, .entries = {{.cert = both}});
    struct zoo_der good = STAPLE(.cert = both, .issuer = middle);
    (void)state;
    serve("/crl", &listing);
    serve("/ocsp", &good);
    GIVES("the store knows", 0, 0, .leaf = both, .lists = {&list});
    zoo_set_staple(both->context, &good);
    GIVES("the staple says", 0, 0, .leaf = both);
    cert_drop_property(cert_of(both->context), CERT_OCSP_RESPONSE_PROP_ID);
    GIVES("the responder says", 0, 1, .leaf = both);
    assert_int_equal(web_requests(&web, "/ocsp"), 1);
    GIVES("the table says", 0, 0, .leaf = both);
    GIVES("the table, and the store says no", REVOKED, 0, .leaf = both, .lists = {&listing});
    url_cache_empty();
    web_set(&web, "/ocsp", WEB_NOTHING, NULL, 0);
    GIVES("the list says", REVOKED, 2, .leaf = both);
    assert_int_equal(web_requests(&web, "/crl"), 1);
}

static void deltas(void **state)
{
    struct zoo_der base = LIST(.issuer = middle, .number = 5);
    struct zoo_der adds =
        LIST(.issuer = middle, .number = 6, .base_number = 5, .entries = {{.cert = fresh}});
    struct zoo_der adds_plain =
        LIST(.issuer = middle, .number = 6, .base_number = 5, .entries = {{.cert = listed}});
    struct zoo_der forged = LIST(.issuer = middle, .signer = other, .number = 6, .base_number = 5,
                                 .entries = {{.cert = fresh}});
    const struct zoo_extension place = points_to("freshestCRL", "URI:http://127.0.0.1:%d/delta");
    struct zoo_der pointing = LIST(.issuer = middle, .number = 5, .extension = place);
    (void)state;
    serve("/crl", &base);
    GIVES("no delta to be had", 0, 2, .leaf = fresh);
    GIVES("remembered", 0, 0, .leaf = fresh);
    url_cache_empty();
    serve("/delta", &adds);
    GIVES("revoked since", REVOKED, 2, .leaf = fresh);
    GIVES("remembered, too", REVOKED, 0, .leaf = fresh);
    assert_int_equal(url_cache_counts().entries, 2);
    url_cache_empty();
    serve("/delta", &forged);
    GIVES("a forged one", 0, 2, .leaf = fresh);
    url_cache_empty();
    serve("/crl", &pointing);
    serve("/delta", &adds_plain);
    GIVES("named by the list", REVOKED, 2, .leaf = listed);
    GIVES("named by the list, remembered", REVOKED, 0, .leaf = listed);
}

/* ---- what is remembered ---------------------------------------------------------------- */

static void remembering(void **state)
{
    struct zoo_der list = LIST(.issuer = middle, .next_update = ZOO_NOW + 1000);
    struct zoo_der later =
        LIST(.issuer = middle, .this_update = ZOO_NOW + 500, .next_update = ZOO_NOW + 5000);
    (void)state;
    serve("/crl", &list);
    GIVES("first", 0, 1, .leaf = listed);
    GIVES("again", 0, 0, .leaf = listed);
    GIVES("at its last second", 0, 0, .leaf = listed, .now = ZOO_NOW + 1000);
    GIVES("known offline", 0, 0, .leaf = listed, .retrieval = CHAIN_RETRIEVAL_KNOWN);
    GIVES("not asked for", OFFLINE, 0, .leaf = listed, .stays_home = true);
    serve("/crl", &later);
    GIVES("over", 0, 1, .leaf = listed, .now = ZOO_NOW + 1001);
    GIVES("a clock set back", OFFLINE, 1, .leaf = listed);
    url_cache_empty();
    struct zoo_der distant = LIST(.issuer = middle, .next_update = ZOO_NOW + 100 * ZOO_DAY);
    serve("/crl", &distant);
    GIVES("long", 0, 1, .leaf = listed);
    GIVES("no longer than a week", 0, 0, .leaf = listed, .now = ZOO_NOW + 7 * ZOO_DAY - 1);
    GIVES("a week", 0, 1, .leaf = listed, .now = ZOO_NOW + 7 * ZOO_DAY);
    url_cache_empty();
    struct zoo_der unsaid = LIST(.issuer = middle, .next_update = -1);
    serve("/crl", &unsaid);
    GIVES("no end", 0, 1, .leaf = listed);
    GIVES("an hour", 0, 0, .leaf = listed, .now = ZOO_NOW + 3599);
    GIVES("over an hour", 0, 1, .leaf = listed, .now = ZOO_NOW + 3600);
}

static void remembering_responses(void **state)
{
    const struct zoo_cert *twin = END("twin", OCSP_AT("/ocsp"));
    struct zoo_der good = STAPLE(.cert = asked, .issuer = middle, .next_update = ZOO_NOW + 1000);
    struct zoo_der unsaid = STAPLE(.cert = asked, .issuer = middle, .next_update = -1);
    (void)state;
    serve("/ocsp", &good);
    GIVES("first", 0, 1, .leaf = asked);
    GIVES("again", 0, 0, .leaf = asked, .now = ZOO_NOW + 1000);
    GIVES("about another one", OFFLINE, 1, .leaf = twin);
    GIVES("over", OFFLINE, 1, .leaf = asked, .now = ZOO_NOW + 1001);
    url_cache_empty();
    serve("/ocsp", &unsaid);
    GIVES("no end", 0, 1, .leaf = asked);
    GIVES("an hour", 0, 0, .leaf = asked, .now = ZOO_NOW + 3599);
    GIVES("over an hour", 0, 1, .leaf = asked, .now = ZOO_NOW + 3600);
}

static void silence(void **state)
{
    struct zoo_der list = LIST(.issuer = middle);
    (void)state;
    GIVES("nothing", OFFLINE, 1, .leaf = listed);
    serve("/crl", &list);
    GIVES("not asked again", OFFLINE, 0, .leaf = listed, .now = ZOO_NOW + 30);
    GIVES("for a minute from the first time", OFFLINE, 0, .leaf = listed, .now = ZOO_NOW + 59);
    GIVES("and then", 0, 1, .leaf = listed, .now = ZOO_NOW + 60);
}

/* What is remembered is judged each time: another authority's certificate with the same place. */
static void judged_again(void **state)
{
    const struct zoo_cert *stranger = ZOO(.name = "stranger", .issuer = other, .authority = ZOO_END,
                                          .extensions = {CRL_AT("/crl")});
    struct zoo_der list = LIST(.issuer = middle);
    struct zoo_der their_list = LIST(.issuer = other);
    (void)state;
    serve("/crl", &list);
    GIVES("ours", 0, 1, .leaf = listed);
    GIVES("theirs", OFFLINE, 1, .leaf = stranger, .roots = other);
    GIVES("ours is still known", 0, 0, .leaf = listed);
    serve("/crl", &their_list);
    GIVES("a minute later", 0, 1, .leaf = stranger, .roots = other, .now = ZOO_NOW + 60);
}

/* Never more than so many entries and bytes. */
static void bounds(void **state)
{
    static const uint8_t zeros[FETCH_RESPONSE_MAX] = {0};
    struct url_key key;
    char url[32];
    (void)state;
    for (int i = 0; i < 3 * URL_CACHE_ENTRIES; i++) {
        snprintf(url, sizeof url, "http://h/%d", i);
        assert_int_equal(url_key_of(url, span_empty(), &key), OK);
        url_cache_keep_response(&key, ZOO_NOW, span_of(zeros, sizeof zeros), 0);
        assert_in_range(url_cache_counts().entries, 1, URL_CACHE_ENTRIES);
    }
    assert_int_equal(url_cache_counts().entries, URL_CACHE_ENTRIES);
    assert_int_equal(url_cache_counts().bytes, URL_CACHE_ENTRIES * sizeof zeros);
    enum { BIG = URL_CACHE_BYTES / 4 + 1 };
    uint8_t *big = mem_alloc(BIG);
    assert_non_null(big);
    for (int i = 0; i < 6; i++) {
        snprintf(url, sizeof url, "http://big/%d", i);
        assert_int_equal(url_key_of(url, span_empty(), &key), OK);
        url_cache_keep_response(&key, ZOO_NOW, span_of(big, BIG), 0);
        assert_true(url_cache_counts().bytes <= URL_CACHE_BYTES);
    }
    mem_free(big);
    struct buf out;
    buf_init(&out, 2 * BIG);
    assert_int_equal(url_cache_response(&key, ZOO_NOW, &out), URL_KNOWN);
    assert_int_equal(out.n, BIG);
    buf_release(&out);
}

static void forks(void **state)
{
    int status;
    struct zoo_der list = LIST(.issuer = middle);
    (void)state;
    serve("/crl", &list);
    GIVES("first", 0, 1, .leaf = listed);
    assert_int_equal(url_cache_counts().entries, 1);
    pid_t child = fork();
    if (child == 0)
        _exit(url_cache_counts().entries == 0 && url_cache_counts().bytes == 0 ? 0 : 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    GIVES("the parent knows", 0, 0, .leaf = listed);
}

/* ---- whom nobody asks about ------------------------------------------------------------ */

static void no_requests(void **state)
{
    const struct zoo_cert *forged = ZOO(.name = "forged", .issuer = middle, .authority = ZOO_END,
                                        .extensions = {CRL_AT("/crl")}, .breaks_signature = true);
    const struct zoo_cert *alone =
        ZOO(.name = "alone", .authority = ZOO_END, .extensions = {CRL_AT("/crl")});
    struct zoo_der list = LIST(.issuer = middle);
    struct zoo_der listing = LIST(.issuer = middle, .entries = {{.cert = listed}});
    (void)state;
    serve("/crl", &list);
    GIVES("no revocation", 0, 0, .leaf = listed, .no_revocation = true);
    GIVES("known only", OFFLINE, 0, .leaf = listed, .retrieval = CHAIN_RETRIEVAL_KNOWN);
    GIVES("not trusted", CERT_TRUST_IS_PARTIAL_CHAIN | OFFLINE, 0, .leaf = listed, .roots = other);
    GIVES("self-made", CERT_TRUST_IS_UNTRUSTED_ROOT | OFFLINE, 0, .leaf = alone);
    GIVES("forged", CERT_TRUST_IS_NOT_SIGNATURE_VALID | CERT_TRUST_IS_PARTIAL_CHAIN | OFFLINE, 0,
          .leaf = forged);
    GIVES("revoked already", REVOKED, 0, .leaf = listed, .lists = {&listing});
    GIVES("an anchor", 0, 0, .leaf = alone, .roots = alone, .which = CHAIN_REVOCATION_ALL);
    GIVES("control", 0, 1, .leaf = listed);
}

/* The list is signed by another key of the issuer, whose own certificate names a place: that is
 * not asked. */
static void no_recursion(void **state)
{
    const struct zoo_cert *signer = ZOO(.name = "signing", .label = "certs", .issuer = root,
                                        .extensions = {{"keyUsage", "critical,keyCertSign"}});
    const struct zoo_cert *lister =
        ZOO(.name = "signing", .label = "lists", .issuer = root, .authority = ZOO_END,
            .extensions = {{"keyUsage", "critical,cRLSign"}, CRL_AT("/roots")});
    const struct zoo_cert *leaf =
        ZOO(.name = "leaf", .issuer = signer, .authority = ZOO_END, .extensions = {CRL_AT("/crl")});
    struct zoo_der list = LIST(.issuer = signer, .signer = lister);
    struct zoo_der roots = LIST(.issuer = root);
    (void)state;
    serve("/crl", &list);
    serve("/roots", &roots);
    GIVES("its signer is not known to be good", OFFLINE, 1, .leaf = leaf,
          .others = {signer, lister});
    assert_int_equal(web_requests(&web, "/roots"), 0);
    url_cache_empty();
    GIVES("its signer is known to be good", 0, 1, .leaf = leaf, .others = {signer, lister},
          .lists = {&roots});
}

/* ---- along a chain --------------------------------------------------------------------- */

/* Authorities that name a list of the root's each. */
static void whole_chain(void **state)
{
    const struct zoo_cert *above =
        ZOO(.name = "above", .issuer = root, .extensions = {CRL_AT("/root")});
    const struct zoo_cert *leaf =
        ZOO(.name = "leaf", .issuer = above, .authority = ZOO_END, .extensions = {CRL_AT("/crl")});
    struct zoo_der list = LIST(.issuer = above);
    struct zoo_der roots = LIST(.issuer = root);
    struct zoo_der revoking = LIST(.issuer = root, .entries = {{.cert = above}});
    (void)state;
    serve("/crl", &list);
    serve("/root", &roots);
    GIVES("all", 0, 2, .leaf = leaf, .others = {above}, .which = CHAIN_REVOCATION_BUT_ROOT);
    url_cache_empty();
    GIVES("the end only", 0, 1, .leaf = leaf, .others = {above});
    url_cache_empty();
    serve("/root", &revoking);
    GIVES("the authority is revoked", REVOKED | OFFLINE, 1, .leaf = leaf, .others = {above},
          .which = CHAIN_REVOCATION_BUT_ROOT);
    assert_int_equal(web_requests(&web, "/crl"), 2);
}

enum { CROSS_MAX = 10 };

/* Certificates of one authority and key, the first one with its own place. */
static void make_crosses(const struct zoo_cert *out[CROSS_MAX], const char *name)
{
    static const char *const paths[CROSS_MAX] = {"/x0", "/x1", "/x2", "/x3", "/x4",
                                                 "/x5", "/x6", "/x7", "/x8", "/x9"};
    for (size_t i = 0; i < CROSS_MAX; i++) {
        static char values[2][CROSS_MAX][64];
        static int made;
        char *value = values[made / CROSS_MAX][i];
        made++;
        snprintf(value, sizeof values[0][0], "URI:http://127.0.0.1:%d%s", web.port, paths[i]);
        out[i] =
            ZOO(.name = name, .issuer = root, .extensions = {{"crlDistributionPoints", value}});
    }
}

/* Many candidate paths: the number of requests is that of one path. */
static void many_paths(void **state)
{
    const struct zoo_cert *crosses[CROSS_MAX];
    (void)state;
    make_crosses(crosses, "crossed");
    const struct zoo_cert *leaf = ZOO(.name = "leaf", .issuer = crosses[0], .authority = ZOO_END,
                                      .extensions = {CRL_AT("/crl")});
    struct setting s = {.leaf = leaf, .which = CHAIN_REVOCATION_BUT_ROOT};
    memcpy(s.others, crosses, sizeof crosses);
    assert_true(gives("nobody answers", &s, OFFLINE, 2));
}

/* The best path is revoked, and so are the next ones: a few are tried, and then it is enough. */
static void revoked_paths(void **state)
{
    const struct zoo_cert *crosses[CROSS_MAX];
    (void)state;
    make_crosses(crosses, "revoked");
    const struct zoo_cert *leaf = ZOO(.name = "leaf", .issuer = crosses[0], .authority = ZOO_END);
    /* What is added last is found first. */
    struct zoo_der listing = LIST(.issuer = root, .entries = {{.cert = crosses[CROSS_MAX - 1]}});
    struct zoo_der all = LIST(.issuer = crosses[0]);
    struct setting s = {.leaf = leaf, .which = CHAIN_REVOCATION_BUT_ROOT, .lists = {&all}};
    memcpy(s.others, crosses, sizeof crosses);
    char path[16];
    for (int i = 0; i < CROSS_MAX; i++) {
        snprintf(path, sizeof path, "/x%d", i);
        serve(path, &listing);
    }
    /* The first is revoked; the second one's list is read, and it is fine. */
    assert_true(gives("the next one", &s, 0, 2));
    assert_true(gives("remembered", &s, 0, 0));
    url_cache_empty();
    for (int i = 0; i < CROSS_MAX; i++) {
        struct zoo_der own = LIST(.issuer = root, .entries = {{.cert = crosses[i]}});
        snprintf(path, sizeof path, "/x%d", i);
        serve(path, &own);
    }
    struct chain chain;
    struct chain_others others;
    int before = web_requests(&web, NULL);
    assert_int_equal(try_build(&s, &chain, &others), OK);
    assert_int_not_equal(chain.errors, 0);
    assert_in_range(web_requests(&web, NULL) - before, 2, FETCHES_MAX);
    for (size_t i = 0; i < others.count; i++)
        assert_false(cert_same(others.chains[i].elements[1].cert, chain.elements[1].cert));
    chain_release(&chain);
    chain_others_release(&others);
}

/* A chain with more places than requests that it may make. */
static void budget(void **state)
{
    const struct zoo_extension four[] = {
        points_to("crlDistributionPoints", "URI:http://127.0.0.1:%d/1,URI:http://127.0.0.1:%d/2,"
                                           "URI:http://127.0.0.1:%d/3,URI:http://127.0.0.1:%d/4"),
        points_to("crlDistributionPoints", "URI:http://127.0.0.1:%d/5,URI:http://127.0.0.1:%d/6,"
                                           "URI:http://127.0.0.1:%d/7,URI:http://127.0.0.1:%d/8"),
        points_to("crlDistributionPoints", "URI:http://127.0.0.1:%d/9,URI:http://127.0.0.1:%d/10,"
                                           "URI:http://127.0.0.1:%d/11,URI:http://127.0.0.1:%d/12"),
    };
    (void)state;
    const struct zoo_cert *upper = ZOO(.name = "upper", .issuer = root, .extensions = {four[0]});
    const struct zoo_cert *lower = ZOO(.name = "lower", .issuer = upper, .extensions = {four[1]});
    const struct zoo_cert *leaf =
        ZOO(.name = "leaf", .issuer = lower, .authority = ZOO_END, .extensions = {four[2]});
    GIVES("eight", OFFLINE, FETCHES_MAX, .leaf = leaf, .others = {upper, lower},
          .which = CHAIN_REVOCATION_BUT_ROOT);
    url_cache_empty();
    web_set(&web, "/1", WEB_SILENT, NULL, 0);
    web_set(&web, "/2", WEB_SILENT, NULL, 0);
    GIVES("shared time", OFFLINE, FETCHES_MAX, .leaf = leaf, .others = {upper, lower},
          .which = CHAIN_REVOCATION_BUT_ROOT, .ms = 1000, .shares_time = true);
    url_cache_empty();
    GIVES("no time to share", OFFLINE, 0, .leaf = leaf, .others = {upper, lower},
          .which = CHAIN_REVOCATION_BUT_ROOT, .ms = 1, .shares_time = true);
}

/* ---- the public functions -------------------------------------------------------------- */

/* Their time is the machine's, so the lists are valid from long ago to long after. */
static struct zoo_der timeless(const struct zoo_cert *revoked)
{
    return LIST(.issuer = middle, .this_update = 86400, .next_update = ZOO_NOW + 10000 * ZOO_DAY,
                .entries = {{.cert = revoked}});
}

static DWORD errors_within(HCERTCHAINENGINE engine, HCERTSTORE store, DWORD flags, DWORD ms)
{
    CERT_CHAIN_PARA para = {.cbSize = sizeof para, .dwUrlRetrievalTimeout = ms};
    PCCERT_CHAIN_CONTEXT chain;
    FILETIME now = win_filetime_from_unix(ZOO_NOW);
    assert_true(
        CertGetCertificateChain(engine, listed->context, &now, store, &para, flags, NULL, &chain));
    DWORD errors = chain->TrustStatus.dwErrorStatus;
    CertFreeCertificateChain(chain);
    return errors;
}

static DWORD errors_of(HCERTCHAINENGINE engine, HCERTSTORE store, DWORD flags)
{
    return errors_within(engine, store, flags, 0);
}

static HCERTCHAINENGINE engine_with(HCERTSTORE roots, DWORD flags, DWORD ms)
{
    HCERTCHAINENGINE engine;
    CERT_CHAIN_ENGINE_CONFIG config = {.cbSize = sizeof config,
                                       .dwFlags = flags,
                                       .dwUrlRetrievalTimeout = ms,
                                       .hExclusiveRoot = roots};
    assert_true(CertCreateCertificateChainEngine(&config, &engine));
    return engine;
}

static void chains(void **state)
{
    const DWORD check = CERT_CHAIN_REVOCATION_CHECK_END_CERT;
    const DWORD shared = check | CERT_CHAIN_REVOCATION_ACCUMULATIVE_TIMEOUT;
    struct zoo_der listing = timeless(listed);
    HCERTSTORE roots = zoo_store(root, NULL);
    HCERTSTORE store = zoo_store(middle, NULL);
    HCERTCHAINENGINE engine = engine_with(roots, 0, 0);
    HCERTCHAINENGINE offline = engine_with(roots, CERT_CHAIN_CACHE_ONLY_URL_RETRIEVAL, 0);
    HCERTCHAINENGINE hurried = engine_with(roots, 0, 1);
    (void)state;
    serve("/crl", &listing);
    assert_int_equal(errors_of(engine, store, 0), 0);
    assert_int_equal(errors_of(offline, store, check), OFFLINE);
    assert_int_equal(errors_of(engine, store, check | CERT_CHAIN_REVOCATION_CHECK_CACHE_ONLY),
                     OFFLINE);
    assert_int_equal(errors_of(engine, store, check | CERT_CHAIN_CACHE_ONLY_URL_RETRIEVAL),
                     OFFLINE);
    /* Half of a millisecond is none. */
    assert_int_equal(errors_within(engine, store, shared, 1), OFFLINE);
    assert_int_equal(errors_of(hurried, store, shared), OFFLINE);
    assert_int_equal(web_requests(&web, NULL), 0);
    assert_int_equal(errors_within(hurried, store, shared, LONG_MS), REVOKED);
    assert_int_equal(web_requests(&web, NULL), 1);
    assert_int_equal(errors_of(offline, store, check), REVOKED);
    assert_int_equal(web_requests(&web, NULL), 1);
    CertFreeCertificateChainEngine(engine);
    CertFreeCertificateChainEngine(offline);
    CertFreeCertificateChainEngine(hurried);
    CertCloseStore(store, 0);
    CertCloseStore(roots, 0);
}

static void verdicts(void **state)
{
    struct zoo_der fine = LIST(.issuer = middle);
    HCERTSTORE roots = zoo_store(root, NULL);
    HCERTSTORE store = zoo_store(middle, NULL);
    struct chain_verdict verdict;
    struct chain_request request = {.leaf = listed->context,
                                    .additional = store,
                                    .exclusive_root = roots,
                                    .now = ZOO_NOW,
                                    .chain_flags = CERT_CHAIN_REVOCATION_CHECK_END_CERT |
                                                   CERT_CHAIN_REVOCATION_CHECK_CACHE_ONLY};
    (void)state;
    serve("/crl", &fine);
    crypto_mark();
    assert_int_equal(chain_judge(&request, &verdict), OK);
    assert_int_equal(verdict.reason, ERR_CERT_REVOCATION_OFFLINE);
    assert_int_equal(web_requests(&web, NULL), 0);
    request.chain_flags = CERT_CHAIN_REVOCATION_CHECK_END_CERT;
    assert_int_equal(chain_judge(&request, &verdict), OK);
    assert_int_equal(verdict.reason, OK);
    crypto_unmark();
    assert_int_equal(web_requests(&web, NULL), 1);
    CertCloseStore(store, 0);
    CertCloseStore(roots, 0);
}

static DWORD verify(const struct zoo_cert *cert, const struct zoo_cert *issuer, DWORD flags)
{
    PVOID contexts[] = {(PVOID)(uintptr_t)cert->context};
    CERT_REVOCATION_STATUS status = {.cbSize = sizeof status};
    CERT_REVOCATION_PARA para = {.cbSize = sizeof para,
                                 .pIssuerCert = issuer != NULL ? issuer->context : NULL};
    BOOL is_good = CertVerifyRevocation(X509_ASN_ENCODING, CERT_CONTEXT_REVOCATION_TYPE, 1,
                                        contexts, flags, &para, &status);
    assert_int_equal(is_good, status.dwError == 0);
    return status.dwError;
}

static void verifying(void **state)
{
    const struct zoo_cert *twin = ZOO(.name = "middle", .label = "twin", .issuer = root);
    struct zoo_der listing = timeless(listed);
    (void)state;
    serve("/crl", &listing);
    assert_int_equal(verify(listed, middle, CERT_VERIFY_CACHE_ONLY_BASED_REVOCATION),
                     (DWORD)CRYPT_E_REVOCATION_OFFLINE);
    assert_int_equal(verify(listed, NULL, 0), (DWORD)CRYPT_E_REVOCATION_OFFLINE);
    assert_int_equal(verify(listed, twin, 0), (DWORD)CRYPT_E_REVOCATION_OFFLINE);
    assert_int_equal(web_requests(&web, NULL), 0);
    assert_int_equal(verify(listed, middle, CERT_VERIFY_REV_ACCUMULATIVE_TIMEOUT_FLAG),
                     (DWORD)CRYPT_E_REVOKED);
    assert_int_equal(web_requests(&web, NULL), 1);
    assert_int_equal(verify(listed, middle, CERT_VERIFY_CACHE_ONLY_BASED_REVOCATION),
                     (DWORD)CRYPT_E_REVOKED);
}

static DWORD verify_wishing(CERT_REVOCATION_PARA para, DWORD flags)
{
    PVOID contexts[] = {(PVOID)(uintptr_t)listed->context};
    CERT_REVOCATION_STATUS status = {.cbSize = sizeof status};
    para.pIssuerCert = middle->context;
    if (para.cbSize == 0)
        para.cbSize = sizeof para;
    url_cache_empty();
    CertVerifyRevocation(X509_ASN_ENCODING, CERT_CONTEXT_REVOCATION_TYPE, 1, contexts, flags, &para,
                         &status);
    return status.dwError;
}

static void wishes(void **state)
{
    const DWORD shared = CERT_VERIFY_REV_ACCUMULATIVE_TIMEOUT_FLAG;
    FILETIME then = win_filetime_from_unix(ZOO_NOW);
    struct zoo_der list = LIST(.issuer = middle); /* a day old at ZOO_NOW */
    (void)state;
    serve("/crl", &list);
    assert_int_equal(verify_wishing((CERT_REVOCATION_PARA){.dwUrlRetrievalTimeout = 1}, shared),
                     (DWORD)CRYPT_E_REVOCATION_OFFLINE);
    assert_int_equal(web_requests(&web, NULL), 0);
    assert_int_equal(verify_wishing((CERT_REVOCATION_PARA){.pftCurrentTime = NULL}, 0),
                     (DWORD)CRYPT_E_REVOCATION_OFFLINE);
    assert_int_equal(verify_wishing((CERT_REVOCATION_PARA){.pftCurrentTime = &then}, 0), 0);
    assert_int_equal(
        verify_wishing(
            (CERT_REVOCATION_PARA){.cbSize = offsetof(CERT_REVOCATION_PARA, pCrlInfo) - 1,
                                   .pftCurrentTime = &then},
            0),
        (DWORD)CRYPT_E_REVOCATION_OFFLINE);
    assert_int_equal(verify_wishing((CERT_REVOCATION_PARA){.pftCurrentTime = &then,
                                                           .fCheckFreshnessTime = TRUE,
                                                           .dwFreshnessTime = 3600},
                                    0),
                     (DWORD)CRYPT_E_REVOCATION_OFFLINE);
}

/* ---- threads and memory ---------------------------------------------------------------- */

static void *ask_often(void *arg)
{
    struct chain chain;
    for (int i = 0; i < 20; i++) {
        assert_int_equal(try_build(arg, &chain, NULL), OK);
        if (chain.errors != 0)
            return arg;
        chain_release(&chain);
        if (i % 4 == 0)
            url_cache_empty();
    }
    return NULL;
}

static void threads(void **state)
{
    enum { COUNT = 4 };
    pthread_t ids[COUNT];
    struct zoo_der list = LIST(.issuer = middle);
    struct setting s = {.leaf = listed};
    (void)state;
    serve("/crl", &list);
    for (size_t i = 0; i < COUNT; i++)
        assert_int_equal(pthread_create(&ids[i], NULL, ask_often, &s), 0);
    for (size_t i = 0; i < COUNT; i++) {
        void *result;
        pthread_join(ids[i], &result);
        assert_null(result);
    }
}

/* Whatever allocation fails: nothing leaks, and what is revoked is never good. */
static void without_memory(void **state)
{
    struct zoo_der base =
        LIST(.issuer = middle, .number = 5, .entries = {{.cert = listed}, {.cert = both}});
    struct zoo_der adds =
        LIST(.issuer = middle, .number = 6, .base_number = 5, .entries = {{.cert = fresh}});
    struct zoo_der revoked =
        STAPLE(.cert = asked, .issuer = middle, .status = V_OCSP_CERTSTATUS_REVOKED);
    const struct zoo_cert *leaves[] = {listed, fresh, asked, both};
    (void)state;
    serve("/crl", &base);
    serve("/delta", &adds);
    serve("/ocsp", &revoked);
    for (size_t i = 0; i < ARRAY_LEN(leaves); i++) {
        uint64_t n = 0;
        has_failed = true;
        while (has_failed) {
            struct chain chain;
            struct setting s = {.leaf = leaves[i], .fail_at = ++n};
            url_cache_empty();
            int64_t live = mem_live();
            err result = try_build(&s, &chain, NULL);
            if (result == OK ? chain.errors != REVOKED : result != ERR_NO_MEMORY)
                print_message("%zu, allocation %d: %s, %08x\n", i, (int)n, err_name(result),
                              result == OK ? chain.errors : 0);
            assert_true(result == OK || (has_failed && result == ERR_NO_MEMORY));
            assert_true(result != OK || chain.errors == REVOKED);
            if (result == OK)
                chain_release(&chain);
            url_cache_empty();
            assert_int_equal(mem_live(), live);
        }
        assert_in_range(n, 5, 10000);
    }
}

static void positive_control(void **state)
{
    struct zoo_der listing = LIST(.issuer = middle, .entries = {{.cert = listed}});
    (void)state;
    serve("/crl", &listing);
    print_message("two planted expectations:\n");
    assert_false(gives("control", &(struct setting){.leaf = listed}, 0, 1));
    url_cache_empty();
    assert_false(gives("control", &(struct setting){.leaf = listed}, REVOKED, 0));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(lists),
        TEST(bad_pages),
        TEST(refused_by_default),
        TEST(places),
        TEST(responses),
        TEST(request),
        TEST(order),
        TEST(deltas),
        TEST(remembering),
        TEST(remembering_responses),
        TEST(silence),
        TEST(judged_again),
        TEST(bounds),
        TEST(forks),
        TEST(no_requests),
        TEST(no_recursion),
        TEST(whole_chain),
        TEST(many_paths),
        TEST(revoked_paths),
        TEST(budget),
        TEST(chains),
        TEST(verdicts),
        TEST(verifying),
        TEST(wishes),
        TEST(threads),
        TEST(without_memory),
        TEST(positive_control),
    };
    return cmocka_run_group_tests(tests, open_zoo, close_zoo);
}
