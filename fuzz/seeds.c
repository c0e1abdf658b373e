/* SPDX-License-Identifier: MIT */
/*
 * Writes first inputs for the targets: seeds FOLDER. Messages and records come out of real
 * handshakes, certificates and keys are made here.
 */
#include <sys/stat.h>

#include "crypt32/openssl.h"

#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "engine_target.h"

static const char *folder;
static unsigned file_count;

static void write_seed(const char *target, struct span head, struct span bytes)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, target);
    mkdir(path, 0777);
    snprintf(path, sizeof path, "%s/%s/seed-%03u", folder, target, file_count++);
    FILE *f = fopen(path, "wb");
    PROPERTY(f != NULL);
    fwrite(head.p, 1, head.n, f);
    fwrite(bytes.p, 1, bytes.n, f);
    PROPERTY(fclose(f) == 0);
}

/* ---- handshakes ------------------------------------------------------------------------ */

/* Index of the reader in message.c. */
static int reader_of(const struct wire *w, enum unit_kind kind)
{
    switch ((int)kind) {
    case CLIENT_HELLO:
    case HELLO_AGAIN:
        return 0;
    case SERVER_HELLO:
    case HELLO_RETRY:
        return 1;
    case CERTIFICATE:
        return w->is_tls13 ? 3 : 2;
    case CERTIFICATE_REQUEST:
        return w->is_tls13 ? 4 : 5;
    case CERTIFICATE_VERIFY:
        return 6;
    case SERVER_KEY_EXCHANGE:
        return 7;
    case CLIENT_KEY_EXCHANGE:
        return 10;
    default:
        return -1;
    }
}

static void act_write(struct wire *w, const struct unit *u)
{
    int reader = u->type == TLS_HANDSHAKE ? reader_of(w, u->kind) : -1;
    uint8_t head[1] = {(uint8_t)reader};
    if (reader >= 0)
        write_seed("message", span_of(head, 1), span_of(u->bytes.p + 4, u->bytes.n - 4));
    if (u->kind == CLIENT_HELLO) {
        uint8_t record[] = {0, 22, 3, 1, (uint8_t)(u->bytes.n >> 8), (uint8_t)u->bytes.n};
        static const uint8_t with_header[] = {1};
        static const uint8_t stream[] = {1, 0, 22, 3, 1};
        uint8_t length[2] = {record[4], record[5]};
        struct buf b;
        buf_init(&b, 1 << 16);
        wr_bytes(&b, span_of(length, 2));
        wr_bytes(&b, u->bytes);
        write_seed("hello", span_of(record, sizeof record), u->bytes);
        write_seed("hello", span_of(with_header, 1), u->bytes);
        write_seed("stream", span_of(stream, sizeof stream), buf_span(&b));
        buf_release(&b);
    }
    wire_pass(w, u);
}

static void write_handshakes(void)
{
    static const unsigned options[] = {ED25519 | MUTUAL | WITH_ALPN, ED25519 | RETRIED};
    for (unsigned on = C12; on <= S13; on <<= 1) {
        for (size_t i = 0; i < ARRAY_LEN(options); i++) {
            struct row row = {.name = "seed", .on = on, .at = AT_EVERY, .act = act_write};
            row.options = options[i];
            target_run(&row, (enum wire_on)on, false);
        }
    }
}

/* Extension bodies for the readers that have no message of their own. */
static void write_bodies(void)
{
    static const struct {
        uint8_t reader;
        struct span body;
    } bodies[] = {
        {8, BYTES("\0\x01\x51\x80\x01\x02\x03\x04\x01n\0\x06ticket\0\x08\0\x2A\0\x04\0\0\x40\0")},
        {9, BYTES("\x01")},
        {11, BYTES("\0\x07\0\0\x04host")},
        {11, BYTES("\0\x0C\x02h2\x08http/1.1")},
        {11, BYTES("\x04\x03\x04\x03\x03")},
        {11, BYTES("\x01\0\0\x04ocsp")},
        {12, BYTES("\0\x08\0\x1D\0\x04"
                   "x255")},
        {13, BYTES("\x02\x01\0")},
    };
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++)
        write_seed("message", span_of(&bodies[i].reader, 1), bodies[i].body);
}

