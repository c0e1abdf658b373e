/* SPDX-License-Identifier: MIT */
/*
 * The traces of RFC 8448, byte for byte, through the crypto room: key pairs, shared secrets, the
 * key schedule, Finished, the PSK binder, CertificateVerify, and every protected record both ways.
 * Control: with one bit of any single value inverted, at least one comparison must fail.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include <openssl/x509.h>

#include "crypto/crypto.h"
#include "vector_file.h"

enum { TEXT_MAX = 2048 };

static struct vector_file *file;
static unsigned comparisons;
static unsigned mismatches;
static bool is_quiet;

static struct span value(const char *trace, const char *name)
{
    char full[80];
    snprintf(full, sizeof full, "%s.%s", trace, name);
    return vector_get(file, full);
}

static bool has_value(const char *trace, const char *name)
{
    char full[80];
    snprintf(full, sizeof full, "%s.%s", trace, name);
    return vector_has(file, full);
}

static void count(bool is_equal, const char *trace, const char *name)
{
    comparisons++;
    if (is_equal)
        return;
    mismatches++;
    if (!is_quiet)
        printf("differs: %s.%s\n", trace, name);
}

/* The RFC does not print every value in every trace. */
static void compare(struct span ours, const char *trace, const char *name)
{
    if (has_value(trace, name))
        count(span_equal(ours, value(trace, name)), trace, name);
}

static void compare_secret(const struct secret *ours, const char *trace, const char *name)
{
    compare(secret_span(ours), trace, name);
}

/* ---- the key schedule, RFC 8446 7.1 ---------------------------------------------------- */

static struct secret expand(const struct secret *from, const char *label, struct span context,
                            size_t n)
{
    struct secret out = {.n = (uint8_t)n};
    assert_int_equal(
        OK, hkdf_expand_label(HASH_SHA256, secret_span(from), span_text(label), context, out.b, n));
    return out;
}

static struct secret extract(struct span salt, struct span ikm)
{
    struct secret out = {0};
    assert_int_equal(OK, hkdf_extract(HASH_SHA256, salt, ikm, &out));
    return out;
}

static struct secret derived(const struct secret *from)
{
    return expand(from, "derived", hash_of_nothing(HASH_SHA256), 32);
}

static struct secret snapshot(const struct hash *h)
{
    struct secret out = {.n = 32};
    assert_int_equal(OK, hash_snapshot(h, out.b));
    return out;
}

static struct secret derive_at(const struct secret *from, const char *label, const struct hash *h)
{
    struct secret now = snapshot(h);
    return expand(from, label, secret_span(&now), 32);
}

static void compare_keys(const struct secret *traffic, const char *trace, const char *key,
                         const char *iv)
{
    struct secret k = expand(traffic, "key", span_empty(), 16);
    struct secret v = expand(traffic, "iv", span_empty(), 12);
    compare_secret(&k, trace, key);
    compare_secret(&v, trace, iv);
}

/* RFC 8446 4.4.4: the message with its header. */
static void compare_finished(const struct secret *traffic, const struct hash *h, const char *trace,
                             const char *name)
{
    uint8_t message[4 + HASH_MAX] = {20, 0, 0, 32};
    struct secret key = expand(traffic, "finished", span_empty(), 32);
    struct secret now = snapshot(h);
    assert_int_equal(OK, hmac_once(HASH_SHA256, secret_span(&key), secret_span(&now), message + 4));
    compare(span_of(message, 4 + 32), trace, name);
}

/* ---- records, RFC 8446 5.2 ------------------------------------------------------------- */

struct record_row {
    const char *trace;
    const char *record;
    const char *key;
    const char *iv;
    uint64_t number;
    uint8_t type;
    const char *content[4];
};

