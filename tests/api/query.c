/* SPDX-License-Identifier: MIT */
/*
 * CryptQueryObject: every kind in every form, asked for alone, with others and not at all; wrong
 * arguments, truncations, files.
 */
#include <unistd.h>

#include "checks.h"
#include "witness.h"

enum { OBJECT_MAX = 32768 };

static const char page[] = "CryptQueryObject";

/* ---- objects --------------------------------------------------------------------------- */

struct object {
    const char *name;
    DWORD content;
    DWORD encoding;
    bool has_store;
    bool has_context;
    BYTE der[OBJECT_MAX / 4];
    DWORD n;
};

static struct object certificate = {.name = "certificate",
                                    .content = CERT_QUERY_CONTENT_CERT,
                                    .encoding = X509_ASN_ENCODING,
                                    .has_store = true,
                                    .has_context = true};
static struct object list = {.name = "list",
                             .content = CERT_QUERY_CONTENT_CRL,
                             .encoding = X509_ASN_ENCODING,
                             .has_store = true,
                             .has_context = true};
static struct object message = {.name = "PKCS#7",
                                .content = CERT_QUERY_CONTENT_PKCS7_SIGNED,
                                .encoding = X509_ASN_ENCODING | PKCS_7_ASN_ENCODING,
                                .has_store = true};
static struct object serialized = {.name = "serialized store",
                                   .content = CERT_QUERY_CONTENT_SERIALIZED_STORE,
                                   .encoding = X509_ASN_ENCODING,
                                   .has_store = true};
static struct object element = {.name = "serialized certificate",
                                .content = CERT_QUERY_CONTENT_SERIALIZED_CERT,
                                .encoding = X509_ASN_ENCODING,
                                .has_store = true,
                                .has_context = true};
static struct object list_element = {.name = "serialized list",
                                     .content = CERT_QUERY_CONTENT_SERIALIZED_CRL,
                                     .encoding = X509_ASN_ENCODING,
                                     .has_store = true,
                                     .has_context = true};
static struct object request = {
    .name = "request", .content = CERT_QUERY_CONTENT_PKCS10, .encoding = X509_ASN_ENCODING};
static struct object pfx = {
    .name = "PKCS#12 (X37)", .content = CERT_QUERY_CONTENT_PFX, .encoding = X509_ASN_ENCODING};
static struct object open_pfx = {.name = "PKCS#12 without a password",
                                 .content = CERT_QUERY_CONTENT_PFX_AND_LOAD,
                                 .encoding = X509_ASN_ENCODING,
                                 .has_store = true};
static struct object *const objects[] = {&certificate,  &list,    &message, &serialized, &element,
                                         &list_element, &request, &pfx,     &open_pfx};

static void make_request(void)
{
    HCRYPTPROV provider;
    HCRYPTKEY key;
    _Alignas(8) BYTE block[1024];
    DWORD size = sizeof block;
    BYTE der[64];
    CERT_REQUEST_INFO info = {.Subject = {sizeof der, der}};
    CRYPT_ALGORITHM_IDENTIFIER way = {.pszObjId = (LPSTR)(uintptr_t)szOID_RSA_SHA256RSA};
    assert_true(CryptAcquireContextW(&provider, NULL, NULL, PROV_RSA_AES, CRYPT_VERIFYCONTEXT));
    assert_true(CryptGenKey(provider, AT_SIGNATURE, 0, &key));
    CryptDestroyKey(key);
    assert_true(CertStrToNameA(X509_ASN_ENCODING, "CN=asks", CERT_X500_NAME_STR, NULL, der,
                               &info.Subject.cbData, NULL));
    assert_true(CryptExportPublicKeyInfo(provider, AT_SIGNATURE, X509_ASN_ENCODING,
                                         (CERT_PUBLIC_KEY_INFO *)(void *)block, &size));
    info.SubjectPublicKeyInfo = *(CERT_PUBLIC_KEY_INFO *)(void *)block;
    request.n = sizeof request.der;
    assert_true(CryptSignAndEncodeCertificate(provider, AT_SIGNATURE, X509_ASN_ENCODING,
                                              X509_CERT_REQUEST_TO_BE_SIGNED, &info, &way, NULL,
                                              request.der, &request.n));
    CryptReleaseContext(provider, 0);
}

