/* SPDX-License-Identifier: MIT */
/*
 * QueryContextAttributes and SetContextAttributes: every number, in every state, on both sides, and
 * the values. Microsoft "QueryContextAttributes (Schannel)", "SetContextAttributes", and the pages
 * of the SecPkgContext structures.
 */
#include "api.h"

#include "pki.h"

enum { BLOCK_LEN = 1024 };

static const int versions[] = {TLS12, TLS13};

/* ---- which attribute answers when ------------------------------------------------------ */

#define NOT_YET SEC_E_INVALID_HANDLE
#define NO      SEC_E_UNSUPPORTED_FUNCTION
#define NONE    SEC_E_NO_CREDENTIALS

struct attribute {
    ULONG id;
    ULONG size;
    SECURITY_STATUS before; /* the ClientHello is sent */
    SECURITY_STATUS client; /* established, no client certificate */
    SECURITY_STATUS server;
    int freed[2]; /* offsets of what FreeContextBuffer frees, -1: nothing */
};

static const struct attribute attributes[] = {
    {SECPKG_ATTR_SIZES, 16, NOT_YET, SEC_E_OK, SEC_E_OK, {-1, -1}},
    {SECPKG_ATTR_NAMES, 8, NOT_YET, SEC_E_OK, NONE, {0, -1}},
    {SECPKG_ATTR_LIFESPAN, 16, NOT_YET, SEC_E_OK, SEC_E_OK, {-1, -1}},
    {SECPKG_ATTR_STREAM_SIZES, 20, NOT_YET, SEC_E_OK, SEC_E_OK, {-1, -1}},
    {SECPKG_ATTR_KEY_INFO, 32, NOT_YET, SEC_E_OK, SEC_E_OK, {0, 8}},
    {SECPKG_ATTR_AUTHORITY, 8, NOT_YET, SEC_E_OK, NONE, {0, -1}},
    {SECPKG_ATTR_PROTO_INFO, 16, NOT_YET, SEC_E_OK, SEC_E_OK, {0, -1}},
    {SECPKG_ATTR_PACKAGE_INFO, 8, SEC_E_OK, SEC_E_OK, SEC_E_OK, {0, -1}},
    {SECPKG_ATTR_FLAGS, 4, NOT_YET, SEC_E_OK, SEC_E_OK, {-1, -1}},
    {SECPKG_ATTR_UNIQUE_BINDINGS, 16, NOT_YET, SEC_E_OK, SEC_E_OK, {8, -1}}, /* TLS 1.2 */
    {SECPKG_ATTR_ENDPOINT_BINDINGS, 16, NOT_YET, SEC_E_OK, SEC_E_OK, {8, -1}},
    {SECPKG_ATTR_APPLICATION_PROTOCOL, 264, NOT_YET, SEC_E_OK, SEC_E_OK, {-1, -1}},
    {SECPKG_ATTR_NEGOTIATED_TLS_EXTENSIONS, 16, NOT_YET, SEC_E_OK, SEC_E_OK, {8, -1}},
    {SECPKG_ATTR_ROOT_STORE, 8, NOT_YET, SEC_E_OK, SEC_E_OK, {-1, -1}},
    {SECPKG_ATTR_REMOTE_CERT_CHAIN, 8, NOT_YET, SEC_E_OK, NONE, {-1, -1}},
    {SECPKG_ATTR_REMOTE_CERT_CONTEXT, 8, NOT_YET, SEC_E_OK, NONE, {-1, -1}},
    {SECPKG_ATTR_LOCAL_CERT_CONTEXT, 8, NOT_YET, NONE, SEC_E_OK, {-1, -1}},
    {SECPKG_ATTR_ISSUER_LIST_EX, 16, NOT_YET, NOT_YET, NOT_YET, {-1, -1}}, /* nobody was asked */
    {SECPKG_ATTR_CONNECTION_INFO, 28, NOT_YET, SEC_E_OK, SEC_E_OK, {-1, -1}},
    {SECPKG_ATTR_SESSION_INFO, 40, NOT_YET, SEC_E_OK, SEC_E_OK, {-1, -1}},
    {SECPKG_ATTR_REMOTE_CERTIFICATES, 16, NOT_YET, SEC_E_OK, NONE, {8, -1}},
    {SECPKG_ATTR_CIPHER_INFO, 680, NOT_YET, SEC_E_OK, SEC_E_OK, {-1, -1}},
    {SECPKG_ATTR_SUPPORTED_SIGNATURES, 16, NOT_YET, NOT_YET, SEC_E_OK, {8, -1}},
    {SECPKG_ATTR_KEYING_MATERIAL, 16, NOT_YET, NOT_YET, NOT_YET, {8, -1}}, /* without 0x6a */
    {SECPKG_ATTR_CONNECTION_INFO_EX, 404, NOT_YET, SEC_E_OK, SEC_E_OK, {-1, -1}},
    {SECPKG_ATTR_KEYING_MATERIAL_INPROC,
     48,
     NOT_YET,
     SEC_E_INVALID_PARAMETER,
     SEC_E_INVALID_PARAMETER,
     {-1, -1}},
    {SECPKG_ATTR_CERT_CHECK_RESULT, 8, NONE, SEC_E_OK, NONE, {-1, -1}},
    {SECPKG_ATTR_CERT_CHECK_RESULT_INPROC, 8, NOT_YET, SEC_E_OK, NONE, {-1, -1}},
};

static const struct attribute *find(ULONG id)
{
    for (size_t i = 0; i < COUNT(attributes); i++) {
        if (attributes[i].id == id)
            return &attributes[i];
    }
    return NULL;
}

static void release(const struct attribute *a, BYTE *block)
{
    void *pointer;
    for (size_t i = 0; i < 2; i++) {
        if (a->freed[i] < 0)
            continue;
        memcpy(&pointer, block + a->freed[i], sizeof pointer);
        CHECK_STATUS("FreeContextBuffer", FreeContextBuffer(pointer), SEC_E_OK);
    }
    memcpy(&pointer, block, sizeof pointer);
    if (a->id == SECPKG_ATTR_REMOTE_CERT_CONTEXT || a->id == SECPKG_ATTR_LOCAL_CERT_CONTEXT)
        CHECK("certificates", CertFreeCertificateContext(pointer));
    if (a->id == SECPKG_ATTR_ROOT_STORE)
        CHECK("roots", CertCloseStore(pointer, 0));
    if (a->id == SECPKG_ATTR_REMOTE_CERT_CHAIN)
        CertFreeCertificateChain(pointer);
}