static const struct record_row records[] = {
    {"simple",
     "server_flight_record",
     "server_handshake_key",
     "server_handshake_iv",
     0,
     22,
     {"encrypted_extensions", "certificate", "certificate_verify", "server_finished"}},
    {"simple",
     "client_finished_record",
     "client_handshake_key",
     "client_handshake_iv",
     0,
     22,
     {"client_finished"}},
    {"simple",
     "new_session_ticket_record",
     "server_application_key",
     "server_application_iv",
     0,
     22,
     {"new_session_ticket"}},
    {"simple",
     "client_data_record",
     "client_application_key",
     "client_application_iv",
     0,
     23,
     {"application_data"}},
    {"simple",
     "server_data_record",
     "server_application_key",
     "server_application_iv",
     1,
     23,
     {"application_data"}},
    {"simple",
     "client_alert_record",
     "client_application_key",
     "client_application_iv",
     1,
     21,
     {"close_notify"}},
    {"simple",
     "server_alert_record",
     "server_application_key",
     "server_application_iv",
     2,
     21,
     {"close_notify"}},
    {"resumed", "early_data_record", "early_key", "early_iv", 0, 23, {"early_data"}},
    {"resumed", "end_of_early_data_record", "early_key", "early_iv", 1, 22, {"end_of_early_data"}},
    {"resumed",
     "server_flight_record",
     "server_handshake_key",
     "server_handshake_iv",
     0,
     22,
     {"encrypted_extensions", "server_finished"}},
    {"resumed",
     "client_finished_record",
     "client_handshake_key",
     "client_handshake_iv",
     0,
     22,
     {"client_finished"}},
    {"resumed",
     "client_data_record",
     "client_application_key",
     "client_application_iv",
     0,
     23,
     {"application_data"}},
    {"resumed",
     "server_data_record",
     "server_application_key",
     "server_application_iv",
     0,
     23,
     {"application_data"}},
    {"retry",
     "server_flight_record",
     "server_handshake_key",
     "server_handshake_iv",
     0,
     22,
     {"encrypted_extensions", "certificate", "certificate_verify", "server_finished"}},
    {"retry",
     "client_finished_record",
     "client_handshake_key",
     "client_handshake_iv",
     0,
     22,
     {"client_finished"}},
};

static size_t content_of(const struct record_row *row, uint8_t *out)
{
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(row->content) && row->content[i] != NULL; i++) {
        struct span part = value(row->trace, row->content[i]);
        assert_true(n + part.n < TEXT_MAX);
        memcpy(out + n, part.p, part.n);
        n += part.n;
    }
    return n;
}

static struct aead *keyed(const struct record_row *row, bool is_seal)
{
    struct aead *a;
    assert_int_equal(OK, aead_new(&a, AEAD_AES_128_GCM, is_seal, value(row->trace, row->key).p,
                                  value(row->trace, row->iv).p));
    return a;
}

static void seal_row(const struct record_row *row)
{
    uint8_t out[5 + TEXT_MAX + 1 + AEAD_TAG_LEN] = {23, 3, 3};
    uint8_t *data = out + 5;
    size_t n = content_of(row, data);
    data[n] = row->type;
    store_u16(out + 3, n + 1 + AEAD_TAG_LEN);
    struct aead *a = keyed(row, true);
    assert_int_equal(
        OK, aead_seal(a, row->number, span_of(out, 5), data, n, data + n, 1, data + n + 1));
    aead_free(a);
    compare(span_of(out, 5 + n + 1 + AEAD_TAG_LEN), row->trace, row->record);
}

static void open_row(const struct record_row *row)
{
    uint8_t expected[TEXT_MAX + 1];
    uint8_t copy[5 + TEXT_MAX + 1 + AEAD_TAG_LEN];
    struct span record = value(row->trace, row->record);
    size_t n = record.n - 5 - AEAD_TAG_LEN;
    size_t expected_n = content_of(row, expected);
    expected[expected_n] = row->type;
    memcpy(copy, record.p, record.n);
    struct aead *a = keyed(row, false);
    err e = aead_open(a, row->number, span_of(copy, 5), copy + 5, n, copy + 5 + n);
    aead_free(a);
    count(e == OK && span_equal(span_of(copy + 5, n), span_of(expected, expected_n + 1)),
          row->trace, row->record);
}

/* Plaintext records: the header, then the message. */
static void compare_plain_record(const char *trace, const char *message, const char *record,
                                 uint8_t minor)
{
    if (!has_value(trace, record))
        return;
    uint8_t out[5 + TEXT_MAX] = {22, 3, minor};
    struct span m = value(trace, message);
    store_u16(out + 3, m.n);
    memcpy(out + 5, m.p, m.n);
    compare(span_of(out, 5 + m.n), trace, record);
}

/* ---- CertificateVerify, RFC 8446 4.4.3 ------------------------------------------------- */