static void make_serialized(PCCERT_CONTEXT cert)
{
    PCCRL_CONTEXT crl = CertCreateCRLContext(X509_ASN_ENCODING, list.der, list.n);
    HCERTSTORE store = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);
    CRYPT_DATA_BLOB blob = {sizeof serialized.der, serialized.der};
    assert_true(CertAddCertificateContextToStore(store, cert, CERT_STORE_ADD_ALWAYS, NULL));
    assert_true(CertSaveStore(store, X509_ASN_ENCODING, CERT_STORE_SAVE_AS_STORE,
                              CERT_STORE_SAVE_TO_MEMORY, &blob, 0));
    serialized.n = blob.cbData;
    element.n = sizeof element.der;
    assert_true(CertSerializeCertificateStoreElement(cert, 0, element.der, &element.n));
    list_element.n = sizeof list_element.der;
    assert_true(CertSerializeCRLStoreElement(crl, 0, list_element.der, &list_element.n));
    CertFreeCRLContext(crl);
    CertCloseStore(store, 0);
}

static int make_objects(void **state)
{
    (void)state;
    PCCERT_CONTEXT cert = pair_certificate("ecdsa-p256");
    certificate.n = cert->cbCertEncoded;
    memcpy(certificate.der, cert->pbCertEncoded, certificate.n);
    list.n = (DWORD)witness_list_make(list.der, sizeof list.der);
    message.n =
        (DWORD)witness_pkcs7_make(certificate.der, certificate.n, message.der, sizeof message.der);
    pfx.n = (DWORD)witness_pfx_make(&(struct witness_pfx_wish){.password = "p"}, pfx.der,
                                    sizeof pfx.der);
    open_pfx.n = (DWORD)witness_pfx_make(&(struct witness_pfx_wish){.password = ""}, open_pfx.der,
                                         sizeof open_pfx.der);
    make_serialized(cert);
    make_request();
    return 0;
}

/* ---- forms ----------------------------------------------------------------------------- */

struct form {
    const char *name;
    DWORD format;
    DWORD string; /* CRYPT_STRING_*, with CRYPT_STRING_BINARY for none */
    const char *before;
};

static const struct form forms[] = {
    {"binary", CERT_QUERY_FORMAT_BINARY, CRYPT_STRING_BINARY, ""},
    {"PEM", CERT_QUERY_FORMAT_BASE64_ENCODED, CRYPT_STRING_BASE64HEADER, ""},
    {"PEM with words before it", CERT_QUERY_FORMAT_BASE64_ENCODED, CRYPT_STRING_BASE64HEADER,
     "Certificate:\n    Data: words\n"},
    {"base 64", CERT_QUERY_FORMAT_BASE64_ENCODED, CRYPT_STRING_BASE64, ""},
    {"hexadecimal", CERT_QUERY_FORMAT_ASN_ASCII_HEX_ENCODED, CRYPT_STRING_HEX, " {ASN}"},
};

static CRYPT_DATA_BLOB written(const struct object *object, const struct form *form)
{
    static char text[OBJECT_MAX];
    if (form->string == CRYPT_STRING_BINARY)
        return (CRYPT_DATA_BLOB){object->n, (BYTE *)(uintptr_t)object->der};
    size_t before = strlen(form->before);
    DWORD n = (DWORD)(sizeof text - before);
    memcpy(text, form->before, before);
    assert_true(CryptBinaryToStringA(object->der, object->n, form->string, text + before, &n));
    return (CRYPT_DATA_BLOB){(DWORD)before + n, (BYTE *)text};
}

/* ---- asking ---------------------------------------------------------------------------- */

struct outcome {
    BOOL done;
    DWORD encoding;
    DWORD content;
    DWORD format;
    HCERTSTORE store;
    HCRYPTMSG msg;
    const void *context;
};

static struct outcome ask(DWORD type, const void *object, DWORD contents, DWORD formats)
{
    struct outcome o = {FALSE, 9, 9, 9, &o, &o, &o};
    SetLastError(0);
    o.done = CryptQueryObject(type, object, contents, formats, 0, &o.encoding, &o.content,
                              &o.format, &o.store, &o.msg, &o.context);
    CHECK_NUMBER(page, crypto_queue_error(), 0);
    return o;
}

static size_t count_in(HCERTSTORE store)
{
    size_t count = 0;
    PCCERT_CONTEXT cert = NULL;
    while (store != NULL && (cert = CertEnumCertificatesInStore(store, cert)) != NULL)
        count++;
    PCCRL_CONTEXT crl = NULL;
    while (store != NULL && (crl = CertEnumCRLsInStore(store, crl)) != NULL)
        count++;
    return count;
}

static void release(struct outcome *o)
{
    if (o->content == CERT_QUERY_CONTENT_CRL || o->content == CERT_QUERY_CONTENT_SERIALIZED_CRL)
        CertFreeCRLContext(o->context);
    else
        CertFreeCertificateContext(o->context);
    CertCloseStore(o->store, 0);
}