/* The input of those that have one, garbage for the others. */
static void prepare(ULONG id, BYTE *block)
{
    DWORD version = 1;
    memset(block, 0xA5, BLOCK_LEN);
    if (id == SECPKG_ATTR_CIPHER_INFO || id == SECPKG_ATTR_CONNECTION_INFO_EX)
        memcpy(block, &version, sizeof version);
    if (id == SECPKG_ATTR_KEYING_MATERIAL_INPROC)
        memset(block, 0, 48);
}

static SECURITY_STATUS query(CtxtHandle *ctx, int form, ULONG id, void *block, ULONG size)
{
    switch (form) {
    case 0:
        return QueryContextAttributesA(ctx, id, block);
    case 1:
        return QueryContextAttributesW(ctx, id, block);
    case 2:
        return QueryContextAttributesExA(ctx, id, block, size);
    default:
        return QueryContextAttributesExW(ctx, id, block, size);
    }
}

static void check_query(CtxtHandle *ctx, ULONG id, SECURITY_STATUS wanted)
{
    BYTE block[BLOCK_LEN];
    BYTE before[BLOCK_LEN];
    char row[60];
    const struct attribute *a = find(id);
    ULONG size = a != NULL ? a->size : BLOCK_LEN;
    for (int form = 0; form < 4; form++) {
        snprintf(row, sizeof row, "attribute 0x%x, form %d", (unsigned)id, form);
        prepare(id, block);
        memcpy(before, block, sizeof block);
        CHECK_STATUS(row, query(ctx, form, id, block, size), wanted);
        if (wanted != SEC_E_OK)
            CHECK(row, memcmp(before, block, sizeof block) == 0);
        else
            CHECK(row, memcmp(before + size, block + size, sizeof block - size) == 0);
        if (wanted == SEC_E_OK && a != NULL)
            release(a, block);
        CHECK_STATUS(row, query(ctx, form, id, NULL, size), a != NULL ? SEC_E_INTERNAL_ERROR : NO);
        if (form >= 2 && wanted == SEC_E_OK) {
            prepare(id, block);
            CHECK_STATUS(row, query(ctx, form, id, block, size - 1), SEC_E_BUFFER_TOO_SMALL);
            CHECK(row, memcmp(before, block, sizeof block) == 0);
        }
    }
}

static SECURITY_STATUS wanted_when_done(const struct attribute *a, int version, bool at_server)
{
    if (a == NULL || (a->id == SECPKG_ATTR_UNIQUE_BINDINGS && version == TLS13))
        return NO;
    return at_server ? a->server : a->client;
}

/* Numbers of other packages, in the high half. */
static const ULONG high_numbers[] = {0x80000080, 0x80000081, 0x80000083,
                                     0x80000084, 0x80000086, 0xFFFFFFFF};

static void check_all(struct pair *p, int version)
{
    for (ULONG id = 0; id <= 0x90; id++) {
        const struct attribute *a = find(id);
        check_query(&p->client.ctx, id, wanted_when_done(a, version, false));
        check_query(&p->server.ctx, id, wanted_when_done(a, version, true));
    }
    for (size_t i = 0; i < COUNT(high_numbers); i++)
        check_query(&p->client.ctx, high_numbers[i], NO);
}

static void before_the_end(void **state)
{
    (void)state;
    struct pair *p = open_pair(TLS13);
    pair_call(&p->client, &p->server);
    for (ULONG id = 0; id <= 0x90; id++) {
        const struct attribute *a = find(id);
        check_query(&p->client.ctx, id, a != NULL ? a->before : NO);
    }
    for (size_t i = 0; i < COUNT(high_numbers); i++)
        check_query(&p->client.ctx, high_numbers[i], NO);
    deliver(p, &p->server);
    pair_call(&p->server, &p->client);
    for (ULONG id = 0; id <= 0x90; id++) {
        const struct attribute *a = find(id);
        SECURITY_STATUS wanted = a != NULL ? a->before : NO;
        if (id == SECPKG_ATTR_SUPPORTED_SIGNATURES) /* the ClientHello is there */
            wanted = SEC_E_OK;
        check_query(&p->server.ctx, id, wanted);
    }
    CHECK("no harm", pair_handshake(p));
}

static void every_number(void **state)
{
    (void)state;
    for (size_t v = 0; v < COUNT(versions); v++) {
        struct pair *p = connect_pair(versions[v]);
        check_all(p, versions[v]);
        CHECK_STATUS("no harm", pair_send(p, &p->client, &p->server, "abc", 3), SEC_E_OK);
        CHECK_STATUS("H20", pair_shutdown(&p->client, &p->server), SEC_E_OK);
        check_all(p, versions[v]); /* after the close, too */
    }
}

/* A context that is dead still says what it knows. */
static void after_a_failure(void **state)
{
    (void)state;
    struct pair *p = connect_pair(TLS13);
    BYTE garbage[64] = {23, 3, 3, 0, 40};
    SecBuffer b[4];
    CHECK("dead", unseal(&p->client, garbage, 45, b) < 0);
    check_query(&p->client.ctx, SECPKG_ATTR_CONNECTION_INFO, SEC_E_OK);
    check_query(&p->client.ctx, SECPKG_ATTR_REMOTE_CERT_CONTEXT, SEC_E_OK);
    check_query(&p->client.ctx, SECPKG_ATTR_PACKAGE_INFO, SEC_E_OK);
}

/* ---- what was negotiated --------------------------------------------------------------- */

static CRYPTO_SETTINGS only_aes128[] = {{.eAlgorithmUsage = TlsParametersCngAlgUsageCipher,
                                         .strCngAlgId = UNICODE(u"AES"),
                                         .dwMaxBitLength = 128},
                                        {.eAlgorithmUsage = TlsParametersCngAlgUsageCipher,
                                         .strCngAlgId = UNICODE(u"CHACHA20_POLY1305")}};
