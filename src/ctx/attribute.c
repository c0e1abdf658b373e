/* SPDX-License-Identifier: MIT */
/*
 * Context attributes: a table of what is supported and how it is answered. Microsoft
 * "QueryContextAttributes (Schannel)". A query that fails leaves the caller's structure alone.
 */
#include "ctx/internal.h"

enum {
    TOKEN_LEN_MAX = 24576,   /* cbMaxToken of the package */
    EXCHANGE_LEN_MAX = 65536 /* what Windows reports for any ECDH */
};

static const struct tls_suite *suite_of(const struct ctx *c)
{
    return tls_suite_find(tls_info(c->engine)->suite);
}

static bool is_tls13(const struct ctx *c)
{
    return tls_info(c->engine)->version == TLS_VERSION_13;
}

/* ---- text ------------------------------------------------------------------------------ */

static err dup_text(bool wide, const char *text, void **out)
{
    *out = wide ? (void *)win_utf16_dup(text) : mem_dup(text, strlen(text) + 1);
    return *out != NULL ? OK : FAIL(ERR_NO_MEMORY);
}

static void copy_wide(WCHAR out[SZ_ALG_MAX_SIZE], const char *text)
{
    size_t n = win_utf16_from_utf8(text, strlen(text), out, SZ_ALG_MAX_SIZE - 1);
    out[n < SZ_ALG_MAX_SIZE ? n : SZ_ALG_MAX_SIZE - 1] = 0;
}

/* ---- sizes ----------------------------------------------------------------------------- */

static err query_sizes(struct ctx *c, bool wide, void *out)
{
    (void)c;
    (void)wide;
    *(SecPkgContext_Sizes *)out = (SecPkgContext_Sizes){.cbMaxToken = TOKEN_LEN_MAX,
                                                        .cbMaxSignature = AEAD_TAG_LEN,
                                                        .cbSecurityTrailer = AEAD_TAG_LEN};
    return OK;
}

static err query_stream_sizes(struct ctx *c, bool wide, void *out)
{
    (void)wide;
    struct tls_sizes sizes;
    TRY(tls_sizes(c->engine, &sizes));
    *(SecPkgContext_StreamSizes *)out =
        (SecPkgContext_StreamSizes){.cbHeader = sizes.header_len,
                                    .cbTrailer = sizes.trailer_len,
                                    .cbMaximumMessage = sizes.message_len_max,
                                    .cBuffers = 4,
                                    .cbBlockSize = sizes.block_len};
    return OK;
}

/* ---- what was negotiated --------------------------------------------------------------- */

static DWORD protocol_bit(const struct ctx *c)
{
    if (is_tls13(c))
        return c->is_server ? SP_PROT_TLS1_3_SERVER : SP_PROT_TLS1_3_CLIENT;
    return c->is_server ? SP_PROT_TLS1_2_SERVER : SP_PROT_TLS1_2_CLIENT;
}

static err query_connection_info(struct ctx *c, bool wide, void *out)
{
    (void)wide;
    struct ctx_algorithms a = ctx_algorithms_of(suite_of(c));
    *(SecPkgContext_ConnectionInfo *)out =
        (SecPkgContext_ConnectionInfo){.dwProtocol = protocol_bit(c),
                                       .aiCipher = a.cipher,
                                       .dwCipherStrength = a.cipher_bits,
                                       .aiHash = a.hash,
                                       .aiExch = is_tls13(c) ? 0 : CALG_ECDH_EPHEM,
                                       .dwExchStrength = kex_bits(tls_info(c->engine)->group)};
    return OK;
}

static err query_connection_info_ex(struct ctx *c, bool wide, void *out)
{
    (void)wide;
    SecPkgContext_ConnectionInfoEx *info = out;
    struct ctx_algorithms a = ctx_algorithms_of(suite_of(c));
    if (info->dwVersion != SECPKGCONTEXT_CONNECTION_INFO_EX_V1)
        return FAIL(ERR_UNSUPPORTED);
    *info =
        (SecPkgContext_ConnectionInfoEx){.dwVersion = SECPKGCONTEXT_CONNECTION_INFO_EX_V1,
                                         .dwProtocol = protocol_bit(c),
                                         .dwCipherStrength = a.cipher_bits,
                                         .dwExchStrength = kex_bits(tls_info(c->engine)->group)};
    copy_wide(info->szCipher, a.cipher_name);
    copy_wide(info->szExchange, "ECDH");
    return OK;
}

