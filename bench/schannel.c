/* SPDX-License-Identifier: MIT */
/*
 * Our library as a program uses it: public headers only. Buffers are the program's own, as a server
 * that cares would have them; the client validates chain and name by itself against the root.
 */
#include <stdint.h>
#include <string.h>

#include <windows.h>
#include <security.h>
#include <schannel.h>
#include <libschannel.h>

#include "check.h"
#include "subject.h"

enum { TOKEN_MAX = 1 << 16, FLIGHTS_MAX = 8, RECORD_MAX = 16384 + 128, CURVE25519_GROUP = 0x1D };

struct side {
    bool is_server;
    CredHandle cred;
    PCCERT_CONTEXT certificate; /* NULL = none */
    HCERTSTORE roots;
    ULONG request;
};

/* What travels from one side to the other. */
struct flight {
    uint8_t bytes[TOKEN_MAX];
    ULONG n;
};

struct pair {
    CtxtHandle client;
    CtxtHandle server;
};

static const struct test *test;
static struct side client = {.is_server = false};
static struct side server = {.is_server = true};
static struct pair pairs[PAIRS_MAX];
static struct flight to_server;
static struct flight to_client;
static SecPkgContext_StreamSizes sizes;
static uint8_t record[RECORD_MAX];

/* ---- credentials ----------------------------------------------------------------------- */

#define NAME(text)                                                                                 \
    {                                                                                              \
        sizeof(text) - sizeof(WCHAR), sizeof(text), (WCHAR *)(text)                                \
    }

/* The bounds are what stays allowed; a setting without bounds disables the algorithm. */
static const CRYPTO_SETTINGS only_aes128 = {.eAlgorithmUsage = TlsParametersCngAlgUsageCipher,
                                            .strCngAlgId = NAME(u"AES"),
                                            .dwMaxBitLength = 128};
static const CRYPTO_SETTINGS only_aes256 = {.eAlgorithmUsage = TlsParametersCngAlgUsageCipher,
                                            .strCngAlgId = NAME(u"AES"),
                                            .dwMinBitLength = 256};
static const CRYPTO_SETTINGS no_aes = {.eAlgorithmUsage = TlsParametersCngAlgUsageCipher,
                                       .strCngAlgId = NAME(u"AES")};
static const CRYPTO_SETTINGS no_chacha = {.eAlgorithmUsage = TlsParametersCngAlgUsageCipher,
                                          .strCngAlgId = NAME(u"CHACHA20_POLY1305")};

static DWORD other_ciphers(CRYPTO_SETTINGS out[2])
{
    if (test->cipher == CIPHER_CHACHA20_POLY1305) {
        out[0] = no_aes;
        return 1;
    }
    out[0] = test->cipher == CIPHER_AES_128_GCM ? only_aes128 : only_aes256;
    out[1] = no_chacha;
    return 2;
}

static void acquire(struct side *side)
{
    CRYPTO_SETTINGS disabled[2];
    DWORD other_version = test->is_tls13 ? SP_PROT_TLS1_2_CLIENT | SP_PROT_TLS1_2_SERVER
                                         : SP_PROT_TLS1_3_CLIENT | SP_PROT_TLS1_3_SERVER;
    TLS_PARAMETERS parameters = {.grbitDisabledProtocols = other_version,
                                 .cDisabledCrypto = other_ciphers(disabled),
                                 .pDisabledCrypto = disabled};
    SCH_CREDENTIALS data = {.dwVersion = SCH_CREDENTIALS_VERSION,
                            .cCreds = side->certificate != NULL,
                            .paCred = &side->certificate,
                            .hRootStore = side->roots,
                            .dwFlags = side->is_server ? SCH_CRED_NO_SYSTEM_MAPPER : 0,
                            .cTlsParameters = 1,
                            .pTlsParameters = &parameters};
    REQUIRE(AcquireCredentialsHandleA(NULL, (char *)(uintptr_t)UNISP_NAME_A,
                                      side->is_server ? SECPKG_CRED_INBOUND : SECPKG_CRED_OUTBOUND,
                                      NULL, &data, NULL, NULL, &side->cred, NULL) == SEC_E_OK);
}