static CRYPTO_SETTINGS only_aes256[] = {{.eAlgorithmUsage = TlsParametersCngAlgUsageCipher,
                                         .strCngAlgId = UNICODE(u"AES"),
                                         .dwMinBitLength = 256},
                                        {.eAlgorithmUsage = TlsParametersCngAlgUsageCipher,
                                         .strCngAlgId = UNICODE(u"CHACHA20_POLY1305")}};
static CRYPTO_SETTINGS no_aes[] = {
    {.eAlgorithmUsage = TlsParametersCngAlgUsageCipher, .strCngAlgId = UNICODE(u"AES")}};

struct expected {
    int version;
    const char *key_type;
    CRYPTO_SETTINGS *settings;
    DWORD settings_count;
    DWORD suite;
    const char *name;
    ALG_ID cipher;
    DWORD bits;
    ALG_ID hash;
    DWORD header;
    DWORD trailer;
    DWORD block;
};

static const struct expected expected[] = {
    {TLS12, "ecdsa-p256", only_aes128, 2, 0xC02B, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", 0x660E,
     128, 0x800C, 13, 16, 16},
    {TLS12, "ecdsa-p256", only_aes256, 2, 0xC02C, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", 0x6610,
     256, 0x800D, 13, 16, 16},
    {TLS12, "rsa-2048", only_aes128, 2, 0xC02F, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", 0x660E,
     128, 0x800C, 13, 16, 16},
    {TLS12, "rsa-2048", only_aes256, 2, 0xC030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", 0x6610,
     256, 0x800D, 13, 16, 16},
    {TLS12, "rsa-2048", no_aes, 1, 0xCCA8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", 0, 256,
     0x800C, 5, 16, 1},
    {TLS13, "ecdsa-p256", only_aes128, 2, 0x1301, "TLS_AES_128_GCM_SHA256", 0x660E, 128, 0x800C, 5,
     17, 16},
    {TLS13, "rsa-2048", only_aes256, 2, 0x1302, "TLS_AES_256_GCM_SHA384", 0x6610, 256, 0x800D, 5,
     17, 16},
    {TLS13, "ecdsa-p256", no_aes, 1, 0x1303, "TLS_CHACHA20_POLY1305_SHA256", 0, 256, 0x800C, 5, 17,
     1},
};

static bool same_text(const WCHAR *wide, const char *text)
{
    size_t i = 0;
    while (text[i] != 0 && wide[i] == (WCHAR)text[i])
        i++;
    return text[i] == 0 && wide[i] == 0;
}

static const char *cipher_name(const struct expected *e)
{
    return e->cipher != 0 ? "AES" : "CHACHA20_POLY1305";
}

static void check_sizes(struct pair_side *side, const struct expected *e)
{
    SecPkgContext_StreamSizes stream;
    SecPkgContext_Sizes sizes;
    CHECK_STATUS("8.1", QueryContextAttributesA(&side->ctx, SECPKG_ATTR_STREAM_SIZES, &stream),
                 SEC_E_OK);
    CHECK_NUMBER("STREAM_SIZES cbHeader", stream.cbHeader, e->header);
    CHECK_NUMBER("STREAM_SIZES cbTrailer", stream.cbTrailer, e->trailer);
    CHECK_NUMBER("STREAM_SIZES cbMaximumMessage", stream.cbMaximumMessage, 16384);
    CHECK_NUMBER("STREAM_SIZES cBuffers", stream.cBuffers, 4);
    CHECK_NUMBER("STREAM_SIZES cbBlockSize", stream.cbBlockSize, e->block);
    CHECK_STATUS("8.2", QueryContextAttributesA(&side->ctx, SECPKG_ATTR_SIZES, &sizes), SEC_E_OK);
    CHECK_NUMBER("SIZES cbMaxToken", sizes.cbMaxToken, 24576);
    CHECK_NUMBER("SIZES cbMaxSignature", sizes.cbMaxSignature, 16);
    CHECK_NUMBER("SIZES cbBlockSize", sizes.cbBlockSize, 0);
    CHECK_NUMBER("SIZES cbSecurityTrailer", sizes.cbSecurityTrailer, 16);
}

static void check_connection_info(struct pair_side *side, const struct expected *e)
{
    static const DWORD bits[2][2] = {{0x800, 0x400}, {0x2000, 0x1000}};
    DWORD protocol = bits[e->version == TLS13][side->is_server];
    SecPkgContext_ConnectionInfo info;
    SecPkgContext_ConnectionInfoEx ex = {.dwVersion = SECPKGCONTEXT_CONNECTION_INFO_EX_V1};
    CHECK_STATUS("9.3", QueryContextAttributesA(&side->ctx, SECPKG_ATTR_CONNECTION_INFO, &info),
                 SEC_E_OK);
    CHECK_NUMBER("9.3 dwProtocol", info.dwProtocol, protocol);
    CHECK_NUMBER("9.3 aiCipher", info.aiCipher, e->cipher);
    CHECK_NUMBER("9.3 dwCipherStrength", info.dwCipherStrength, e->bits);
    CHECK_NUMBER("9.3 aiHash", info.aiHash, e->hash);
    CHECK_NUMBER("9.3 dwHashStrength", info.dwHashStrength, 0);
    CHECK_NUMBER("9.3 aiExch", info.aiExch, e->version == TLS12 ? 0xAE06 : 0);
    CHECK("9.3 dwExchStrength of x25519", info.dwExchStrength == 255 || info.dwExchStrength == 256);
    CHECK_STATUS("CONNECTION_INFO_EX",
                 QueryContextAttributesW(&side->ctx, SECPKG_ATTR_CONNECTION_INFO_EX, &ex),
                 SEC_E_OK);
    CHECK_NUMBER("CONNECTION_INFO_EX", ex.dwProtocol, protocol);
    CHECK("CONNECTION_INFO_EX", same_text(ex.szCipher, cipher_name(e)) &&
                                    same_text(ex.szHash, "") && same_text(ex.szExchange, "ECDH"));
    CHECK("CONNECTION_INFO_EX", ex.dwCipherStrength == e->bits && ex.dwHashStrength == 0 &&
                                    ex.dwExchStrength == info.dwExchStrength);
    ex.dwVersion = 2;
    CHECK_STATUS("CONNECTION_INFO_EX version 2",
                 QueryContextAttributesW(&side->ctx, SECPKG_ATTR_CONNECTION_INFO_EX, &ex), NO);
}