static struct public_key *certified_key(const X509 *x509)
{
    uint8_t *der = NULL;
    struct public_key *key = NULL;
    int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x509), &der);
    if (n > 0 && public_key_new(&key, span_of(der, (size_t)n)) != OK)
        key = NULL;
    OPENSSL_free(der);
    return key;
}

/* The certificate signs itself: the TBS bytes as they stand, then algorithm and signature. */
static bool certificate_verifies(const struct public_key *key, const X509 *x509,
                                 struct span certificate)
{
    const ASN1_BIT_STRING *signature;
    const X509_ALGOR *algorithm;
    uint8_t *der = NULL;
    X509_get0_signature(&signature, &algorithm, x509);
    int n = i2d_X509_ALGOR(algorithm, &der);
    struct span tbs = span_of(certificate.p + 4, 4 + (size_t)load_u16(certificate.p + 6));
    bool is_good =
        n > 0 && public_key_verify_x509(key, span_of(der, (size_t)n), tbs,
                                        span_of(ASN1_STRING_get0_data(signature),
                                                (size_t)ASN1_STRING_length(signature))) == OK;
    OPENSSL_free(der);
    return is_good;
}

static bool verify_message_good(const struct public_key *key, const struct hash *h,
                                struct span message)
{
    static const char label[] = "TLS 1.3, server CertificateVerify"; /* its zero byte included */
    uint8_t content[64 + sizeof label + 32];
    memset(content, ' ', 64);
    memcpy(content + 64, label, sizeof label);
    struct secret now = snapshot(h);
    memcpy(content + 64 + sizeof label, now.b, 32);
    return public_key_verify(key, load_u16(message.p + 4), span_of(content, sizeof content),
                             span_of(message.p + 8, message.n - 8)) == OK;
}

static void check_proof(const char *trace, const struct hash *h)
{
    struct span message = value(trace, "certificate");
    struct span certificate = span_of(message.p + 11, message.n - 13);
    const uint8_t *p = certificate.p;
    X509 *x509 = X509_new_ex(crypto_empty_context(), NULL);
    assert_non_null(x509);
    bool is_parsed = d2i_X509(&x509, &p, (long)certificate.n) != NULL;
    struct public_key *key = is_parsed ? certified_key(x509) : NULL;
    count(key != NULL && certificate_verifies(key, x509, certificate), trace, "certificate");
    count(key != NULL && verify_message_good(key, h, value(trace, "certificate_verify")), trace,
          "certificate_verify");
    public_key_free(key);
    X509_free(x509);
}

/* ---- whole traces ---------------------------------------------------------------------- */

static void feed(struct hash *h, const char *trace, const char *name)
{
    assert_int_equal(OK, hash_update(h, value(trace, name)));
}

/* RFC 8446 4.4.1: after a HelloRetryRequest the first ClientHello is replaced by its hash. */
static void feed_hellos(struct hash *h, const char *trace)
{
    if (!has_value(trace, "hello_retry_request")) {
        feed(h, trace, "client_hello");
    } else {
        uint8_t replacement[4 + HASH_MAX] = {254, 0, 0, 32};
        assert_int_equal(OK,
                         hash_once(HASH_SHA256, value(trace, "client_hello_1"), replacement + 4));
        assert_int_equal(OK, hash_update(h, span_of(replacement, 4 + 32)));
        feed(h, trace, "hello_retry_request");
        feed(h, trace, "client_hello_2");
    }
    feed(h, trace, "server_hello");
}

static struct secret check_exchange(const char *trace, uint16_t group)
{
    struct kex *client;
    struct kex *server;
    struct secret at_client = {0};
    struct secret at_server = {0};
    assert_int_equal(OK, kex_from_private(&client, group, value(trace, "client_private")));
    assert_int_equal(OK, kex_from_private(&server, group, value(trace, "server_private")));
    compare(kex_public(client), trace, "client_public");
    compare(kex_public(server), trace, "server_public");
    assert_int_equal(OK, kex_derive(client, kex_public(server), &at_client));
    assert_int_equal(OK, kex_derive(server, kex_public(client), &at_server));
    compare_secret(&at_client, trace, "shared_secret");
    compare_secret(&at_server, trace, "shared_secret");
    kex_free(client);
    kex_free(server);
    return at_client;
}

static struct secret check_early(const char *trace)
{
    static const uint8_t zero[32];
    bool is_resumed = strcmp(trace, "resumed") == 0;
    struct span psk = is_resumed ? value("simple", "resumption_secret") : span_of(zero, 32);
    struct secret early = extract(span_empty(), psk);
    compare_secret(&early, trace, "early_secret");
    return early;
}