/* The kind of the server's key, whichever side we are. */
static const char *certificate_kind(const struct ctx *c)
{
    static const char *const names[] = {
        [KEY_RSA] = "RSA", [KEY_RSA_PSS] = "RSA", [KEY_EC] = "ECDSA", [KEY_ED25519] = "Ed25519"};
    const struct tls_info *info = ctx_info(c);
    if (c->is_server)
        return c->local != NULL ? names[c->local_kind] : "";
    return info->has_peer_key ? names[info->peer_key.kind] : "";
}

static err query_cipher_info(struct ctx *c, bool wide, void *out)
{
    (void)wide;
    SecPkgContext_CipherInfo *info = out;
    const struct tls_suite *suite = suite_of(c);
    struct ctx_algorithms a = ctx_algorithms_of(suite);
    struct tls_sizes sizes;
    TRY(tls_sizes(c->engine, &sizes));
    if (info->dwVersion != SECPKGCONTEXT_CIPHERINFO_V1)
        return FAIL(ERR_UNSUPPORTED);
    *info = (SecPkgContext_CipherInfo){.dwVersion = SECPKGCONTEXT_CIPHERINFO_V1,
                                       .dwProtocol = suite->version,
                                       .dwCipherSuite = suite->id,
                                       .dwBaseCipherSuite = suite->id,
                                       .dwCipherLen = a.cipher_bits,
                                       .dwCipherBlockLen = sizes.block_len,
                                       .dwMaxExchangeLen = EXCHANGE_LEN_MAX,
                                       .dwKeyType = tls_info(c->engine)->group};
    copy_wide(info->szCipherSuite, suite->name);
    copy_wide(info->szCipher, a.cipher_name);
    copy_wide(info->szExchange, "ECDH");
    copy_wide(info->szCertificate, certificate_kind(c));
    return OK;
}

static err query_key_info(struct ctx *c, bool wide, void *out)
{
    SecPkgContext_KeyInfoA info = {0};
    struct ctx_algorithms a = ctx_algorithms_of(suite_of(c));
    const char *kind = certificate_kind(c);
    void *signature = NULL;
    void *encryption = NULL;
    err result = dup_text(wide, kind, &signature);
    if (result == OK)
        result = dup_text(wide, a.cipher_name, &encryption);
    if (result != OK) {
        mem_free(signature);
        return result;
    }
    info.sSignatureAlgorithmName = signature;
    info.sEncryptAlgorithmName = encryption;
    info.KeySize = a.cipher_bits;
    info.SignatureAlgorithm = strcmp(kind, "RSA") == 0 ? CALG_RSA_SIGN : CALG_ECDSA;
    info.EncryptAlgorithm = a.cipher;
    memcpy(out, &info, sizeof info); /* the wide form differs in the type of its pointers only */
    return OK;
}

static err query_proto_info(struct ctx *c, bool wide, void *out)
{
    SecPkgContext_ProtoInfoA info = {.majorVersion = 3, .minorVersion = is_tls13(c) ? 4 : 3};
    void *name;
    TRY(dup_text(wide, "TLS", &name));
    info.sProtocolName = name;
    memcpy(out, &info, sizeof info);
    return OK;
}

static err query_application_protocol(struct ctx *c, bool wide, void *out)
{
    (void)wide;
    struct span alpn = tls_info(c->engine)->alpn;
    SecPkgContext_ApplicationProtocol *info = out;
    memset(info, 0, sizeof *info);
    if (alpn.n == 0)
        return OK;
    info->ProtoNegoStatus = SecApplicationProtocolNegotiationStatus_Success;
    info->ProtoNegoExt = SecApplicationProtocolNegotiationExt_ALPN;
    info->ProtocolIdSize = (UCHAR)alpn.n;
    memcpy(info->ProtocolId, alpn.p, alpn.n);
    return OK;
}

static err query_session_info(struct ctx *c, bool wide, void *out)
{
    (void)wide;
    struct span id = tls_info(c->engine)->session_id;
    SecPkgContext_SessionInfo *info = out;
    memset(info, 0, sizeof *info);
    info->dwFlags = tls_info(c->engine)->is_resumed ? SSL_SESSION_RECONNECT : 0;
    info->cbSessionId = (DWORD)id.n;
    mem_copy(info->rgbSessionId, id.p, id.n);
    return OK;
}