static void check_cipher_info(struct pair_side *side, const struct expected *e)
{
    SecPkgContext_CipherInfo info = {.dwVersion = SECPKGCONTEXT_CIPHERINFO_V1};
    const char *kind = e->key_type[0] == 'r' ? "RSA" : "ECDSA";
    CHECK_STATUS("9.4", QueryContextAttributesA(&side->ctx, SECPKG_ATTR_CIPHER_INFO, &info),
                 SEC_E_OK);
    CHECK_NUMBER("9.4 dwVersion", info.dwVersion, 1);
    CHECK_NUMBER("9.4 dwProtocol", info.dwProtocol, e->version == TLS12 ? 0x303 : 0x304);
    CHECK_NUMBER("9.4 Q32 dwCipherSuite", info.dwCipherSuite, e->suite);
    CHECK_NUMBER("9.4 dwBaseCipherSuite", info.dwBaseCipherSuite, e->suite);
    CHECK("9.4 szCipherSuite", same_text(info.szCipherSuite, e->name));
    CHECK("9.4 szCipher", same_text(info.szCipher, cipher_name(e)));
    CHECK_NUMBER("9.4 dwCipherLen", info.dwCipherLen, e->bits);
    CHECK_NUMBER("9.4 dwCipherBlockLen", info.dwCipherBlockLen, e->block);
    CHECK("Q30 szHash", same_text(info.szHash, ""));
    CHECK_NUMBER("Q30 dwHashLen", info.dwHashLen, 0);
    CHECK("9.4 szExchange", same_text(info.szExchange, "ECDH"));
    CHECK("9.4 exchange", info.dwMinExchangeLen == 0 && info.dwMaxExchangeLen == 65536);
    CHECK("9.4 szCertificate", same_text(info.szCertificate, kind));
    CHECK_NUMBER("9.4 dwKeyType", info.dwKeyType, 0x1D);
    info.dwVersion = 0;
    CHECK_STATUS("9.4 version 0",
                 QueryContextAttributesA(&side->ctx, SECPKG_ATTR_CIPHER_INFO, &info), NO);
}

static void check_key_info(struct pair_side *side, const struct expected *e)
{
    SecPkgContext_KeyInfoA a;
    SecPkgContext_KeyInfoW w;
    bool is_rsa = e->key_type[0] == 'r';
    CHECK_STATUS("Q40", QueryContextAttributesA(&side->ctx, SECPKG_ATTR_KEY_INFO, &a), SEC_E_OK);
    CHECK_STATUS("Q40", QueryContextAttributesW(&side->ctx, SECPKG_ATTR_KEY_INFO, &w), SEC_E_OK);
    CHECK("Q40", strcmp(a.sSignatureAlgorithmName, is_rsa ? "RSA" : "ECDSA") == 0);
    CHECK("Q40", same_text(w.sSignatureAlgorithmName, a.sSignatureAlgorithmName));
    CHECK("Q40", strcmp(a.sEncryptAlgorithmName, cipher_name(e)) == 0);
    CHECK("Q40", same_text(w.sEncryptAlgorithmName, cipher_name(e)));
    CHECK_NUMBER("Q40", a.KeySize, e->bits);
    CHECK_NUMBER("Q40", a.SignatureAlgorithm, is_rsa ? CALG_RSA_SIGN : CALG_ECDSA);
    CHECK_NUMBER("Q40", a.EncryptAlgorithm, e->cipher);
    FreeContextBuffer(a.sSignatureAlgorithmName);
    FreeContextBuffer(a.sEncryptAlgorithmName);
    FreeContextBuffer(w.sSignatureAlgorithmName);
    FreeContextBuffer(w.sEncryptAlgorithmName);
}

static void check_proto_info(struct pair_side *side, const struct expected *e)
{
    SecPkgContext_ProtoInfoA info;
    CHECK_STATUS("PROTO_INFO", QueryContextAttributesA(&side->ctx, SECPKG_ATTR_PROTO_INFO, &info),
                 SEC_E_OK);
    CHECK("PROTO_INFO", strcmp(info.sProtocolName, "TLS") == 0 && info.majorVersion == 3);
    CHECK_NUMBER("PROTO_INFO", info.minorVersion, e->version == TLS12 ? 3 : 4);
    FreeContextBuffer(info.sProtocolName);
}

static void connect_as(const struct expected *e, struct pair **out)
{
    static HCERTSTORE stores[2];
    bool is_rsa = e->key_type[0] == 'r';
    struct pair_options options = usual(e->version);
    if (stores[is_rsa] == NULL)
        stores[is_rsa] = pair_store(pair_certificate(e->key_type));
    options.server_certificate = pair_certificate(e->key_type);
    options.client_roots = stores[is_rsa];
    options.client_crypto = e->settings;
    options.client_crypto_count = e->settings_count;
    *out = connect_pair_with(&options);
}

static void negotiated(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(expected); i++) {
        struct pair *p;
        connect_as(&expected[i], &p);
        struct pair_side *sides[] = {&p->client, &p->server};
        for (size_t j = 0; j < 2; j++) {
            check_sizes(sides[j], &expected[i]);
            check_connection_info(sides[j], &expected[i]);
            check_cipher_info(sides[j], &expected[i]);
            check_key_info(sides[j], &expected[i]);
            check_proto_info(sides[j], &expected[i]);
        }
    }
}

static bool has_extension(CtxtHandle *context, USHORT number)
{
    SecPkgContext_NegotiatedTlsExtensions list;
    bool found = false;
    CHECK_STATUS("extensions",
                 QueryContextAttributesA(context, SECPKG_ATTR_NEGOTIATED_TLS_EXTENSIONS, &list),
                 SEC_E_OK);
    for (ULONG i = 0; i < list.ExtensionsCount; i++)
        found = found || list.Extensions[i] == number;
    FreeContextBuffer(list.Extensions);
    return found;
}