/* The longest seed is the length up to which the fuzzer tries. */
static void write_long(const char *target)
{
    enum { LONG_LEN = 1500 };
    uint8_t seed[LONG_LEN];
    uint32_t state = 1;
    for (size_t i = 0; i < sizeof seed; i++) {
        state = state * 1664525u + 1013904223u;
        seed[i] = (uint8_t)((state >> 29) & (i % 3 == 0 ? 7 : 255));
    }
    write_seed(target, span_empty(), span_of(seed, sizeof seed));
}

static void write_edits(void)
{
    static const char *const targets[] = {"client", "server", "established", "secbuffer"};
    for (size_t i = 0; i < ARRAY_LEN(targets); i++)
        write_long(targets[i]);
    for (unsigned version = 0; version < 2; version++) {
        for (unsigned options = 0; options < 8; options++) {
            for (unsigned edit = 0; edit < 8; edit++) {
                uint8_t seed[16] = {(uint8_t)version,
                                    (uint8_t)(1u << options),
                                    0,
                                    0,
                                    (uint8_t)edit,
                                    0,
                                    30,
                                    2,
                                    0,
                                    4,
                                    0,
                                    0,
                                    9};
                write_seed("client", span_empty(), span_of(seed, sizeof seed));
                write_seed("server", span_empty(), span_of(seed, sizeof seed));
            }
        }
        for (unsigned role = 0; role < 2; role++) {
            uint8_t seed[] = {
                (uint8_t)role, (uint8_t)version, 0, 1, 1, 2, 1, 4, 0, 5, 3, 0, 2, 1, 0};
            write_seed("established", span_empty(), span_of(seed, sizeof seed));
        }
    }
    for (unsigned how = 0; how < 8; how++) {
        uint8_t seed[64] = {(uint8_t)how};
        for (size_t i = 1; i < sizeof seed; i++)
            seed[i] = (uint8_t)(i * how + i / 3);
        write_seed("secbuffer", span_empty(), span_of(seed, sizeof seed));
    }
}

/* ---- certificates ---------------------------------------------------------------------- */

static EVP_PKEY *pkcs_key(void)
{
    EVP_PKEY *pkey = EVP_EC_gen("P-256");
    PROPERTY(pkey != NULL);
    return pkey;
}

static X509 *self_signed(EVP_PKEY *pkey)
{
    X509 *x = X509_new();
    PROPERTY(x != NULL && ASN1_INTEGER_set(X509_get_serialNumber(x), 1));
    X509_gmtime_adj(X509_getm_notBefore(x), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x), 86400);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
                               (const uint8_t *)"localhost", -1, -1, 0);
    PROPERTY(X509_set_issuer_name(x, X509_get_subject_name(x)) && X509_set_pubkey(x, pkey) &&
             X509_sign(x, pkey, EVP_sha256()) > 0);
    return x;
}

static void write_bio(const char *target, BIO *bio)
{
    char *text = NULL;
    long n = BIO_get_mem_data(bio, &text);
    write_seed(target, span_empty(), span_of(text, (size_t)n));
    BIO_free(bio);
}

static void write_pkcs(void)
{
    EVP_PKEY *pkey = pkcs_key();
    X509 *x = self_signed(pkey);
    BIO *plain = BIO_new(BIO_s_mem());
    PROPERTY(PEM_write_bio_X509(plain, x) &&
             PEM_write_bio_PrivateKey(plain, pkey, NULL, NULL, 0, NULL, NULL));
    write_bio("pem", plain);
    BIO *locked = BIO_new(BIO_s_mem());
    PROPERTY(PEM_write_bio_X509(locked, x) &&
             PEM_write_bio_PKCS8PrivateKey(locked, pkey, EVP_aes_128_cbc(), NULL, 0, NULL,
                                           (void *)(uintptr_t) "password"));
    write_bio("pem", locked);
    PKCS12 *pfx = PKCS12_create("pw", "name", pkey, x, NULL, 0, 0, 100, 100, 0);
    BIO *bytes = BIO_new(BIO_s_mem());
    PROPERTY(pfx != NULL && i2d_PKCS12_bio(bytes, pfx));
    write_bio("pfx", bytes);
    BIO *name = BIO_new(BIO_s_mem());
    uint8_t *der = NULL;
    int n = i2d_X509_NAME(X509_get_subject_name(x), &der);
    BIO_write(name, der, n);
    write_bio("name", name);
    OPENSSL_free(der);
    PKCS12_free(pfx);
    X509_free(x);
    EVP_PKEY_free(pkey);
}