static err query_flags(struct ctx *c, bool wide, void *out)
{
    (void)wide;
    ((SecPkgContext_Flags *)out)->Flags = c->flags;
    return OK;
}

static err query_supported_signatures(struct ctx *c, bool wide, void *out)
{
    (void)wide;
    size_t count = c->peer_schemes.n / 2;
    if (count == 0)
        return FAIL(ERR_NOT_AVAILABLE);
    WORD *list = mem_array(count, sizeof *list);
    if (list == NULL)
        return FAIL(ERR_NO_MEMORY);
    /* Signature in the high byte, hash in the low one: the other way round than on the wire. */
    for (size_t i = 0; i < count; i++)
        list[i] = (WORD)(c->peer_schemes.p[2 * i + 1] << 8 | c->peer_schemes.p[2 * i]);
    *(SecPkgContext_SupportedSignatures *)out =
        (SecPkgContext_SupportedSignatures){(WORD)count, list};
    return OK;
}

/* ---- certificates ---------------------------------------------------------------------- */

static err query_remote_certificate(struct ctx *c, bool wide, void *out)
{
    (void)wide;
    if (!c->has_peer)
        return tls_info(c->engine)->is_established ? FAIL(ERR_NONE_SENT) : FAIL(ERR_NOT_AVAILABLE);
    return peer_open(c, out);
}

static err query_local_certificate(struct ctx *c, bool wide, void *out)
{
    (void)wide;
    if (c->local == NULL)
        return FAIL(ERR_NONE_SENT);
    *(PCCERT_CONTEXT *)out = CertDuplicateCertificateContext(c->local);
    return OK;
}

static err query_remote_certificates(struct ctx *c, bool wide, void *out)
{
    (void)wide;
    struct buf chain;
    DWORD count = 0;
    PCCERT_CONTEXT leaf;
    PCCERT_CONTEXT cert = NULL;
    if (!c->has_peer)
        return FAIL(ERR_NONE_SENT);
    TRY(peer_open(c, &leaf));
    buf_init(&chain, 0x100000);
    while ((cert = CertEnumCertificatesInStore(leaf->hCertStore, cert)) != NULL) {
        wr_bytes(&chain, span_of(&cert->cbCertEncoded, sizeof cert->cbCertEncoded));
        wr_bytes(&chain, span_of(cert->pbCertEncoded, cert->cbCertEncoded));
        count++;
    }
    BYTE *block = buf_check(&chain) == OK ? mem_dup(chain.p, chain.n) : NULL;
    if (block != NULL)
        *(SecPkgContext_Certificates *)out =
            (SecPkgContext_Certificates){count, (DWORD)chain.n, block};
    buf_release(&chain);
    CertFreeCertificateContext(leaf);
    return block != NULL ? OK : FAIL(ERR_NO_MEMORY);
}

static err chain_of(const struct ctx *c, PCCERT_CONTEXT leaf, PCCERT_CHAIN_CONTEXT *out)
{
    static LPSTR server[] = {(LPSTR)szOID_PKIX_KP_SERVER_AUTH, (LPSTR)szOID_SERVER_GATED_CRYPTO,
                             (LPSTR)szOID_SGC_NETSCAPE};
    static LPSTR client[] = {(LPSTR)szOID_PKIX_KP_CLIENT_AUTH};
    CERT_CHAIN_PARA para = {
        .cbSize = sizeof para,
        .RequestedUsage = {USAGE_MATCH_TYPE_OR,
                           {c->is_server ? ARRAY_LEN(client) : ARRAY_LEN(server),
                            c->is_server ? client : server}}};
    CERT_CHAIN_ENGINE_CONFIG config = {.cbSize = sizeof config,
                                       .hExclusiveRoot = c->cred->root_store};
    HCERTCHAINENGINE engine = NULL;
    if (c->cred->root_store != NULL && !CertCreateCertificateChainEngine(&config, &engine))
        return FAIL(ERR_NO_MEMORY);
    /* What had to be fetched was fetched for the verdict. */
    DWORD flags = peer_chain_flags(c) | CERT_CHAIN_REVOCATION_CHECK_CACHE_ONLY;
    bool ok = CertGetCertificateChain(engine, leaf, NULL, leaf->hCertStore, &para, flags, NULL,
                                      out) != FALSE;
    if (engine != NULL)
        CertFreeCertificateChainEngine(engine);
    return ok ? OK : FAIL(ERR_NO_MEMORY);
}