/* Both sides say the same of ALPN, extended_master_secret, key_share and renegotiation_info. */
static void extensions(void **state)
{
    (void)state;
    for (int version = TLS12; version <= TLS13; version++) {
        for (int with_alpn = 0; with_alpn < 2; with_alpn++) {
            struct pair_options options = usual(version);
            options.alpn_client = options.alpn_server = with_alpn != 0 ? "h2" : NULL;
            struct pair *p = connect_pair_with(&options);
            CtxtHandle *const sides[] = {&p->client.ctx, &p->server.ctx};
            for (size_t i = 0; i < COUNT(sides); i++) {
                CHECK("ALPN", has_extension(sides[i], 16) == (with_alpn != 0));
                CHECK("extended_master_secret", has_extension(sides[i], 23) == (version == TLS12));
                CHECK("supported_versions", has_extension(sides[i], 43) == (version == TLS13));
                CHECK("key_share", has_extension(sides[i], 51) == (version == TLS13));
                CHECK("renegotiation_info", has_extension(sides[i], 0xFF01) == (version == TLS12));
            }
        }
    }
}

static void session_info(void **state)
{
    (void)state;
    for (size_t v = 0; v < COUNT(versions); v++) {
        struct pair *p = connect_pair(versions[v]);
        SecPkgContext_SessionInfo a;
        SecPkgContext_SessionInfo b;
        CHECK_STATUS("Q8", QueryContextAttributesA(&p->client.ctx, SECPKG_ATTR_SESSION_INFO, &a),
                     SEC_E_OK);
        CHECK_STATUS("Q8", QueryContextAttributesW(&p->server.ctx, SECPKG_ATTR_SESSION_INFO, &b),
                     SEC_E_OK);
        CHECK_NUMBER("Q8", a.dwFlags, 0);
        CHECK_NUMBER("Q8", b.dwFlags, 0);
        CHECK("Q8", a.cbSessionId == b.cbSessionId && a.cbSessionId <= 32);
        CHECK("Q8", memcmp(a.rgbSessionId, b.rgbSessionId, sizeof a.rgbSessionId) == 0);
        CHECK_STATUS("Q9",
                     QueryContextAttributesA(&p->client.ctx, SECPKG_ATTR_NEGOTIATION_INFO, &a), NO);
    }
}

/* ---- certificates ---------------------------------------------------------------------- */

/* A root, an authority below it, and a server's certificate with the chain beside it. */
struct chain {
    const struct pki_cert *root;
    PCCERT_CONTEXT leaf;
    HCERTSTORE roots;
};

static struct chain make_chain(const char *digest)
{
    struct chain chain;
    const struct pki_wish root = {
        .name = "Test Root", .is_authority = true, .from_days = -1, .to_days = 30};
    chain.root = pki_make(&root);
    const struct pki_wish middle = {.name = "Test Authority",
                                    .issuer = chain.root,
                                    .is_authority = true,
                                    .from_days = -1,
                                    .to_days = 30};
    const struct pki_cert *authority = pki_make(&middle);
    const struct pki_wish leaf = {
        .name = "localhost", .issuer = authority, .from_days = -1, .to_days = 30, .digest = digest};
    const struct pki_cert *others[] = {authority, chain.root};
    const char *pem = pki_pem(pki_make(&leaf), others, 2, true);
    const char *root_pem = pki_pem(chain.root, NULL, 0, false);
    chain.leaf = SchannelLoadPem(pem, strlen(pem), NULL, 0, NULL);
    PCCERT_CONTEXT anchor = SchannelLoadPem(root_pem, strlen(root_pem), NULL, 0, NULL);
    assert_non_null(chain.leaf);
    assert_non_null(anchor);
    chain.roots = pair_store(anchor);
    CertFreeCertificateContext(anchor);
    return chain;
}

static void free_chain(struct chain *chain)
{
    CertFreeCertificateContext(chain->leaf);
    CertCloseStore(chain->roots, 0);
}

static void check_names(struct pair_side *client)
{
    SecPkgContext_NamesA name;
    SecPkgContext_NamesW wide;
    SecPkgContext_AuthorityA authority;
    CHECK_STATUS("NAMES", QueryContextAttributesA(&client->ctx, SECPKG_ATTR_NAMES, &name),
                 SEC_E_OK);
    CHECK("NAMES", strcmp(name.sUserName, "localhost") == 0);
    FreeContextBuffer(name.sUserName);
    CHECK_STATUS("NAMES", QueryContextAttributesW(&client->ctx, SECPKG_ATTR_NAMES, &wide),
                 SEC_E_OK);
    CHECK("NAMES", same_text(wide.sUserName, "localhost"));
    FreeContextBuffer(wide.sUserName);
    CHECK_STATUS("AUTHORITY",
                 QueryContextAttributesA(&client->ctx, SECPKG_ATTR_AUTHORITY, &authority),
                 SEC_E_OK);
    CHECK("AUTHORITY", strcmp(authority.sAuthorityName, "Test Authority") == 0);
    FreeContextBuffer(authority.sAuthorityName);
}

static void check_received_store(struct pair_side *client)
{
    PCCERT_CONTEXT leaf;
    PCCERT_CONTEXT cert = NULL;
    unsigned count = 0;
    bool is_leaf_first = false;
    bool found_itself = false;
    CHECK_STATUS("Q5",
                 QueryContextAttributesA(&client->ctx, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &leaf),
                 SEC_E_OK);
    CHECK("Q5", leaf->hCertStore != NULL);
    while ((cert = CertEnumCertificatesInStore(leaf->hCertStore, cert)) != NULL) {
        found_itself = found_itself || cert == leaf;
        is_leaf_first = is_leaf_first || (count == 0 && cert == leaf);
        count++;
    }
    CHECK_NUMBER("Q5 A52: leaf and authority, no root", count, 2);
    CHECK("Q5 the same pointer", found_itself);
    CHECK("Q6 leaf first", is_leaf_first);
    CertFreeCertificateContext(leaf);
    SecPkgContext_Certificates list;
    CHECK_STATUS("REMOTE_CERTIFICATES",
                 QueryContextAttributesA(&client->ctx, SECPKG_ATTR_REMOTE_CERTIFICATES, &list),
                 SEC_E_OK);
    CHECK_NUMBER("REMOTE_CERTIFICATES", list.cCertificates, 2);
    DWORD at = 0;
    for (DWORD i = 0; i < list.cCertificates; i++) {
        DWORD n;
        memcpy(&n, list.pbCertificateChain + at, sizeof n);
        CHECK("REMOTE_CERTIFICATES", list.pbCertificateChain[at + 4] == 0x30);
        at += n + 4;
    }
    CHECK_NUMBER("REMOTE_CERTIFICATES", at, list.cbCertificateChain);
    FreeContextBuffer(list.pbCertificateChain);
}

