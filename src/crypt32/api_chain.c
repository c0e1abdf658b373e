/* SPDX-License-Identifier: MIT */
/*
 * CertGetCertificateChain and its relatives over the chain room: engines, the chain context as one
 * block, and the policies.
 */
#include <time.h>

#include "crypt32/chain.h"

enum { ENGINE_MAGIC = 0x454E4731 };

struct engine {
    uint32_t magic;
    struct store *exclusive_root; /* NULL: the system's */
};

/* A chain context with everything it points to; freed as a whole. */
struct chain_block {
    CERT_CHAIN_CONTEXT context; /* first */
    CERT_SIMPLE_CHAIN simple;
    PCERT_SIMPLE_CHAIN simple_list[1];
    CERT_CHAIN_ELEMENT elements[CHAIN_DEPTH_MAX];
    PCERT_CHAIN_ELEMENT element_list[CHAIN_DEPTH_MAX];
    struct chain chain;
};

/* ---- engines --------------------------------------------------------------------------- */

BOOL WINAPI CertCreateCertificateChainEngine(PCERT_CHAIN_ENGINE_CONFIG pConfig,
                                             HCERTCHAINENGINE *phChainEngine)
{
    if (pConfig == NULL || phChainEngine == NULL ||
        pConfig->cbSize < offsetof(CERT_CHAIN_ENGINE_CONFIG, hExclusiveRoot))
        return win_fail((DWORD)E_INVALIDARG);
    bool has_exclusive = pConfig->cbSize >= offsetof(CERT_CHAIN_ENGINE_CONFIG, dwExclusiveFlags);
    HCERTSTORE handle = has_exclusive ? pConfig->hExclusiveRoot : NULL;
    struct store *roots = store_of(handle);
    if (handle != NULL && roots == NULL)
        return win_fail((DWORD)E_INVALIDARG);
    struct engine *engine = mem_alloc(sizeof *engine);
    if (engine == NULL)
        return win_fail(ERROR_NOT_ENOUGH_MEMORY);
    if (roots != NULL)
        store_ref(roots);
    *engine = (struct engine){.magic = ENGINE_MAGIC, .exclusive_root = roots};
    *phChainEngine = (HCERTCHAINENGINE)engine;
    return TRUE;
}

/* The default engines are small numbers. */
static struct engine *engine_of(HCERTCHAINENGINE handle)
{
    struct engine *engine = (struct engine *)handle;
    if ((uintptr_t)handle <= (uintptr_t)HCCE_SERIAL_LOCAL_MACHINE || engine->magic != ENGINE_MAGIC)
        return NULL;
    return engine;
}

VOID WINAPI CertFreeCertificateChainEngine(HCERTCHAINENGINE hChainEngine)
{
    struct engine *engine = engine_of(hChainEngine);
    if (engine == NULL)
        return;
    store_release(engine->exclusive_root);
    engine->magic = 0;
    mem_free(engine);
}

/* ---- chains ---------------------------------------------------------------------------- */

static err read_usages(const CERT_CHAIN_PARA *para, struct chain_inputs *inputs)
{
    const CERT_ENHKEY_USAGE *usage = &para->RequestedUsage.Usage;
    if (para->cbSize < sizeof(DWORD) + sizeof para->RequestedUsage)
        return OK;
    if (usage->cUsageIdentifier > CHAIN_USAGES_MAX)
        return FAIL(ERR_ARGUMENT);
    for (DWORD i = 0; i < usage->cUsageIdentifier; i++)
        inputs->usages[i] = usage->rgpszUsageIdentifier[i];
    inputs->usage_count = usage->cUsageIdentifier;
    inputs->all_usages = para->RequestedUsage.dwType == USAGE_MATCH_TYPE_AND;
    return OK;
}

static void fill_block(struct chain_block *block)
{
    struct chain *chain = &block->chain;
    for (size_t i = 0; i < chain->count; i++) {
        block->elements[i] = (CERT_CHAIN_ELEMENT){
            .cbSize = sizeof block->elements[i],
            .pCertContext = &chain->elements[i].cert->context,
            .TrustStatus = {chain->elements[i].errors, chain->elements[i].infos},
        };
        block->element_list[i] = &block->elements[i];
    }
    CERT_TRUST_STATUS status = {chain->errors, chain->infos};
    block->simple = (CERT_SIMPLE_CHAIN){.cbSize = sizeof block->simple,
                                        .TrustStatus = status,
                                        .cElement = (DWORD)chain->count,
                                        .rgpElement = block->element_list};
    block->simple_list[0] = &block->simple;
    block->context = (CERT_CHAIN_CONTEXT){.cbSize = sizeof block->context,
                                          .TrustStatus = status,
                                          .cChain = 1,
                                          .rgpChain = block->simple_list};
}