/* RFC 8446 4.2.11.2 and the early traffic keys. */
static void check_binder(const struct secret *early)
{
    struct hash *h;
    assert_int_equal(OK, hash_new(&h, HASH_SHA256));
    feed(h, "resumed", "client_hello_prefix");
    struct secret now = snapshot(h);
    compare_secret(&now, "resumed", "binder_hash");
    struct secret key = expand(early, "res binder", hash_of_nothing(HASH_SHA256), 32);
    compare_secret(&key, "resumed", "binder_key");
    struct secret finished_key = expand(&key, "finished", span_empty(), 32);
    compare_secret(&finished_key, "resumed", "binder_finished_key");
    struct secret binder = {.n = 32};
    assert_int_equal(
        OK, hmac_once(HASH_SHA256, secret_span(&finished_key), secret_span(&now), binder.b));
    compare_secret(&binder, "resumed", "binder");

    uint8_t rest[3 + 32] = {0, 33, 32};
    memcpy(rest + 3, binder.b, 32);
    assert_int_equal(OK, hash_update(h, span_of(rest, sizeof rest)));
    struct span hello = value("resumed", "client_hello");
    count(span_equal(span_of(hello.p + hello.n - sizeof rest, sizeof rest),
                     span_of(rest, sizeof rest)),
          "resumed", "client_hello");
    struct secret traffic = derive_at(early, "c e traffic", h);
    struct secret exporter = derive_at(early, "e exp master", h);
    compare_secret(&traffic, "resumed", "client_early_traffic");
    compare_secret(&exporter, "resumed", "early_exporter_master");
    compare_keys(&traffic, "resumed", "early_key", "early_iv");
    hash_free(h);
}

struct stage {
    struct secret client;
    struct secret server;
    struct secret master;
};

static struct stage check_handshake_stage(const char *trace, const struct secret *early,
                                          const struct secret *shared, const struct hash *h)
{
    struct stage s;
    struct secret salt = derived(early);
    compare_secret(&salt, trace, "early_derived");
    struct secret handshake = extract(secret_span(&salt), secret_span(shared));
    compare_secret(&handshake, trace, "handshake_secret");
    struct secret now = snapshot(h);
    compare_secret(&now, trace, "hello_hash");
    s.client = derive_at(&handshake, "c hs traffic", h);
    s.server = derive_at(&handshake, "s hs traffic", h);
    compare_secret(&s.client, trace, "client_handshake_traffic");
    compare_secret(&s.server, trace, "server_handshake_traffic");
    compare_keys(&s.client, trace, "client_handshake_key", "client_handshake_iv");
    compare_keys(&s.server, trace, "server_handshake_key", "server_handshake_iv");
    salt = derived(&handshake);
    compare_secret(&salt, trace, "handshake_derived");
    s.master = extract(secret_span(&salt), (struct span){(const uint8_t[32]){0}, 32});
    compare_secret(&s.master, trace, "master_secret");
    return s;
}

static void check_traffic_stage(const char *trace, const struct stage *s, const struct hash *h)
{
    struct secret client = derive_at(&s->master, "c ap traffic", h);
    struct secret server = derive_at(&s->master, "s ap traffic", h);
    struct secret exporter = derive_at(&s->master, "exp master", h);
    compare_secret(&client, trace, "client_application_traffic");
    compare_secret(&server, trace, "server_application_traffic");
    compare_secret(&exporter, trace, "exporter_master");
    compare_keys(&client, trace, "client_application_key", "client_application_iv");
    compare_keys(&server, trace, "server_application_key", "server_application_iv");
}

static void check_resumption(const char *trace, const struct stage *s, const struct hash *h)
{
    struct secret master = derive_at(&s->master, "res master", h);
    compare_secret(&master, trace, "resumption_master");
    if (!has_value(trace, "resumption_secret"))
        return;
    struct secret psk = expand(&master, "resumption", value(trace, "ticket_nonce"), 32);
    compare_secret(&psk, trace, "resumption_secret");
}