/* The path that automatic validation found, with the root that it trusts. */
static void check_built_chain(struct pair_side *client, HCERTSTORE roots)
{
    PCCERT_CHAIN_CONTEXT chain;
    HCERTSTORE in_use;
    CHECK_STATUS("REMOTE_CERT_CHAIN",
                 QueryContextAttributesA(&client->ctx, SECPKG_ATTR_REMOTE_CERT_CHAIN, &chain),
                 SEC_E_OK);
    CHECK_NUMBER("REMOTE_CERT_CHAIN", chain->TrustStatus.dwErrorStatus, 0);
    CHECK_NUMBER("REMOTE_CERT_CHAIN", chain->rgpChain[0]->cElement, 3);
    PCCERT_CONTEXT root = chain->rgpChain[0]->rgpElement[2]->pCertContext;
    PCCERT_CONTEXT trusted = CertEnumCertificatesInStore(roots, NULL);
    CHECK("REMOTE_CERT_CHAIN",
          root->cbCertEncoded == trusted->cbCertEncoded &&
              memcmp(root->pbCertEncoded, trusted->pbCertEncoded, root->cbCertEncoded) == 0);
    CertFreeCertificateChain(chain);
    CHECK_STATUS("ROOT_STORE",
                 QueryContextAttributesA(&client->ctx, SECPKG_ATTR_ROOT_STORE, &in_use), SEC_E_OK);
    PCCERT_CONTEXT found =
        CertFindCertificateInStore(in_use, X509_ASN_ENCODING, 0, CERT_FIND_EXISTING, trusted, NULL);
    CHECK("ROOT_STORE", found != NULL);
    CertFreeCertificateContext(found);
    CertFreeCertificateContext(trusted);
    CHECK("ROOT_STORE", CertCloseStore(in_use, 0));
}

static void certificates(void **state)
{
    (void)state;
    struct chain chain = make_chain(NULL);
    for (size_t v = 0; v < COUNT(versions); v++) {
        struct pair_options options = usual(versions[v]);
        options.server_certificate = chain.leaf;
        options.client_roots = chain.roots;
        struct pair *p = connect_pair_with(&options);
        PCCERT_CONTEXT local;
        check_names(&p->client);
        check_received_store(&p->client);
        check_built_chain(&p->client, chain.roots);
        CHECK_STATUS(
            "LOCAL_CERT_CONTEXT",
            QueryContextAttributesA(&p->server.ctx, SECPKG_ATTR_LOCAL_CERT_CONTEXT, &local),
            SEC_E_OK);
        CHECK("LOCAL_CERT_CONTEXT", local->cbCertEncoded == chain.leaf->cbCertEncoded &&
                                        memcmp(local->pbCertEncoded, chain.leaf->pbCertEncoded,
                                               local->cbCertEncoded) == 0);
        CertFreeCertificateContext(local);
    }
    free_chain(&chain);
}

static void check_near(const char *row, TimeStamp got, FILETIME wanted)
{
    long long day = 864000000000;
    ULARGE_INTEGER utc = {.LowPart = wanted.dwLowDateTime, .HighPart = wanted.dwHighDateTime};
    long long difference = got.QuadPart - (long long)utc.QuadPart;
    CHECK(row, difference > -day && difference < day && difference % 9000000000 == 0);
}

static void lifespan(void **state)
{
    (void)state;
    for (size_t v = 0; v < COUNT(versions); v++) {
        struct pair *p = connect_pair(versions[v]);
        SecPkgContext_Lifespan span;
        PCERT_INFO info = pair_certificate("ecdsa-p256")->pCertInfo;
        CHECK_STATUS("LIFESPAN",
                     QueryContextAttributesA(&p->client.ctx, SECPKG_ATTR_LIFESPAN, &span),
                     SEC_E_OK);
        check_near("LIFESPAN: local time", span.tsStart, info->NotBefore);
        check_near("LIFESPAN: local time", span.tsExpiry, info->NotAfter);
        CHECK_STATUS("LIFESPAN",
                     QueryContextAttributesW(&p->server.ctx, SECPKG_ATTR_LIFESPAN, &span),
                     SEC_E_OK);
        CHECK_NUMBER("LIFESPAN without a peer certificate", span.tsStart.QuadPart, 0);
        CHECK_NUMBER("LIFESPAN without a peer certificate", span.tsExpiry.QuadPart, INT64_MAX);
    }
}

/* The issuers of a CertificateRequest: none by default. */
static void issuer_list(void **state)
{
    (void)state;
    for (size_t v = 0; v < COUNT(versions); v++) {
        struct pair_options options = usual(versions[v]);
        options.server_request = ASC_REQ_MUTUAL_AUTH;
        struct pair *p = connect_pair_with(&options);
        SecPkgContext_IssuerListInfoEx list = {(CERT_NAME_BLOB *)1, 7};
        SecPkgContext_SupportedSignatures signatures;
        CHECK_STATUS("Q12 A54",
                     QueryContextAttributesA(&p->client.ctx, SECPKG_ATTR_ISSUER_LIST_EX, &list),
                     SEC_E_OK);
        CHECK("Q12 A54", list.cIssuers == 0 && list.aIssuers == NULL);
        CHECK_STATUS(
            "SUPPORTED_SIGNATURES",
            QueryContextAttributesA(&p->client.ctx, SECPKG_ATTR_SUPPORTED_SIGNATURES, &signatures),
            SEC_E_OK);
        bool has_ecdsa_sha256 = false;
        for (WORD i = 0; i < signatures.cSignatureAndHashAlgorithms; i++)
            has_ecdsa_sha256 =
                has_ecdsa_sha256 || signatures.pSignatureAndHashAlgorithms[i] == 0x0304;
        CHECK("SUPPORTED_SIGNATURES: signature, then hash", has_ecdsa_sha256);
        FreeContextBuffer(signatures.pSignatureAndHashAlgorithms);
    }
}

/* ---- bindings -------------------------------------------------------------------------- */