static err build(const struct chain_inputs *inputs, PCCERT_CHAIN_CONTEXT *out)
{
    struct chain_block *block = mem_alloc(sizeof *block);
    if (block == NULL)
        return FAIL(ERR_NO_MEMORY);
    err result = chain_build(inputs, &block->chain);
    if (result != OK) {
        mem_free(block);
        return result;
    }
    fill_block(block);
    *out = &block->context;
    return OK;
}

BOOL WINAPI CertGetCertificateChain(HCERTCHAINENGINE hChainEngine, PCCERT_CONTEXT pCertContext,
                                    LPFILETIME pTime, HCERTSTORE hAdditionalStore,
                                    PCERT_CHAIN_PARA pChainPara, DWORD dwFlags, LPVOID pvReserved,
                                    PCCERT_CHAIN_CONTEXT *ppChainContext)
{
    (void)pvReserved;
    const DWORD revocation = CERT_CHAIN_REVOCATION_CHECK_END_CERT |
                             CERT_CHAIN_REVOCATION_CHECK_CHAIN |
                             CERT_CHAIN_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT;
    if (pCertContext == NULL || pChainPara == NULL || ppChainContext == NULL)
        return win_fail((DWORD)E_INVALIDARG);
    const struct engine *engine = engine_of(hChainEngine);
    bool is_exclusive = engine != NULL && engine->exclusive_root != NULL;
    struct chain_inputs inputs = {.leaf = cert_of(pCertContext),
                                  .additional = store_of(hAdditionalStore),
                                  .now = pTime != NULL ? win_unix_from_filetime(*pTime)
                                                       : (int64_t)time(NULL),
                                  .wants_revocation = (dwFlags & revocation) != 0};
    if (crypto_start() != OK)
        return win_fail((DWORD)NTE_FAIL);
    crypto_mark();
    if (is_exclusive)
        store_ref(engine->exclusive_root);
    inputs.roots = is_exclusive ? engine->exclusive_root : roots_open();
    err result = inputs.roots != NULL ? read_usages(pChainPara, &inputs) : ERR_NO_MEMORY;
    if (result == OK)
        result = build(&inputs, ppChainContext);
    store_release(inputs.roots);
    crypto_unmark();
    return result == OK ? TRUE : win_fail(cert_last_error(result));
}

VOID WINAPI CertFreeCertificateChain(PCCERT_CHAIN_CONTEXT pChainContext)
{
    struct chain_block *block = (struct chain_block *)(uintptr_t)pChainContext;
    if (block == NULL)
        return;
    chain_release(&block->chain);
    mem_free(block);
}

/* ---- policies -------------------------------------------------------------------------- */

static bool has_ssl_para(const CERT_CHAIN_POLICY_PARA *para)
{
    const SSL_EXTRA_CERT_CHAIN_POLICY_PARA *extra = para != NULL ? para->pvExtraPolicyPara : NULL;
    return extra != NULL && extra->cbSize != 0;
}

BOOL WINAPI CertVerifyCertificateChainPolicy(LPCSTR pszPolicyOID,
                                             PCCERT_CHAIN_CONTEXT pChainContext,
                                             PCERT_CHAIN_POLICY_PARA pPolicyPara,
                                             PCERT_CHAIN_POLICY_STATUS pPolicyStatus)
{
    bool is_ssl = pszPolicyOID == CERT_CHAIN_POLICY_SSL;
    if (!is_ssl && pszPolicyOID != CERT_CHAIN_POLICY_BASE)
        return win_fail(ERROR_FILE_NOT_FOUND);
    if (pChainContext == NULL || pPolicyStatus == NULL)
        return win_fail((DWORD)E_INVALIDARG);
    const struct chain_block *block = (const struct chain_block *)(const void *)pChainContext;
    struct chain_policy policy = {.is_ssl = is_ssl,
                                  .flags = pPolicyPara != NULL ? pPolicyPara->dwFlags : 0};
    char *name = NULL;
    if (is_ssl && has_ssl_para(pPolicyPara)) {
        const SSL_EXTRA_CERT_CHAIN_POLICY_PARA *extra = pPolicyPara->pvExtraPolicyPara;
        policy.fdw_checks = extra->fdwChecks;
        name = win_utf8_dup(extra->pwszServerName);
        if (name == NULL && extra->pwszServerName != NULL)
            return win_fail(ERROR_NOT_ENOUGH_MEMORY);
        policy.server_name = name;
    }
    LONG element;
    crypto_mark();
    LONG error = chain_policy_error(&block->chain, &policy, &element);
    crypto_unmark();
    mem_free(name);
    pPolicyStatus->dwError = (DWORD)error;
    pPolicyStatus->lChainIndex = error != 0 ? 0 : -1;
    pPolicyStatus->lElementIndex = error != 0 ? element : -1;
    return TRUE;
}