/* A store with one certificate and its property, in each form that fuzz/store.c knows. */
static void write_stores(void)
{
    const struct buf *der = &engine_identity((enum engine_key)0)->certificate;
    static const uint8_t name[] = {'n', 0, 0, 0};
    CRYPT_DATA_BLOB friendly = {.cbData = sizeof name, .pbData = (BYTE *)(uintptr_t)name};
    PCCERT_CONTEXT c = NULL;
    HCERTSTORE store = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);
    PROPERTY(CertAddEncodedCertificateToStore(store, X509_ASN_ENCODING, der->p, (DWORD)der->n,
                                              CERT_STORE_ADD_NEW, &c));
    PROPERTY(CertSetCertificateContextProperty(c, CERT_FRIENDLY_NAME_PROP_ID, 0, &friendly));
    for (uint8_t form = 0; form < 3; form++) {
        uint8_t bytes[16384] = {form};
        CERT_BLOB blob = {.cbData = sizeof bytes - 1, .pbData = bytes + 1};
        DWORD save_as = form == 0 ? CERT_STORE_SAVE_AS_STORE : CERT_STORE_SAVE_AS_PKCS7;
        PROPERTY(form == 2 ? CertSerializeCertificateStoreElement(c, 0, blob.pbData, &blob.cbData)
                           : CertSaveStore(store, 0, save_as, CERT_STORE_SAVE_TO_MEMORY, &blob, 0));
        write_seed("store", span_empty(), span_of(bytes, blob.cbData + 1));
    }
    CertFreeCertificateContext(c);
    CertCloseStore(store, 0);
}

static void write_certificates(void)
{
    for (int kind = 0; kind < ENGINE_KEY_COUNT; kind++)
        write_seed("certificate", span_empty(),
                   buf_span(&engine_identity((enum engine_key)kind)->certificate));
    static const char *const names[] = {"CN=localhost", "CN=\"a, b\", O=c;OU=d", "2.5.4.3=#0C0161",
                                        "C=DE,ST=x+L=y", "DC=example,DC=com"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        write_seed("name", span_empty(), span_text(names[i]));
}

/* ---- chains ---------------------------------------------------------------------------- */

static void add_extension(X509 *x, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
    X509V3_set_ctx_nodb(&ctx);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    PROPERTY(extension != NULL && X509_add_ext(x, extension, -1));
    X509_EXTENSION_free(extension);
}

/* From 1970 to 2105, so that the clock does not matter. */
static X509 *issued(const char *name, EVP_PKEY *pkey, X509 *issuer, EVP_PKEY *issuer_key)
{
    X509 *x = X509_new();
    PROPERTY(x != NULL && X509_set_version(x, X509_VERSION_3) &&
             ASN1_INTEGER_set(X509_get_serialNumber(x), name[0]));
    ASN1_TIME_set(X509_getm_notBefore(x), 86400);
    ASN1_TIME_set(X509_getm_notAfter(x), (time_t)UINT32_MAX);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC, (const uint8_t *)name,
                               -1, -1, 0);
    X509_set_issuer_name(x, X509_get_subject_name(issuer != NULL ? issuer : x));
    X509_set_pubkey(x, pkey);
    X509 *above = issuer != NULL ? issuer : x;
    bool is_end = name[0] == 'l';
    add_extension(x, above, NID_basic_constraints, is_end ? "CA:FALSE" : "critical,CA:TRUE");
    add_extension(x, above, NID_subject_alt_name, "DNS:host.test,URI:http://a.test/,IP:192.0.2.1");
    if (!is_end)
        add_extension(x, above, NID_name_constraints,
                      "permitted;DNS:host.test,excluded;DNS:b.test");
    add_extension(x, above, NID_crl_distribution_points, "URI:http://lists.test/");
    PROPERTY(X509_sign(x, issuer_key, EVP_sha256()) > 0);
    return x;
}

static void put_item(BIO *out, uint8_t kind, const uint8_t *der, int n)
{
    uint8_t head[] = {kind, (uint8_t)(n >> 8), (uint8_t)n};
    BIO_write(out, head, sizeof head);
    BIO_write(out, der, n);
}

static void put_certificate(BIO *out, uint8_t kind, X509 *x)
{
    uint8_t *der = NULL;
    int n = i2d_X509(x, &der);
    put_item(out, kind, der, n);
    OPENSSL_free(der);
}