/* Layout, and what follows the prefix; its length. */
static size_t check_bindings(const char *row, struct pair_side *side, ULONG id, const char *prefix,
                             BYTE out[64])
{
    SecPkgContext_Bindings b = {0};
    CHECK_STATUS(row, QueryContextAttributesW(&side->ctx, id, &b), SEC_E_OK);
    SEC_CHANNEL_BINDINGS *head = b.Bindings;
    static const SEC_CHANNEL_BINDINGS zero;
    SEC_CHANNEL_BINDINGS copy = *head;
    copy.cbApplicationDataLength = copy.dwApplicationDataOffset = 0;
    CHECK("Q21", memcmp(&copy, &zero, sizeof zero) == 0);
    CHECK_NUMBER("Q21", head->dwApplicationDataOffset, 32);
    CHECK_NUMBER("Q20", b.BindingsLength, 32 + head->cbApplicationDataLength);
    const char *data = (const char *)head + 32;
    size_t n = head->cbApplicationDataLength - strlen(prefix);
    CHECK("Q20 Q22", memcmp(data, prefix, strlen(prefix)) == 0);
    CHECK("Q20 Q22", n > 0 && n <= 64);
    memcpy(out, data + strlen(prefix), n <= 64 ? n : 64);
    CHECK_STATUS("Q24", FreeContextBuffer(b.Bindings), SEC_E_OK);
    return n;
}

static void check_endpoint(struct pair_side *side, PCCERT_CONTEXT server, const char *digest)
{
    BYTE got[64];
    BYTE wanted[64];
    size_t n =
        check_bindings("Q20", side, SECPKG_ATTR_ENDPOINT_BINDINGS, "tls-server-end-point:", got);
    size_t wanted_len = crypto_digest(digest, server->pbCertEncoded, server->cbCertEncoded, wanted);
    CHECK_NUMBER("Q20", n, wanted_len);
    CHECK("Q23", n == wanted_len && memcmp(got, wanted, n) == 0);
}

static void bindings(void **state)
{
    (void)state;
    static const struct {
        const char *signature;
        const char *digest;
    } rows[] = {
        {"SHA256", "SHA256"}, {"SHA384", "SHA384"}, {"SHA512", "SHA512"}, {"SHA1", "SHA256"}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct chain chain = make_chain(rows[i].signature);
        for (size_t v = 0; v < COUNT(versions); v++) {
            struct pair_options options = usual(versions[v]);
            options.server_certificate = chain.leaf;
            options.client_request = ISC_REQ_MANUAL_CRED_VALIDATION;
            struct pair *p = connect_pair_with(&options);
            BYTE a[64];
            BYTE b[64];
            check_endpoint(&p->client, chain.leaf, rows[i].digest);
            check_endpoint(&p->server, chain.leaf, rows[i].digest);
            if (versions[v] == TLS13)
                continue; /* Q15: every_number says that there are none */
            CHECK_NUMBER(
                "Q22",
                check_bindings("Q22", &p->client, SECPKG_ATTR_UNIQUE_BINDINGS, "tls-unique:", a),
                12);
            CHECK_NUMBER(
                "Q22",
                check_bindings("Q22", &p->server, SECPKG_ATTR_UNIQUE_BINDINGS, "tls-unique:", b),
                12);
            CHECK("Q22 both sides agree", memcmp(a, b, 12) == 0);
        }
        free_chain(&chain);
    }
}

/* ---- exporters ------------------------------------------------------------------------- */

static SECURITY_STATUS export_with(struct pair_side *side, const char *label, WORD label_len,
                                   const char *context, DWORD n, BYTE *out)
{
    SecPkgContext_KeyingMaterialInfo info = {.cbLabel = label_len,
                                             .pszLabel = (char *)label,
                                             .cbContextValue =
                                                 context != NULL ? (WORD)strlen(context) : 0,
                                             .pbContextValue = (BYTE *)context,
                                             .cbKeyingMaterial = n};
    SecPkgContext_KeyingMaterial material = {0};
    SECURITY_STATUS status =
        SetContextAttributesW(&side->ctx, SECPKG_ATTR_KEYING_MATERIAL_INFO, &info, sizeof info);
    if (status == SEC_E_OK)
        status = QueryContextAttributesA(&side->ctx, SECPKG_ATTR_KEYING_MATERIAL, &material);
    if (status != SEC_E_OK)
        return status;
    CHECK_NUMBER("Q13", material.cbKeyingMaterial, n);
    memcpy(out, material.pbKeyingMaterial, n < 64 ? n : 64);
    CHECK_STATUS("Q13", FreeContextBuffer(material.pbKeyingMaterial), SEC_E_OK);
    return SEC_E_OK;
}

static SECURITY_STATUS export_in_one(struct pair_side *side, const char *label, const char *context,
                                     DWORD n, BYTE *out)
{
    SecPkgContext_KeyingMaterial_Inproc info = {.cbLabel = (WORD)(strlen(label) + 1),
                                                .pszLabel = (char *)label,
                                                .cbContextValue =
                                                    context != NULL ? (WORD)strlen(context) : 0,
                                                .pbContextValue = (BYTE *)context,
                                                .cbKeyingMaterial = n};
    SECURITY_STATUS status =
        QueryContextAttributesW(&side->ctx, SECPKG_ATTR_KEYING_MATERIAL_INPROC, &info);
    if (status != SEC_E_OK)
        return status;
    memcpy(out, info.pbKeyingMaterial, n < 64 ? n : 64);
    return FreeContextBuffer(info.pbKeyingMaterial);
}

