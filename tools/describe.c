/* SPDX-License-Identifier: MIT */
#include "describe.h"

#include <stdarg.h>
#include <string.h>

#include <windows.h>

#include "report.h"

/* ---- facts ----------------------------------------------------------------------------- */

__attribute__((format(printf, 4, 5))) static void add(struct facts *facts, const char *name,
                                                      const char *key, const char *format, ...)
{
    if (facts->count == FACTS_MAX)
        return;
    struct fact *fact = &facts->list[facts->count++];
    va_list args;
    va_start(args, format);
    fact->name = name;
    fact->key = key;
    vsnprintf(fact->value, sizeof fact->value, format, args);
    va_end(args);
}

/* SECPKG_ATTR_CIPHER_INFO has wide strings in both forms. */
static void narrow(const WCHAR *wide, char *out, int cap)
{
    if (WideCharToMultiByte(CP_UTF8, 0, wide, -1, out, cap, NULL, NULL) == 0)
        out[0] = 0;
}

static const char *group_name(DWORD number)
{
    static const struct {
        DWORD number;
        const char *name;
    } names[] = {{0x17, "secp256r1"}, {0x18, "secp384r1"}, {0x19, "secp521r1"}, {0x1D, "x25519"}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (names[i].number == number)
            return names[i].name;
    }
    return "none";
}

static void add_cipher(CtxtHandle *context, struct facts *out)
{
    SecPkgContext_CipherInfo info = {.dwVersion = SECPKGCONTEXT_CIPHERINFO_V1};
    char suite[SZ_ALG_MAX_SIZE];
    if (QueryContextAttributesA(context, SECPKG_ATTR_CIPHER_INFO, &info) != SEC_E_OK)
        return;
    narrow(info.szCipherSuite, suite, sizeof suite);
    add(out, "protocol", "protocol", "TLS 1.%u", (unsigned)(info.dwProtocol & 0xFF) - 1);
    add(out, "cipher suite", "cipher_suite", "%s (0x%04X)", suite, (unsigned)info.dwCipherSuite);
    add(out, "key exchange", "key_exchange", "%s", group_name(info.dwKeyType));
}

static void add_protocol(CtxtHandle *context, struct facts *out)
{
    SecPkgContext_ApplicationProtocol p;
    if (QueryContextAttributesA(context, SECPKG_ATTR_APPLICATION_PROTOCOL, &p) != SEC_E_OK ||
        p.ProtoNegoStatus != SecApplicationProtocolNegotiationStatus_Success)
        return;
    add(out, "application protocol", "alpn", "%.*s", p.ProtocolIdSize, (const char *)p.ProtocolId);
}

static void add_sizes(CtxtHandle *context, struct facts *out)
{
    SecPkgContext_StreamSizes s;
    if (QueryContextAttributesA(context, SECPKG_ATTR_STREAM_SIZES, &s) != SEC_E_OK)
        return;
    add(out, "record sizes", "record_sizes", "header %u, message up to %u, trailer %u",
        (unsigned)s.cbHeader, (unsigned)s.cbMaximumMessage, (unsigned)s.cbTrailer);
}

static void add_peer(CtxtHandle *context, struct facts *out)
{
    PCCERT_CONTEXT peer;
    char name[128];
    if (QueryContextAttributesA(context, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &peer) != SEC_E_OK)
        return;
    CertGetNameStringA(peer, CERT_NAME_SIMPLE_DISPLAY_TYPE, 0, NULL, name, sizeof name);
    add(out, "peer certificate", "peer", "%s", name);
    CertFreeCertificateContext(peer);
}

static void add_session(CtxtHandle *context, struct facts *out)
{
    SecPkgContext_SessionInfo info;
    if (QueryContextAttributesA(context, SECPKG_ATTR_SESSION_INFO, &info) == SEC_E_OK)
        add(out, "session", "session",
            (info.dwFlags & SSL_SESSION_RECONNECT) != 0 ? "resumed" : "new");
}

static void add_binding(CtxtHandle *context, struct facts *out)
{
    enum { SHOWN = 8 };
    char hex[2 * SHOWN + 1] = "";
    SecPkgContext_Bindings bindings;
    if (QueryContextAttributesA(context, SECPKG_ATTR_ENDPOINT_BINDINGS, &bindings) != SEC_E_OK)
        return;
    const BYTE *data = (const BYTE *)bindings.Bindings + bindings.Bindings->dwApplicationDataOffset;
    const size_t prefix = strlen("tls-server-end-point:");
    for (size_t i = 0; i < SHOWN && prefix + i < bindings.Bindings->cbApplicationDataLength; i++)
        snprintf(hex + 2 * i, 3, "%02x", data[prefix + i]);
    add(out, "channel binding", "tls_server_end_point", "tls-server-end-point:%s...", hex);
    FreeContextBuffer(bindings.Bindings);
}