static void check_found(const struct object *object, const struct form *form, struct outcome o)
{
    CHECK(object->name, o.done);
    CHECK_NUMBER(object->name, o.content, object->content);
    CHECK_NUMBER(form->name, o.format, form->format);
    CHECK_NUMBER(object->name, o.encoding, object->encoding);
    CHECK_NUMBER(object->name, o.store != NULL, object->has_store);
    CHECK_NUMBER(object->name, count_in(o.store), object->has_store ? 1 : 0);
    CHECK_NUMBER(object->name, o.context != NULL, object->has_context);
    CHECK(object->name, o.msg == NULL);
    if (object == &certificate && o.context != NULL) {
        PCCERT_CONTEXT cert = o.context;
        CHECK(page, cert->cbCertEncoded == object->n &&
                        memcmp(cert->pbCertEncoded, object->der, object->n) == 0);
    }
    release(&o);
}

static void check_nothing(const char *row, struct outcome o, DWORD error)
{
    CHECK(row, !o.done);
    CHECK_NUMBER(row, GetLastError(), error);
    CHECK(row, o.encoding == 0 && o.content == 0 && o.format == 0);
    CHECK(row, o.store == NULL && o.msg == NULL && o.context == NULL);
}

static void every_kind_in_every_form(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(objects); i++) {
        for (size_t j = 0; j < COUNT(forms); j++) {
            CRYPT_DATA_BLOB blob = written(objects[i], &forms[j]);
            DWORD content = 1u << objects[i]->content;
            DWORD format = 1u << forms[j].format;
            check_found(objects[i], &forms[j], ask(CERT_QUERY_OBJECT_BLOB, &blob, content, format));
            if (content != CERT_QUERY_CONTENT_FLAG_PFX_AND_LOAD)
                check_found(objects[i], &forms[j],
                            ask(CERT_QUERY_OBJECT_BLOB, &blob, CERT_QUERY_CONTENT_FLAG_ALL,
                                CERT_QUERY_FORMAT_FLAG_ALL));
            check_nothing(
                objects[i]->name,
                ask(CERT_QUERY_OBJECT_BLOB, &blob,
                    CERT_QUERY_CONTENT_FLAG_ALL & ~content & ~(DWORD)CERT_QUERY_CONTENT_FLAG_PFX,
                    CERT_QUERY_FORMAT_FLAG_ALL),
                CRYPT_E_NO_MATCH);
            check_nothing(
                forms[j].name,
                ask(CERT_QUERY_OBJECT_BLOB, &blob, content, CERT_QUERY_FORMAT_FLAG_ALL & ~format),
                CRYPT_E_NO_MATCH);
        }
    }
}

/* A PKCS#12 file with a password is not loaded, and no other kind either. */
static void locked(void **state)
{
    (void)state;
    CRYPT_DATA_BLOB blob = {pfx.n, pfx.der};
    check_nothing("PFX_AND_LOAD",
                  ask(CERT_QUERY_OBJECT_BLOB, &blob, CERT_QUERY_CONTENT_FLAG_PFX_AND_LOAD,
                      CERT_QUERY_FORMAT_FLAG_ALL),
                  CRYPT_E_NO_MATCH);
}

static void outputs_are_optional(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(objects); i++) {
        CRYPT_DATA_BLOB blob = {objects[i]->n, objects[i]->der};
        CHECK_WORKS(objects[i]->name,
                    CryptQueryObject(CERT_QUERY_OBJECT_BLOB, &blob, 1u << objects[i]->content,
                                     CERT_QUERY_FORMAT_FLAG_ALL, 0, NULL, NULL, NULL, NULL, NULL,
                                     NULL));
    }
}

static void bad_arguments(void **state)
{
    (void)state;
    const DWORD all = CERT_QUERY_CONTENT_FLAG_ALL;
    const DWORD every = CERT_QUERY_FORMAT_FLAG_ALL;
    CRYPT_DATA_BLOB empty = {0, NULL};
    CRYPT_DATA_BLOB absent = {5, NULL};
    CRYPT_DATA_BLOB blob = {certificate.n, certificate.der};
    check_nothing("X37", ask(CERT_QUERY_OBJECT_BLOB, NULL, all, every), E_INVALIDARG);
    check_nothing("X37", ask(CERT_QUERY_OBJECT_FILE, NULL, all, every), E_INVALIDARG);
    check_nothing(page, ask(3, &blob, all, every), E_INVALIDARG);
    check_nothing(page, ask(CERT_QUERY_OBJECT_BLOB, &absent, all, every), E_INVALIDARG);
    check_nothing(page, ask(CERT_QUERY_OBJECT_BLOB, &empty, all, every), CRYPT_E_NO_MATCH);
    check_nothing(page, ask(CERT_QUERY_OBJECT_BLOB, &blob, 0, every), CRYPT_E_NO_MATCH);
    check_nothing(page, ask(CERT_QUERY_OBJECT_BLOB, &blob, all, 0), CRYPT_E_NO_MATCH);
}