/* As automatic validation builds it, whoever validates. */
static err query_remote_chain(struct ctx *c, bool wide, void *out)
{
    (void)wide;
    PCCERT_CONTEXT leaf;
    if (!c->has_peer)
        return FAIL(ERR_NONE_SENT);
    TRY(peer_open(c, &leaf));
    err result = chain_of(c, leaf, out);
    CertFreeCertificateContext(leaf);
    return result;
}

/* The roots in use: the credential's, or the system's. */
static err query_root_store(struct ctx *c, bool wide, void *out)
{
    (void)wide;
    HCERTSTORE store = c->cred->root_store != NULL ? CertDuplicateStore(c->cred->root_store)
                                                   : CertOpenSystemStoreA(0, "ROOT");
    if (store == NULL)
        return FAIL(ERR_NO_MEMORY);
    *(HCERTSTORE *)out = store;
    return OK;
}

static err query_check_result(struct ctx *c, bool wide, void *out)
{
    (void)wide;
    if (!c->has_peer)
        return FAIL(ERR_NONE_SENT);
    if (!c->has_verdict)
        return FAIL(ERR_UNSUPPORTED);
    *(SecPkgContext_CertificateValidationResult *)out = (SecPkgContext_CertificateValidationResult){
        c->verdict.trust_errors, c->verdict.policy_error};
    return OK;
}

static err peer_text(const struct ctx *c, DWORD flags, bool wide, void *out)
{
    char text[512];
    PCCERT_CONTEXT leaf;
    void *name;
    if (!c->has_peer)
        return FAIL(ERR_NONE_SENT);
    TRY(peer_open(c, &leaf));
    CertGetNameStringA(leaf, CERT_NAME_SIMPLE_DISPLAY_TYPE, flags, NULL, text, sizeof text);
    CertFreeCertificateContext(leaf);
    TRY(dup_text(wide, text, &name));
    memcpy(out, &name, sizeof name);
    return OK;
}

static err query_names(struct ctx *c, bool wide, void *out)
{
    return peer_text(c, 0, wide, out);
}

static err query_authority(struct ctx *c, bool wide, void *out)
{
    return peer_text(c, CERT_NAME_ISSUER_FLAG, wide, out);
}

static err query_lifespan(struct ctx *c, bool wide, void *out)
{
    (void)wide;
    SecPkgContext_Lifespan *span = out;
    if (!c->has_peer) {
        span->tsStart.QuadPart = 0;
        span->tsExpiry.QuadPart = INT64_MAX;
        return OK;
    }
    span->tsStart.QuadPart = win_local_ticks_from_unix(c->peer_not_before);
    span->tsExpiry.QuadPart = win_local_ticks_from_unix(c->peer_not_after);
    return OK;
}

/* One block: the array, then the names. */
static err query_issuer_list(struct ctx *c, bool wide, void *out)
{
    (void)wide;
    struct rd r = rd_from(buf_span(&c->authorities));
    size_t count = 0;
    if (c->is_server || !c->credential_asked)
        return FAIL(ERR_NOT_AVAILABLE);
    for (struct rd counting = r; rd_left(&counting) != 0; count++)
        rd_vec(&counting, 2, 1, UINT16_MAX);
    SecPkgContext_IssuerListInfoEx *list = out;
    *list = (SecPkgContext_IssuerListInfoEx){0};
    if (count == 0)
        return OK;
    list->aIssuers = mem_alloc(count * sizeof *list->aIssuers + c->authorities.n);
    if (list->aIssuers == NULL)
        return FAIL(ERR_NO_MEMORY);
    BYTE *names = (BYTE *)(list->aIssuers + count);
    for (size_t i = 0; i < count; i++) {
        struct span name = rd_vec(&r, 2, 1, UINT16_MAX);
        memcpy(names, name.p, name.n);
        list->aIssuers[i] = (CERT_NAME_BLOB){(DWORD)name.n, names};
        names += name.n;
    }
    list->cIssuers = (DWORD)count;
    return OK;
}

/* ---- bindings and exporters ------------------------------------------------------------ */