/* ---- chains ---------------------------------------------------------------------------- */

static HCERTCHAINENGINE engine;

static void open_engine(void)
{
    CERT_CHAIN_ENGINE_CONFIG config = {.cbSize = sizeof config, .hExclusiveRoot = client.roots};
    REQUIRE(CertCreateCertificateChainEngine(&config, &engine));
}

/* What a handshake does with the certificates that came. */
static PCCERT_CONTEXT read_chain(void)
{
    PCCERT_CONTEXT leaf = NULL;
    PCCERT_CONTEXT one = NULL;
    HCERTSTORE store = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);
    REQUIRE(store != NULL);
    while ((one = CertEnumCertificatesInStore(server.certificate->hCertStore, one)) != NULL) {
        bool is_leaf =
            one->cbCertEncoded == server.certificate->cbCertEncoded &&
            memcmp(one->pbCertEncoded, server.certificate->pbCertEncoded, one->cbCertEncoded) == 0;
        REQUIRE(CertAddEncodedCertificateToStore(store, X509_ASN_ENCODING, one->pbCertEncoded,
                                                 one->cbCertEncoded, CERT_STORE_ADD_ALWAYS,
                                                 is_leaf ? &leaf : NULL));
    }
    REQUIRE(leaf != NULL && CertCloseStore(store, 0));
    return leaf;
}

static DWORD judge(PCCERT_CHAIN_CONTEXT chain, const WCHAR *name)
{
    SSL_EXTRA_CERT_CHAIN_POLICY_PARA ssl = {.cbSize = sizeof ssl,
                                            .dwAuthType = AUTHTYPE_SERVER,
                                            .pwszServerName = (WCHAR *)(uintptr_t)name};
    CERT_CHAIN_POLICY_PARA para = {.cbSize = sizeof para, .pvExtraPolicyPara = &ssl};
    CERT_CHAIN_POLICY_STATUS status = {.cbSize = sizeof status};
    REQUIRE(CertVerifyCertificateChainPolicy(CERT_CHAIN_POLICY_SSL, chain, &para, &status));
    return status.dwError;
}

static void verify(void)
{
    static LPSTR usages[] = {(LPSTR)(uintptr_t)szOID_PKIX_KP_SERVER_AUTH};
    CERT_CHAIN_PARA para = {.cbSize = sizeof para,
                            .RequestedUsage = {USAGE_MATCH_TYPE_OR, {1, usages}}};
    PCCERT_CONTEXT leaf = read_chain();
    PCCERT_CHAIN_CONTEXT chain;
    REQUIRE(CertGetCertificateChain(engine, leaf, NULL, leaf->hCertStore, &para, 0, NULL, &chain));
    REQUIRE(chain->rgpChain[0]->cElement == 3 && judge(chain, u"" PKI_SERVER_NAME) == 0);
    CertFreeCertificateChain(chain);
    CertFreeCertificateContext(leaf);
}

/* ---- once --------------------------------------------------------------------------------- */

static void setup(const struct test *chosen, const struct pki *pki)
{
    const struct pki_files *files = pki_files(pki, chosen->is_rsa);
    test = chosen;
    client.request = ISC_REQ_SEQUENCE_DETECT | ISC_REQ_REPLAY_DETECT | ISC_REQ_CONFIDENTIALITY |
                     ISC_REQ_STREAM | (test->is_mutual ? ISC_REQ_MUTUAL_AUTH : 0);
    server.request = ASC_REQ_SEQUENCE_DETECT | ASC_REQ_REPLAY_DETECT | ASC_REQ_CONFIDENTIALITY |
                     ASC_REQ_STREAM | (test->is_mutual ? ASC_REQ_MUTUAL_AUTH : 0);
    client.roots = SchannelLoadCaFile(files->root);
    server.roots = SchannelLoadCaFile(files->root);
    server.certificate = SchannelLoadPemFiles(files->server_chain, files->server_key, NULL);
    REQUIRE(client.roots != NULL && server.roots != NULL && server.certificate != NULL);
    client.certificate = NULL;
    if (test->is_mutual) {
        client.certificate = SchannelLoadPemFiles(files->client_chain, files->client_key, NULL);
        REQUIRE(client.certificate != NULL);
    }
    acquire(&client);
    acquire(&server);
    SchannelRememberAuthorities(test->remembers);
    open_engine();
}