static void truncations(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(objects); i++) {
        for (DWORD n = 0; n < objects[i]->n; n++) {
            /* Of its own size, so that a byte too far is noticed. */
            BYTE *copy = malloc(n + 1);
            memcpy(copy, objects[i]->der, n);
            CRYPT_DATA_BLOB blob = {n, copy};
            check_nothing(objects[i]->name,
                          ask(CERT_QUERY_OBJECT_BLOB, &blob,
                              CERT_QUERY_CONTENT_FLAG_ALL | CERT_QUERY_CONTENT_FLAG_PFX_AND_LOAD,
                              CERT_QUERY_FORMAT_FLAG_BINARY),
                          CRYPT_E_NO_MATCH);
            free(copy);
        }
    }
}

static void hexadecimal_needs_its_mark(void **state)
{
    (void)state;
    struct form form = forms[4];
    form.before = "";
    CRYPT_DATA_BLOB blob = written(&certificate, &form);
    check_nothing("{ASN}",
                  ask(CERT_QUERY_OBJECT_BLOB, &blob, CERT_QUERY_CONTENT_FLAG_ALL,
                      CERT_QUERY_FORMAT_FLAG_ASN_ASCII_HEX_ENCODED),
                  CRYPT_E_NO_MATCH);
    blob = (CRYPT_DATA_BLOB){5, (BYTE *)(uintptr_t) "{ASN}"};
    check_nothing("{ASN}",
                  ask(CERT_QUERY_OBJECT_BLOB, &blob, CERT_QUERY_CONTENT_FLAG_ALL,
                      CERT_QUERY_FORMAT_FLAG_ASN_ASCII_HEX_ENCODED),
                  CRYPT_E_NO_MATCH);
}

static void files(void **state)
{
    (void)state;
    char path[] = "/tmp/schannel-query-XXXXXX";
    WCHAR wide[64];
    CRYPT_DATA_BLOB pem = written(&certificate, &forms[1]);
    int fd = mkstemp(path);
    assert_true(write(fd, pem.pbData, pem.cbData) == (ssize_t)pem.cbData);
    close(fd);
    for (size_t i = 0; i <= strlen(path); i++)
        wide[i] = (WCHAR)path[i];
    check_found(
        &certificate, &forms[1],
        ask(CERT_QUERY_OBJECT_FILE, wide, CERT_QUERY_CONTENT_FLAG_ALL, CERT_QUERY_FORMAT_FLAG_ALL));
    check_nothing(
        "another kind",
        ask(CERT_QUERY_OBJECT_FILE, wide, CERT_QUERY_CONTENT_FLAG_PFX, CERT_QUERY_FORMAT_FLAG_ALL),
        CRYPT_E_NO_MATCH);
    unlink(path);
    check_nothing(
        "absent",
        ask(CERT_QUERY_OBJECT_FILE, wide, CERT_QUERY_CONTENT_FLAG_ALL, CERT_QUERY_FORMAT_FLAG_ALL),
        ERROR_FILE_NOT_FOUND);
}

static void planted(void **state)
{
    (void)state;
    CRYPT_DATA_BLOB blob = {list.n, list.der};
    planted_begin();
    check_found(&certificate, &forms[0],
                ask(CERT_QUERY_OBJECT_BLOB, &blob, CERT_QUERY_CONTENT_FLAG_CRL,
                    CERT_QUERY_FORMAT_FLAG_ALL));
    assert_true(planted_end() >= 2);
    planted_begin();
    check_nothing(
        "planted",
        ask(CERT_QUERY_OBJECT_BLOB, NULL, CERT_QUERY_CONTENT_FLAG_ALL, CERT_QUERY_FORMAT_FLAG_ALL),
        CRYPT_E_NO_MATCH);
    assert_int_equal(planted_end(), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planted),
        cmocka_unit_test(every_kind_in_every_form),
        cmocka_unit_test(locked),
        cmocka_unit_test(outputs_are_optional),
        cmocka_unit_test(bad_arguments),
        cmocka_unit_test(truncations),
        cmocka_unit_test(hexadecimal_needs_its_mark),
        cmocka_unit_test(files),
    };
    return cmocka_run_group_tests_name("query", tests, make_objects, NULL);
}