static void put_list(BIO *out, X509 *issuer, EVP_PKEY *key)
{
    uint8_t *der = NULL;
    X509_CRL *crl = X509_CRL_new();
    ASN1_TIME *from = ASN1_TIME_set(NULL, 86400);
    ASN1_TIME *to = ASN1_TIME_set(NULL, (time_t)UINT32_MAX);
    X509_CRL_set_version(crl, 1);
    X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer));
    X509_CRL_set1_lastUpdate(crl, from);
    X509_CRL_set1_nextUpdate(crl, to);
    PROPERTY(X509_CRL_sign(crl, key, EVP_sha256()) > 0);
    int n = i2d_X509_CRL(crl, &der);
    put_item(out, 2, der, n);
    OPENSSL_free(der);
    ASN1_TIME_free(from);
    ASN1_TIME_free(to);
    X509_CRL_free(crl);
}

static void put_staple(BIO *out, X509 *leaf, X509 *issuer, EVP_PKEY *key)
{
    uint8_t *der = NULL;
    OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
    ASN1_TIME *from = ASN1_TIME_set(NULL, 86400);
    ASN1_TIME *to = ASN1_TIME_set(NULL, (time_t)UINT32_MAX);
    OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), leaf, issuer);
    PROPERTY(OCSP_basic_add1_status(basic, id, V_OCSP_CERTSTATUS_GOOD, 0, NULL, from, to) != NULL &&
             OCSP_basic_sign(basic, issuer, key, EVP_sha256(), NULL, OCSP_NOCERTS) == 1);
    OCSP_RESPONSE *response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
    int n = i2d_OCSP_RESPONSE(response, &der);
    put_item(out, 3, der, n);
    OPENSSL_free(der);
    OCSP_RESPONSE_free(response);
    OCSP_CERTID_free(id);
    OCSP_BASICRESP_free(basic);
    ASN1_TIME_free(from);
    ASN1_TIME_free(to);
}

static void write_chains(void)
{
    EVP_PKEY *keys[] = {pkcs_key(), pkcs_key(), pkcs_key()};
    X509 *root = issued("root", keys[0], NULL, keys[0]);
    X509 *middle = issued("middle", keys[1], root, keys[0]);
    X509 *leaf = issued("leaf", keys[2], middle, keys[1]);
    for (uint8_t choice = 0; choice < 8; choice++) {
        BIO *out = BIO_new(BIO_s_mem());
        BIO_write(out, &choice, 1);
        put_certificate(out, 0, leaf);
        put_certificate(out, 0, middle);
        put_certificate(out, 1, root);
        put_list(out, root, keys[0]);
        if ((choice & 2) != 0)
            put_staple(out, leaf, middle, keys[1]);
        else
            put_list(out, middle, keys[1]);
        write_bio("chain", out);
    }
    X509_free(leaf);
    X509_free(middle);
    X509_free(root);
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        EVP_PKEY_free(keys[i]);
}

/* The first byte tells how the rest is cut. */
static void write_answers(void)
{
    static const uint8_t cuts[] = {0, 20, 255};
    static const char *const heads[] = {
        "HTTP/1.0 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\n",
        "HTTP/1.0 302 Found\r\nLocation: http://localhost/\r\n\r\n", "HTTP/1.0 404 No\r\n\r\n"};
    static const uint8_t body[] = {0x30, 0x03, 0x02, 0x01, 0x05};
    for (size_t i = 0; i < ARRAY_LEN(heads) * ARRAY_LEN(cuts); i++) {
        uint8_t answer[256] = {cuts[i / ARRAY_LEN(heads)]};
        struct span head = span_text(heads[i % ARRAY_LEN(heads)]);
        mem_copy(answer + 1, head.p, head.n);
        mem_copy(answer + 1 + head.n, body, sizeof body);
        write_seed("http", span_empty(), span_of(answer, 1 + head.n + sizeof body));
    }
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    folder = argv[1];
    mkdir(folder, 0777);
    LLVMFuzzerInitialize(&argc, &argv);
    write_handshakes();
    write_bodies();
    write_edits();
    write_pkcs();
    write_certificates();
    write_stores();
    write_chains();
    write_answers();
    printf("%u seeds in %s\n", file_count, folder);
    return 0;
}