static void check_messages(const char *trace, const struct stage *s, struct hash *h)
{
    feed(h, trace, "encrypted_extensions");
    if (has_value(trace, "certificate")) {
        feed(h, trace, "certificate");
        check_proof(trace, h);
        feed(h, trace, "certificate_verify");
    }
    compare_finished(&s->server, h, trace, "server_finished");
    feed(h, trace, "server_finished");
    check_traffic_stage(trace, s, h);
    if (has_value(trace, "end_of_early_data"))
        feed(h, trace, "end_of_early_data");
    compare_finished(&s->client, h, trace, "client_finished");
    feed(h, trace, "client_finished");
    check_resumption(trace, s, h);
}

static void check_trace(const char *trace, uint16_t group)
{
    struct hash *h;
    struct secret shared = check_exchange(trace, group);
    struct secret early = check_early(trace);
    assert_int_equal(OK, hash_new(&h, HASH_SHA256));
    feed_hellos(h, trace);
    struct stage s = check_handshake_stage(trace, &early, &shared, h);
    check_messages(trace, &s, h);
    hash_free(h);
}

/* Values that stand inside others. */
static void check_parts(void)
{
    compare(span_of(value("simple", "client_hello").p + 6, 32), "simple", "client_random");
    compare(span_of(value("simple", "server_hello").p + 6, 32), "simple", "server_random");
    compare_plain_record("simple", "client_hello", "client_hello_record", 1);
    compare_plain_record("simple", "server_hello", "server_hello_record", 3);
    compare_plain_record("retry", "client_hello_1", "client_hello_1_record", 1);
    compare_plain_record("retry", "hello_retry_request", "hello_retry_request_record", 3);
    compare_plain_record("retry", "client_hello_2", "client_hello_2_record", 3);
    compare_plain_record("retry", "server_hello", "server_hello_record", 3);
}

/* Alerts whose content the file holds once, in the simple trace. */
static void check_alerts(const char *trace, uint64_t number)
{
    const struct record_row rows[] = {
        {trace,
         "client_alert_record",
         "client_application_key",
         "client_application_iv",
         number,
         21,
         {NULL}},
        {trace,
         "server_alert_record",
         "server_application_key",
         "server_application_iv",
         number,
         21,
         {NULL}},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        uint8_t copy[64];
        struct span record = value(trace, rows[i].record);
        size_t n = record.n - 5 - AEAD_TAG_LEN;
        memcpy(copy, record.p, record.n);
        struct aead *a = keyed(&rows[i], false);
        err e = aead_open(a, number, span_of(copy, 5), copy + 5, n, copy + 5 + n);
        aead_free(a);
        count(e == OK && n == 3 && copy[5] == 1 && copy[6] == 0 && copy[7] == 21, trace,
              rows[i].record);
    }
}

static void check_everything(void)
{
    mismatches = 0;
    comparisons = 0;
    check_trace("simple", GROUP_X25519);
    check_trace("resumed", GROUP_X25519);
    check_trace("retry", GROUP_SECP256R1);
    struct secret early = check_early("resumed");
    check_binder(&early);
    check_parts();
    check_alerts("resumed", 1);
    check_alerts("retry", 0);
    for (size_t i = 0; i < ARRAY_LEN(records); i++) {
        seal_row(&records[i]);
        open_row(&records[i]);
    }
}

static void test_traces(void **state)
{
    (void)state;
    is_quiet = false;
    check_everything();
    printf("RFC 8448: %zu values, %u comparisons, %u mismatches\n", vector_count(file), comparisons,
           mismatches);
    assert_int_equal(0, mismatches);
    assert_true(comparisons > 120);
}

/* Every value counts: with one bit of it inverted the check must notice. */
static void test_control(void **state)
{
    (void)state;
    is_quiet = true;
    unsigned unnoticed = 0;
    for (size_t i = 0; i < vector_count(file); i++) {
        vector_flip(file, i);
        check_everything();
        vector_flip(file, i);
        if (mismatches == 0) {
            unnoticed++;
            printf("a wrong bit goes unnoticed: %s\n", vector_name(file, i));
        }
    }
    printf("control: %zu single-bit errors, %u unnoticed\n", vector_count(file), unnoticed);
    assert_int_equal(0, unnoticed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_traces),
        cmocka_unit_test(test_control),
    };
    file = vector_file_read(VECTOR_DATA "/rfc8448.txt");
    if (crypto_start() != OK)
        return 1;
    int failed = cmocka_run_group_tests_name("rfc8448", tests, NULL, NULL);
    vector_file_free(file);
    return failed;
}