static void keying_material(void **state)
{
    (void)state;
    for (size_t v = 0; v < COUNT(versions); v++) {
        struct pair *p = connect_pair(versions[v]);
        BYTE a[64];
        BYTE b[64];
        BYTE c[64];
        CHECK_STATUS("Q13", export_with(&p->client, "EXPORTER-x", 11, NULL, 64, a), SEC_E_OK);
        CHECK_STATUS("Q13", export_with(&p->server, "EXPORTER-x", 11, NULL, 64, b), SEC_E_OK);
        CHECK("Q13 both sides agree", memcmp(a, b, 64) == 0);
        CHECK_STATUS("KEYING_MATERIAL_INPROC", export_in_one(&p->server, "EXPORTER-x", NULL, 64, c),
                     SEC_E_OK);
        CHECK("the same in one call", memcmp(a, c, 64) == 0);
        CHECK_STATUS("context", export_with(&p->client, "EXPORTER-x", 11, "ctx", 64, b), SEC_E_OK);
        CHECK("another context", memcmp(a, b, 64) != 0);
        CHECK_STATUS("context", export_in_one(&p->server, "EXPORTER-x", "ctx", 64, c), SEC_E_OK);
        CHECK("the same context", memcmp(c, b, 64) == 0);
        CHECK_STATUS("label", export_with(&p->client, "EXPORTER-y", 11, NULL, 64, b), SEC_E_OK);
        CHECK("another label", memcmp(a, b, 64) != 0);
        CHECK_STATUS("long", export_with(&p->client, "EXPORTER-x", 11, NULL, 256, b), SEC_E_OK);
        CHECK_STATUS("H20", pair_shutdown(&p->client, &p->server), SEC_E_OK);
        CHECK_STATUS("after the close", export_with(&p->client, "EXPORTER-x", 11, NULL, 64, b),
                     SEC_E_OK);
        CHECK("after the close", memcmp(a, b, 64) == 0);
    }
}

static void keying_material_forms(void **state)
{
    (void)state;
    struct pair *p = connect_pair(TLS13);
    static BYTE context[4] = "abc";
    static const struct {
        const char *row;
        SecPkgContext_KeyingMaterialInfo info;
        ULONG size;
        SECURITY_STATUS status;
    } rows[] = {
        {"as documented", {3, "ab", 3, context, 32}, 40, SEC_E_OK},
        {"without context", {3, "ab", 0, NULL, 32}, 40, SEC_E_OK},
        {"no label", {0, "ab", 0, NULL, 32}, 40, SEC_E_INVALID_PARAMETER},
        {"no label", {3, NULL, 0, NULL, 32}, 40, SEC_E_INVALID_PARAMETER},
        {"no length", {3, "ab", 0, NULL, 0}, 40, SEC_E_INVALID_PARAMETER},
        {"context without length", {3, "ab", 0, context, 32}, 40, SEC_E_INVALID_PARAMETER},
        {"context without bytes", {3, "ab", 3, NULL, 32}, 40, SEC_E_INVALID_PARAMETER},
        {"too much", {3, "ab", 0, NULL, 0xFFFFFFFF}, 40, SEC_E_INVALID_PARAMETER},
        {"cbBuffer", {3, "ab", 0, NULL, 32}, 39, SEC_E_BUFFER_TOO_SMALL},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        CHECK_STATUS(rows[i].row,
                     SetContextAttributesA(&p->client.ctx, SECPKG_ATTR_KEYING_MATERIAL_INFO,
                                           (void *)&rows[i].info, rows[i].size),
                     rows[i].status);
    CHECK_STATUS("NULL",
                 SetContextAttributesA(&p->client.ctx, SECPKG_ATTR_KEYING_MATERIAL_INFO, NULL, 40),
                 SEC_E_INTERNAL_ERROR);
    /* Set early, asked late. */
    p = open_pair(TLS13);
    SecPkgContext_KeyingMaterialInfo info = {11, "EXPORTER-x", 0, NULL, 32};
    SecPkgContext_KeyingMaterial material;
    pair_call(&p->client, &p->server);
    CHECK_STATUS("early",
                 SetContextAttributesA(&p->client.ctx, SECPKG_ATTR_KEYING_MATERIAL_INFO, &info, 40),
                 SEC_E_OK);
    CHECK_STATUS("early",
                 QueryContextAttributesA(&p->client.ctx, SECPKG_ATTR_KEYING_MATERIAL, &material),
                 NOT_YET);
    CHECK("early", pair_handshake(p));
    CHECK_STATUS("late",
                 QueryContextAttributesA(&p->client.ctx, SECPKG_ATTR_KEYING_MATERIAL, &material),
                 SEC_E_OK);
    FreeContextBuffer(material.pbKeyingMaterial);
}

/* ---- setting --------------------------------------------------------------------------- */

static void every_number_set(void **state)
{
    (void)state;
    struct pair *p = connect_pair(TLS12);
    BYTE block[64] = {0};
    for (ULONG id = 0; id <= 0x90; id++) {
        char row[40];
        snprintf(row, sizeof row, "set 0x%x", (unsigned)id);
        SECURITY_STATUS wanted = NO;
        if (id == SECPKG_ATTR_UI_INFO)
            wanted = SEC_E_OK;
        if (id == SECPKG_ATTR_KEYING_MATERIAL_INFO)
            wanted = SEC_E_INVALID_PARAMETER; /* all zero */
        CHECK_STATUS(row, SetContextAttributesA(&p->client.ctx, id, block, sizeof block), wanted);
        CHECK_STATUS(row, SetContextAttributesW(&p->server.ctx, id, block, sizeof block), wanted);
        if (wanted != NO)
            CHECK_STATUS(row, SetContextAttributesA(&p->client.ctx, id, block, 7),
                         SEC_E_BUFFER_TOO_SMALL);
    }
}

/* ---- the checks bite ------------------------------------------------------------------- */

static void planted(void **state)
{
    (void)state;
    struct expected wrong = expected[1];
    struct pair *p;
    connect_as(&wrong, &p);
    wrong.header = 5;
    wrong.suite = 0xC02B;
    planted_begin();
    check_sizes(&p->client, &wrong);
    check_cipher_info(&p->client, &wrong);
    assert_int_equal(planted_end(), 3);
    planted_begin();
    check_endpoint(&p->client, pair_certificate("rsa-2048"), "SHA256"); /* not the server's */
    assert_int_equal(planted_end(), 1);
    planted_begin();
    check_query(&p->client.ctx, SECPKG_ATTR_SIZES, NO);
    assert_true(planted_end() >= 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planted),
        cmocka_unit_test(before_the_end),
        cmocka_unit_test(every_number),
        cmocka_unit_test(after_a_failure),
        cmocka_unit_test(negotiated),
        cmocka_unit_test(extensions),
        cmocka_unit_test(session_info),
        cmocka_unit_test(certificates),
        cmocka_unit_test(lifespan),
        cmocka_unit_test(issuer_list),
        cmocka_unit_test(bindings),
        cmocka_unit_test(keying_material),
        cmocka_unit_test(keying_material_forms),
        cmocka_unit_test(every_number_set),
    };
    return cmocka_run_group_tests(tests, NULL, close_pair);
}