static err give_bindings(const char *prefix, struct span data, void *out)
{
    size_t prefix_len = strlen(prefix);
    size_t n = sizeof(SEC_CHANNEL_BINDINGS) + prefix_len + data.n;
    SEC_CHANNEL_BINDINGS *bindings = mem_alloc(n);
    if (bindings == NULL)
        return FAIL(ERR_NO_MEMORY);
    bindings->cbApplicationDataLength = (ULONG)(prefix_len + data.n);
    bindings->dwApplicationDataOffset = sizeof *bindings;
    uint8_t *p = (uint8_t *)(bindings + 1);
    memcpy(p, prefix, prefix_len);
    memcpy(p + prefix_len, data.p, data.n);
    *(SecPkgContext_Bindings *)out = (SecPkgContext_Bindings){(ULONG)n, bindings};
    return OK;
}

static err query_unique_bindings(struct ctx *c, bool wide, void *out)
{
    (void)wide;
    struct span finished;
    TRY(tls_unique(c->engine, &finished));
    return give_bindings("tls-unique:", finished, out);
}

/* RFC 5929 4.1: the server's certificate under the hash of its own signature. */
static err query_endpoint_bindings(struct ctx *c, bool wide, void *out)
{
    (void)wide;
    enum hash_id hash;
    uint8_t digest[HASH_MAX];
    PCCERT_CONTEXT server = NULL;
    if (c->is_server ? c->local == NULL : !c->has_peer)
        return FAIL(ERR_NONE_SENT);
    if (c->is_server)
        server = CertDuplicateCertificateContext(c->local);
    else
        TRY(peer_open(c, &server));
    err result = hash_of_x509_signature(cert_signature_algorithm(server), &hash);
    if (result == OK)
        result = hash_once(hash, cert_der(server), digest);
    CertFreeCertificateContext(server);
    TRY(result);
    return give_bindings("tls-server-end-point:", span_of(digest, hash_len(hash)), out);
}

static err keep_bytes(struct buf *b, const void *p, size_t n)
{
    buf_release(b);
    buf_init(b, UINT16_MAX);
    wr_bytes(b, span_of(p, n));
    return buf_check(b);
}

/* cbLabel counts the NUL, which is no part of the label. */
static size_t label_len(const char *label, WORD given)
{
    return given != 0 && label[given - 1] == 0 ? (size_t)given - 1 : given;
}

static err set_keying_info(struct ctx *c, const void *in)
{
    const SecPkgContext_KeyingMaterialInfo *info = in;
    bool has_context = info->pbContextValue != NULL;
    if (info->pszLabel == NULL || info->cbLabel == 0 || info->cbKeyingMaterial == 0 ||
        info->cbKeyingMaterial > 0x10000 || has_context != (info->cbContextValue != 0))
        return FAIL(ERR_ARGUMENT);
    TRY(keep_bytes(&c->export_label, info->pszLabel, label_len(info->pszLabel, info->cbLabel)));
    TRY(keep_bytes(&c->export_context, info->pbContextValue, info->cbContextValue));
    c->export_has_context = has_context;
    c->export_len = info->cbKeyingMaterial;
    return OK;
}

static err export_material(struct ctx *c, struct span label, bool has_context, struct span context,
                           DWORD n, BYTE **out)
{
    BYTE *material = mem_alloc(n);
    if (material == NULL)
        return FAIL(ERR_NO_MEMORY);
    err result = tls_export(c->engine, label, has_context, context, material, n);
    if (result != OK) {
        mem_free(material);
        return result;
    }
    *out = material;
    return OK;
}

static err query_keying_material(struct ctx *c, bool wide, void *out)
{
    (void)wide;
    BYTE *material = NULL;
    if (c->export_len == 0)
        return FAIL(ERR_NOT_AVAILABLE);
    TRY(export_material(c, buf_span(&c->export_label), c->export_has_context,
                        buf_span(&c->export_context), c->export_len, &material));
    *(SecPkgContext_KeyingMaterial *)out = (SecPkgContext_KeyingMaterial){c->export_len, material};
    return OK;
}

static err query_keying_material_inproc(struct ctx *c, bool wide, void *out)
{
    (void)wide;
    SecPkgContext_KeyingMaterial_Inproc *info = out;
    bool has_context = info->pbContextValue != NULL;
    if (info->pszLabel == NULL || info->cbLabel == 0 || info->cbKeyingMaterial == 0 ||
        info->cbKeyingMaterial > 0x10000 || has_context != (info->cbContextValue != 0))
        return FAIL(ERR_ARGUMENT);
    return export_material(c, span_of(info->pszLabel, label_len(info->pszLabel, info->cbLabel)),
                           has_context, span_of(info->pbContextValue, info->cbContextValue),
                           info->cbKeyingMaterial, &info->pbKeyingMaterial);
}