static void release(struct side *side)
{
    REQUIRE(FreeCredentialsHandle(&side->cred) == SEC_E_OK);
    REQUIRE(CertCloseStore(side->roots, 0));
    CertFreeCertificateContext(side->certificate);
}

static void teardown(void)
{
    CertFreeCertificateChainEngine(engine);
    release(&client);
    release(&server);
}

/* ---- handshakes ------------------------------------------------------------------------ */

/* One call with everything that has arrived; what the call leaves stays at the front. */
static SECURITY_STATUS call(const struct side *side, CtxtHandle *ctx, const char *name,
                            struct flight *in, struct flight *out, ULONG *attributes)
{
    SecBuffer in_buffers[2] = {{in->n, SECBUFFER_TOKEN, in->bytes}, {0, SECBUFFER_EMPTY, NULL}};
    SecBuffer out_buffer = {TOKEN_MAX - out->n, SECBUFFER_TOKEN, out->bytes + out->n};
    SecBufferDesc in_list = {SECBUFFER_VERSION, 2, in_buffers};
    SecBufferDesc out_list = {SECBUFFER_VERSION, 1, &out_buffer};
    CtxtHandle *before = SecIsValidHandle(ctx) ? ctx : NULL;
    SECURITY_STATUS status =
        side->is_server
            ? AcceptSecurityContext((CredHandle *)(uintptr_t)&side->cred, before, &in_list,
                                    side->request, 0, ctx, &out_list, attributes, NULL)
            : InitializeSecurityContextA((CredHandle *)(uintptr_t)&side->cred, before,
                                         (char *)(uintptr_t)name, side->request, 0, 0, &in_list, 0,
                                         ctx, &out_list, attributes, NULL);
    ULONG left = in_buffers[1].BufferType == SECBUFFER_EXTRA ? in_buffers[1].cbBuffer : 0;
    memmove(in->bytes, in->bytes + in->n - left, left);
    in->n = left;
    if (out_buffer.pvBuffer != NULL)
        out->n += out_buffer.cbBuffer;
    return status;
}

/* Both sides in turn; the first status that is neither success nor "go on". */
static SECURITY_STATUS shake(struct pair *p, const char *name, ULONG *client_got, ULONG *server_got)
{
    SECURITY_STATUS of_client = SEC_I_CONTINUE_NEEDED;
    SECURITY_STATUS of_server = SEC_I_CONTINUE_NEEDED;
    SecInvalidateHandle(&p->client);
    SecInvalidateHandle(&p->server);
    to_server.n = 0;
    to_client.n = 0;
    for (unsigned i = 0; i < FLIGHTS_MAX; i++) {
        if (of_client == SEC_I_CONTINUE_NEEDED)
            of_client = call(&client, &p->client, name, &to_client, &to_server, client_got);
        if (of_server == SEC_I_CONTINUE_NEEDED)
            of_server = call(&server, &p->server, NULL, &to_server, &to_client, server_got);
        if (of_client < 0 || of_server < 0)
            return of_client < 0 ? of_client : of_server;
        if (of_client == SEC_E_OK && of_server == SEC_E_OK)
            return SEC_E_OK;
    }
    return SEC_E_INTERNAL_ERROR;
}

