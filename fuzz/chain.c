/* SPDX-License-Identifier: MIT */
/*
 * Chains out of whatever certificates, revocation lists and stapled response the input brings
 * along. The first byte chooses the flags; then items: a byte for what it is, two for its length,
 * its bytes. The first certificate that parses is the end.
 */
/* The requested issuance policies. */
#define CERT_CHAIN_PARA_HAS_EXTRA_FIELDS

#include <wincrypt.h>

#include "source.h"

enum item { ITEM_OTHER, ITEM_ROOT, ITEM_LIST, ITEM_STAPLE, ITEM_COUNT };
enum { ITEMS_MAX = 16, DEPTH_MAX = 10 };

struct setting {
    PCCERT_CONTEXT leaf;
    HCERTSTORE others;
    HCERTSTORE roots;
};

static void add_item(struct setting *s, enum item kind, const uint8_t *bytes, size_t n)
{
    CRYPT_DATA_BLOB blob = {.cbData = (DWORD)n, .pbData = (BYTE *)(uintptr_t)bytes};
    if (kind == ITEM_LIST) {
        (void)CertAddEncodedCRLToStore(s->others, X509_ASN_ENCODING, bytes, (DWORD)n,
                                       CERT_STORE_ADD_ALWAYS, NULL);
        return;
    }
    if (kind == ITEM_STAPLE) {
        if (s->leaf != NULL)
            (void)CertSetCertificateContextProperty(s->leaf, CERT_OCSP_RESPONSE_PROP_ID, 0, &blob);
        return;
    }
    (void)CertAddEncodedCertificateToStore(
        kind == ITEM_ROOT ? s->roots : s->others, X509_ASN_ENCODING, bytes, (DWORD)n,
        CERT_STORE_ADD_ALWAYS, s->leaf == NULL ? &s->leaf : NULL);
}

static void read_items(struct setting *s, struct source *input)
{
    for (int i = 0; i < ITEMS_MAX && input->n != 0; i++) {
        const uint8_t *bytes;
        enum item kind = (enum item)(source_u8(input) % ITEM_COUNT);
        size_t n = source_u16(input);
        n = source_take(input, n, &bytes);
        add_item(s, kind, bytes, n);
    }
}

static int is_in(HCERTSTORE store, PCCERT_CONTEXT certificate)
{
    PCCERT_CONTEXT found = CertFindCertificateInStore(store, X509_ASN_ENCODING, 0,
                                                      CERT_FIND_EXISTING, certificate, NULL);
    CertFreeCertificateContext(found);
    return found != NULL;
}

/* Nothing is good that does not end in one of the roots, and what is bad says where. */
static void look_at(PCCERT_CHAIN_CONTEXT chain, HCERTSTORE roots, DWORD flags)
{
    const CERT_SIMPLE_CHAIN *simple = chain->rgpChain[0];
    CERT_CHAIN_POLICY_PARA para = {.cbSize = sizeof para};
    CERT_CHAIN_POLICY_STATUS status = {.cbSize = sizeof status};
    DWORD errors = 0;
    PROPERTY(chain->cChain == 1 && simple->cElement >= 1 && simple->cElement <= DEPTH_MAX);
    for (DWORD i = 0; i < simple->cElement; i++) {
        const CERT_CHAIN_ELEMENT *element = simple->rgpElement[i];
        errors |= element->TrustStatus.dwErrorStatus;
        PROPERTY((flags & CERT_CHAIN_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT) != 0 ||
                 element->pRevocationInfo == NULL);
    }
    PROPERTY((errors & ~chain->TrustStatus.dwErrorStatus) == 0);
    PROPERTY(CertVerifyCertificateChainPolicy(CERT_CHAIN_POLICY_BASE, chain, &para, &status));
    PROPERTY((status.dwError == 0) == (chain->TrustStatus.dwErrorStatus == 0));
    PROPERTY(status.dwError != 0 ||
             is_in(roots, simple->rgpElement[simple->cElement - 1]->pCertContext));
    PROPERTY(status.lElementIndex < (LONG)simple->cElement);
}

static void build(const struct setting *s, DWORD flags, LPCSTR policy)
{
    HCERTCHAINENGINE engine;
    LPSTR policies[] = {(LPSTR)(uintptr_t)policy};
    CERT_CHAIN_ENGINE_CONFIG config = {.cbSize = sizeof config, .hExclusiveRoot = s->roots};
    CERT_CHAIN_PARA para = {.cbSize = sizeof para};
    PCCERT_CHAIN_CONTEXT chain = NULL;
    if (policy != NULL)
        para.RequestedIssuancePolicy = (CERT_USAGE_MATCH){.Usage = {1, policies}};
    PROPERTY(CertCreateCertificateChainEngine(&config, &engine));
    PROPERTY(CertGetCertificateChain(engine, s->leaf, NULL, s->others, &para, flags, NULL, &chain));
    look_at(chain, s->roots, flags);
    for (DWORD i = 0; i < chain->cLowerQualityChainContext; i++)
        look_at(chain->rgpLowerQualityChainContext[i], s->roots, flags);
    CertFreeCertificateChain(chain);
    CertFreeCertificateChainEngine(engine);
}

/* Good, or an error that is one of the documented ones. */
static void ask(const struct setting *s)
{
    PVOID contexts[] = {(PVOID)(uintptr_t)s->leaf};
    CERT_REVOCATION_PARA para = {.cbSize = sizeof para, .hCrlStore = s->others};
    CERT_REVOCATION_STATUS status = {.cbSize = sizeof status};
    para.cCertStore = 1;
    para.rgCertStore = (HCERTSTORE *)(uintptr_t)&s->roots;
    BOOL good = CertVerifyRevocation(X509_ASN_ENCODING, CERT_CONTEXT_REVOCATION_TYPE, 1, contexts,
                                     0, &para, &status);
    PROPERTY(good == (status.dwError == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct source input = {.p = data, .n = size};
    struct setting s = {.others = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL),
                        .roots = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL)};
    uint8_t choice = source_u8(&input);
    PROPERTY(s.others != NULL && s.roots != NULL);
    read_items(&s, &input);
    if (s.leaf != NULL) {
        DWORD flags = (choice & 1) != 0 ? CERT_CHAIN_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT : 0;
        flags |= (choice & 2) != 0 ? CERT_CHAIN_RETURN_LOWER_QUALITY_CONTEXTS : 0;
        build(&s, flags, (choice & 4) != 0 ? "1.2.3.4" : NULL);
        ask(&s);
    }
    CertFreeCertificateContext(s.leaf);
    CertCloseStore(s.others, 0);
    CertCloseStore(s.roots, 0);
    return 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return 0;
}