/* ---- package --------------------------------------------------------------------------- */

enum {
    CAPABILITIES = SECPKG_FLAG_INTEGRITY | SECPKG_FLAG_PRIVACY | SECPKG_FLAG_CONNECTION |
                   SECPKG_FLAG_MULTI_REQUIRED | SECPKG_FLAG_EXTENDED_ERROR |
                   SECPKG_FLAG_IMPERSONATION | SECPKG_FLAG_ACCEPT_WIN32_NAME | SECPKG_FLAG_STREAM |
                   SECPKG_FLAG_MUTUAL_AUTH | SECPKG_FLAG_APPCONTAINER_PASSTHROUGH
};

static const char package_comment[] = "Schannel Security Package";

static void *put_package_text(uint8_t **at, bool wide, const char *text)
{
    void *start = *at;
    size_t n = strlen(text) + 1;
    if (wide)
        win_utf16_from_utf8(text, n, start, n);
    else
        memcpy(start, text, n);
    *at += n * (wide ? sizeof(WCHAR) : 1);
    return start;
}

err ctx_package_info(bool wide, const char *name, void **out)
{
    size_t text_len = strlen(name) + 1 + sizeof package_comment;
    SecPkgInfoA *info = mem_alloc(sizeof *info + text_len * sizeof(WCHAR));
    if (info == NULL)
        return FAIL(ERR_NO_MEMORY);
    uint8_t *at = (uint8_t *)(info + 1);
    info->fCapabilities = CAPABILITIES;
    info->wVersion = 1;
    info->wRPCID = UNISP_RPC_ID;
    info->cbMaxToken = TOKEN_LEN_MAX;
    info->Name = put_package_text(&at, wide, name);
    info->Comment = put_package_text(&at, wide, package_comment);
    *out = info;
    return OK;
}

static err query_package_info(struct ctx *c, bool wide, void *out)
{
    (void)c;
    void *info;
    TRY(ctx_package_info(wide, UNISP_NAME_A, &info));
    memcpy(out, &info, sizeof info);
    return OK;
}

/* The extensions that both sides have agreed on, as far as they are told apart here. */
static err query_extensions(struct ctx *c, bool wide, void *out)
{
    (void)wide;
    const struct tls_info *info = tls_info(c->engine);
    const struct {
        USHORT number; /* IANA "TLS ExtensionType Values" */
        bool is_negotiated;
    } rows[] = {
        {16, info->alpn.n != 0}, {23, info->has_extended_master_secret},
        {43, is_tls13(c)}, /* supported_versions, key_share */
        {51, is_tls13(c)},       {0xFF01, info->has_secure_renegotiation},
    };
    USHORT *list = mem_array(ARRAY_LEN(rows), sizeof *list);
    ULONG count = 0;
    if (list == NULL)
        return FAIL(ERR_NO_MEMORY);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (rows[i].is_negotiated)
            list[count++] = rows[i].number;
    }
    *(SecPkgContext_NegotiatedTlsExtensions *)out =
        (SecPkgContext_NegotiatedTlsExtensions){count, list};
    return OK;
}

/* There is no window to ask in. */
static err set_ui_info(struct ctx *c, const void *in)
{
    (void)c;
    (void)in;
    return OK;
}

/* ---- the table ------------------------------------------------------------------------- */