void facts_of(CtxtHandle *context, struct facts *out)
{
    out->count = 0;
    add_cipher(context, out);
    add_protocol(context, out);
    add_session(context, out);
    add_sizes(context, out);
    add_peer(context, out);
    add_binding(context, out);
}

void facts_add_export(CtxtHandle *context, const char *label, struct facts *out)
{
    enum { MATERIAL_LEN = 32 };
    char hex[2 * MATERIAL_LEN + 1] = "";
    SecPkgContext_KeyingMaterial_Inproc material = {.cbLabel = (WORD)(strlen(label) + 1),
                                                    .pszLabel = (LPSTR)label,
                                                    .cbKeyingMaterial = MATERIAL_LEN};
    if (QueryContextAttributesA(context, SECPKG_ATTR_KEYING_MATERIAL_INPROC, &material) != SEC_E_OK)
        return;
    for (size_t i = 0; i < MATERIAL_LEN; i++)
        snprintf(hex + 2 * i, 3, "%02x", material.pbKeyingMaterial[i]);
    FreeContextBuffer(material.pbKeyingMaterial);
    add(out, "keying material", "keying_material", "%s", hex);
}

void facts_print(FILE *to, const struct facts *facts)
{
    for (size_t i = 0; i < facts->count; i++)
        fprintf(to, "  %-22s %s\n", facts->list[i].name, facts->list[i].value);
}

void facts_print_json(FILE *to, const struct facts *facts, const char *indent)
{
    for (size_t i = 0; i < facts->count; i++) {
        fprintf(to, "%s%s", i != 0 ? ",\n" : "", indent);
        json_text(to, facts->list[i].key);
        fputs(": ", to);
        json_text(to, facts->list[i].value);
    }
}

const char *facts_value(const struct facts *facts, const char *key)
{
    for (size_t i = 0; i < facts->count; i++) {
        if (strcmp(facts->list[i].key, key) == 0)
            return facts->list[i].value;
    }
    return "";
}

/* ---- chains ---------------------------------------------------------------------------- */

struct certificate_text {
    char subject[256];
    char issuer[256];
    char from[32];
    char until[32];
};

static void date_text(const FILETIME *time, char *out, size_t cap)
{
    SYSTEMTIME t;
    if (!FileTimeToSystemTime(time, &t))
        snprintf(out, cap, "?");
    else
        snprintf(out, cap, "%04u-%02u-%02u", t.wYear, t.wMonth, t.wDay);
}

static void describe(PCCERT_CONTEXT certificate, struct certificate_text *out)
{
    CERT_INFO *info = certificate->pCertInfo;
    CertNameToStrA(X509_ASN_ENCODING, &info->Subject, CERT_X500_NAME_STR, out->subject,
                   sizeof out->subject);
    CertNameToStrA(X509_ASN_ENCODING, &info->Issuer, CERT_X500_NAME_STR, out->issuer,
                   sizeof out->issuer);
    date_text(&info->NotBefore, out->from, sizeof out->from);
    date_text(&info->NotAfter, out->until, sizeof out->until);
}

void certificate_print(FILE *to, PCCERT_CONTEXT certificate, unsigned index)
{
    struct certificate_text text;
    describe(certificate, &text);
    fprintf(to, "  %u  %s\n     issued by %s\n     valid from %s until %s\n", index, text.subject,
            text.issuer, text.from, text.until);
}

void certificate_print_json(FILE *to, PCCERT_CONTEXT certificate)
{
    struct certificate_text text;
    describe(certificate, &text);
    fputs("{\"subject\": ", to);
    json_text(to, text.subject);
    fputs(", \"issuer\": ", to);
    json_text(to, text.issuer);
    fprintf(to, ", \"from\": \"%s\", \"until\": \"%s\"}", text.from, text.until);
}

/* The peer's store lists the whole chain, leaf first. NULL when there is none. */
static PCCERT_CONTEXT leaf_of_peer(CtxtHandle *context)
{
    PCCERT_CONTEXT leaf = NULL;
    QueryContextAttributesA(context, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &leaf);
    return leaf;
}

void chain_print(FILE *to, CtxtHandle *context)
{
    PCCERT_CONTEXT leaf = leaf_of_peer(context);
    PCCERT_CONTEXT one = NULL;
    for (unsigned i = 0; leaf != NULL; i++) {
        one = CertEnumCertificatesInStore(leaf->hCertStore, one);
        if (one == NULL)
            break;
        certificate_print(to, one, i);
    }
    CertFreeCertificateContext(leaf);
}

void chain_print_json(FILE *to, CtxtHandle *context, const char *indent)
{
    PCCERT_CONTEXT leaf = leaf_of_peer(context);
    PCCERT_CONTEXT one = NULL;
    for (unsigned i = 0; leaf != NULL; i++) {
        one = CertEnumCertificatesInStore(leaf->hCertStore, one);
        if (one == NULL)
            break;
        fprintf(to, "%s%s", i != 0 ? ",\n" : "", indent);
        certificate_print_json(to, one);
    }
    CertFreeCertificateContext(leaf);
}