static void require_negotiated(CtxtHandle *ctx)
{
    SecPkgContext_CipherInfo info = {.dwVersion = SECPKGCONTEXT_CIPHERINFO_V1};
    REQUIRE(QueryContextAttributesA(ctx, SECPKG_ATTR_CIPHER_INFO, &info) == SEC_E_OK);
    REQUIRE(info.dwProtocol == (test->is_tls13 ? 0x304u : 0x303u));
    REQUIRE(info.dwCipherSuite == test_suite(test));
    REQUIRE(info.dwKeyType == CURVE25519_GROUP);
}

static void connect_pair(unsigned slot)
{
    struct pair *p = &pairs[slot];
    ULONG client_got = 0;
    ULONG server_got = 0;
    /* Success is the verification's result, too: neither credential leaves it to the program. */
    REQUIRE(shake(p, PKI_SERVER_NAME, &client_got, &server_got) == SEC_E_OK);
    REQUIRE(to_server.n == 0 && to_client.n == 0);
    REQUIRE(((server_got & ASC_RET_MUTUAL_AUTH) != 0) == test->is_mutual);
    require_negotiated(&p->client);
    require_negotiated(&p->server);
    if (slot == 0)
        REQUIRE(QueryContextAttributesA(&p->client, SECPKG_ATTR_STREAM_SIZES, &sizes) == SEC_E_OK);
}

static void disconnect_pair(unsigned slot)
{
    REQUIRE(DeleteSecurityContext(&pairs[slot].client) == SEC_E_OK);
    REQUIRE(DeleteSecurityContext(&pairs[slot].server) == SEC_E_OK);
}

static bool refuses_wrong_name(void)
{
    struct pair p;
    ULONG client_got;
    ULONG server_got;
    SECURITY_STATUS status = shake(&p, PKI_WRONG_NAME, &client_got, &server_got);
    REQUIRE(DeleteSecurityContext(&p.client) == SEC_E_OK);
    REQUIRE(DeleteSecurityContext(&p.server) == SEC_E_OK);
    return status == SEC_E_WRONG_PRINCIPAL;
}

/* ---- records --------------------------------------------------------------------------- */

static void seal(unsigned slot)
{
    uint8_t *data = record + sizes.cbHeader;
    SecBuffer b[4] = {{sizes.cbHeader, SECBUFFER_STREAM_HEADER, record},
                      {(ULONG)test->record_len, SECBUFFER_DATA, data},
                      {sizes.cbTrailer, SECBUFFER_STREAM_TRAILER, data + test->record_len},
                      {0, SECBUFFER_EMPTY, NULL}};
    SecBufferDesc message = {SECBUFFER_VERSION, 4, b};
    REQUIRE(EncryptMessage(&pairs[slot].client, 0, &message, 0) == SEC_E_OK);
}

static void open_record(unsigned slot)
{
    ULONG n = sizes.cbHeader + (ULONG)test->record_len + sizes.cbTrailer;
    SecBuffer b[4] = {{n, SECBUFFER_DATA, record},
                      {0, SECBUFFER_EMPTY, NULL},
                      {0, SECBUFFER_EMPTY, NULL},
                      {0, SECBUFFER_EMPTY, NULL}};
    SecBufferDesc message = {SECBUFFER_VERSION, 4, b};
    REQUIRE(DecryptMessage(&pairs[slot].server, &message, 0, NULL) == SEC_E_OK);
    REQUIRE(b[1].BufferType == SECBUFFER_DATA && b[1].cbBuffer == test->record_len);
}

const struct subject subject_schannel = {
    .name = "libschannel",
    .does_handshakes = true,
    .does_records = true,
    .has_pairs = true,
    .setup = setup,
    .teardown = teardown,
    .connect = connect_pair,
    .disconnect = disconnect_pair,
    .verify = verify,
    .seal = seal,
    .open = open_record,
    .refuses_wrong_name = refuses_wrong_name,
};