static const struct ctx_attribute attributes[] = {
    {SECPKG_ATTR_SIZES, false, sizeof(SecPkgContext_Sizes), query_sizes, NULL},
    {SECPKG_ATTR_NAMES, false, sizeof(SecPkgContext_NamesA), query_names, NULL},
    {SECPKG_ATTR_LIFESPAN, false, sizeof(SecPkgContext_Lifespan), query_lifespan, NULL},
    {SECPKG_ATTR_STREAM_SIZES, false, sizeof(SecPkgContext_StreamSizes), query_stream_sizes, NULL},
    {SECPKG_ATTR_KEY_INFO, false, sizeof(SecPkgContext_KeyInfoA), query_key_info, NULL},
    {SECPKG_ATTR_AUTHORITY, false, sizeof(SecPkgContext_AuthorityA), query_authority, NULL},
    {SECPKG_ATTR_PROTO_INFO, false, sizeof(SecPkgContext_ProtoInfoA), query_proto_info, NULL},
    {SECPKG_ATTR_PACKAGE_INFO, true, sizeof(SecPkgContext_PackageInfoA), query_package_info, NULL},
    {SECPKG_ATTR_FLAGS, false, sizeof(SecPkgContext_Flags), query_flags, NULL},
    {SECPKG_ATTR_UNIQUE_BINDINGS, false, sizeof(SecPkgContext_Bindings), query_unique_bindings,
     NULL},
    {SECPKG_ATTR_ENDPOINT_BINDINGS, false, sizeof(SecPkgContext_Bindings), query_endpoint_bindings,
     NULL},
    {SECPKG_ATTR_APPLICATION_PROTOCOL, false, sizeof(SecPkgContext_ApplicationProtocol),
     query_application_protocol, NULL},
    {SECPKG_ATTR_NEGOTIATED_TLS_EXTENSIONS, false, sizeof(SecPkgContext_NegotiatedTlsExtensions),
     query_extensions, NULL},
    {SECPKG_ATTR_ROOT_STORE, false, sizeof(HCERTSTORE), query_root_store, NULL},
    {SECPKG_ATTR_REMOTE_CERT_CHAIN, false, sizeof(PCCERT_CHAIN_CONTEXT), query_remote_chain, NULL},
    {SECPKG_ATTR_REMOTE_CERT_CONTEXT, true, sizeof(PCCERT_CONTEXT), query_remote_certificate, NULL},
    {SECPKG_ATTR_LOCAL_CERT_CONTEXT, false, sizeof(PCCERT_CONTEXT), query_local_certificate, NULL},
    {SECPKG_ATTR_ISSUER_LIST_EX, true, sizeof(SecPkgContext_IssuerListInfoEx), query_issuer_list,
     NULL},
    {SECPKG_ATTR_CONNECTION_INFO, false, sizeof(SecPkgContext_ConnectionInfo),
     query_connection_info, NULL},
    {SECPKG_ATTR_SESSION_INFO, false, sizeof(SecPkgContext_SessionInfo), query_session_info, NULL},
    {SECPKG_ATTR_REMOTE_CERTIFICATES, false, sizeof(SecPkgContext_Certificates),
     query_remote_certificates, NULL},
    {SECPKG_ATTR_CIPHER_INFO, false, sizeof(SecPkgContext_CipherInfo), query_cipher_info, NULL},
    {SECPKG_ATTR_SUPPORTED_SIGNATURES, true, sizeof(SecPkgContext_SupportedSignatures),
     query_supported_signatures, NULL},
    {SECPKG_ATTR_UI_INFO, true, sizeof(SecPkgContext_UiInfo), NULL, set_ui_info},
    {SECPKG_ATTR_KEYING_MATERIAL_INFO, true, sizeof(SecPkgContext_KeyingMaterialInfo), NULL,
     set_keying_info},
    {SECPKG_ATTR_KEYING_MATERIAL, false, sizeof(SecPkgContext_KeyingMaterial),
     query_keying_material, NULL},
    {SECPKG_ATTR_CONNECTION_INFO_EX, false, sizeof(SecPkgContext_ConnectionInfoEx),
     query_connection_info_ex, NULL},
    {SECPKG_ATTR_KEYING_MATERIAL_INPROC, false, sizeof(SecPkgContext_KeyingMaterial_Inproc),
     query_keying_material_inproc, NULL},
    {SECPKG_ATTR_CERT_CHECK_RESULT, true, sizeof(SecPkgContext_CertificateValidationResult),
     query_check_result, NULL},
    {SECPKG_ATTR_CERT_CHECK_RESULT_INPROC, false, sizeof(SecPkgContext_CertificateValidationResult),
     query_check_result, NULL},
};

const struct ctx_attribute *ctx_attribute_at(size_t index)
{
    return index < ARRAY_LEN(attributes) ? &attributes[index] : NULL;
}

const struct ctx_attribute *ctx_attribute_find(ULONG id)
{
    for (size_t i = 0; i < ARRAY_LEN(attributes); i++) {
        if (attributes[i].id == id)
            return &attributes[i];
    }
    return NULL;
}
