/* SPDX-License-Identifier: MIT */
/*
 * CertGetCertificateChain and its relatives over the chain room: engines, the chain context as one
 * block, and the policies.
 */
#include <time.h>

#include "crypt32/chain.h"

enum { ENGINE_MAGIC = 0x454E4731, ENGINE_STORES_MAX = CHAIN_STORES_MAX - 1 };

/* Stores with a reference each; NULL where there is none. */
struct engine {
    uint32_t magic;
    struct store *exclusive_root;  /* NULL: the system's */
    struct store *restricted_root; /* NULL: all of them */
    bool any_anchor;
    struct store *searched[ENGINE_STORES_MAX];
    size_t searched_count;
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

static void engine_free(struct engine *engine)
{
    for (size_t i = 0; i < engine->searched_count; i++)
        store_release(engine->searched[i]);
    store_release(engine->restricted_root);
    store_release(engine->exclusive_root);
    engine->magic = 0;
    mem_free(engine);
}

/* A reference to the store of a handle, which may be NULL. */
static bool take_store(HCERTSTORE handle, struct store **out)
{
    *out = store_of(handle);
    if (*out != NULL)
        store_ref(*out);
    return handle == NULL || *out != NULL;
}

static bool search_store(struct engine *engine, HCERTSTORE handle)
{
    if (handle == NULL)
        return true;
    if (engine->searched_count == ENGINE_STORES_MAX)
        return false;
    if (!take_store(handle, &engine->searched[engine->searched_count]))
        return false;
    engine->searched_count++;
    return true;
}

/*
 * Microsoft "CERT_CHAIN_ENGINE_CONFIG": the restricted roots are a part of the system's, so one
 * that is not among them is refused at once.
 */
static DWORD check_restricted(struct store *restricted)
{
    struct store *roots;
    DWORD error = 0;
    if (roots_open(&roots, &error) != OK)
        return error;
    error = 0;
    for (size_t i = 0; error == 0; i++) {
        struct cert *cert = store_entry(restricted, i);
        if (cert == NULL)
            break;
        PCCERT_CONTEXT found = CertFindCertificateInStore(roots, X509_ASN_ENCODING, 0,
                                                          CERT_FIND_EXISTING, &cert->context, NULL);
        error = found != NULL ? 0 : (DWORD)CRYPT_E_NOT_FOUND;
        CertFreeCertificateContext(found);
        cert_release(cert);
    }
    store_release(roots);
    return error;
}

/* The members behind hExclusiveRoot came later; an older structure ends before them. */
static DWORD fill_engine(struct engine *engine, const CERT_CHAIN_ENGINE_CONFIG *config)
{
    struct store *trust = NULL;
    bool has_exclusive = config->cbSize >= offsetof(CERT_CHAIN_ENGINE_CONFIG, dwExclusiveFlags);
    bool has_flags = config->cbSize >= sizeof *config;
    if (config->cAdditionalStore != 0 && config->rghAdditionalStore == NULL)
        return (DWORD)E_INVALIDARG;
    if (!take_store(has_exclusive ? config->hExclusiveRoot : NULL, &engine->exclusive_root) ||
        !take_store(config->hRestrictedRoot, &engine->restricted_root) ||
        !take_store(config->hRestrictedTrust, &trust) ||
        !search_store(engine, config->hRestrictedOther))
        return (DWORD)E_INVALIDARG;
    store_release(trust); /* restricts trust lists, of which none is ever used */
    for (DWORD i = 0; i < config->cAdditionalStore; i++) {
        if (!search_store(engine, config->rghAdditionalStore[i]))
            return (DWORD)E_INVALIDARG;
    }
    if (has_exclusive && config->hExclusiveTrustedPeople != NULL)
        return ERROR_NOT_SUPPORTED;
    engine->any_anchor = has_flags && engine->exclusive_root != NULL &&
                         (config->dwExclusiveFlags & CERT_CHAIN_EXCLUSIVE_ENABLE_CA_FLAG) != 0;
    if (engine->restricted_root == NULL)
        return 0;
    /* The one narrows the system's roots, the other replaces them. */
    return engine->exclusive_root != NULL ? (DWORD)E_INVALIDARG
                                          : check_restricted(engine->restricted_root);
}

BOOL WINAPI CertCreateCertificateChainEngine(PCERT_CHAIN_ENGINE_CONFIG pConfig,
                                             HCERTCHAINENGINE *phChainEngine)
{
    if (pConfig == NULL || phChainEngine == NULL ||
        pConfig->cbSize < offsetof(CERT_CHAIN_ENGINE_CONFIG, hExclusiveRoot))
        return win_fail((DWORD)E_INVALIDARG);
    if (crypto_start() != OK)
        return win_fail((DWORD)NTE_FAIL);
    struct engine *engine = mem_alloc(sizeof *engine);
    if (engine == NULL)
        return win_fail(ERROR_NOT_ENOUGH_MEMORY);
    engine->magic = ENGINE_MAGIC;
    crypto_mark();
    DWORD error = fill_engine(engine, pConfig);
    crypto_unmark();
    if (error != 0) {
        engine_free(engine);
        return win_fail(error);
    }
    *phChainEngine = (HCERTCHAINENGINE)engine;
    return TRUE;
}

/* The default engines are small numbers. */
static bool is_default_engine(HCERTCHAINENGINE handle)
{
    return (uintptr_t)handle <= (uintptr_t)HCCE_SERIAL_LOCAL_MACHINE;
}

static struct engine *engine_of(HCERTCHAINENGINE handle)
{
    struct engine *engine = (struct engine *)handle;
    return is_default_engine(handle) || engine->magic != ENGINE_MAGIC ? NULL : engine;
}

VOID WINAPI CertFreeCertificateChainEngine(HCERTCHAINENGINE hChainEngine)
{
    struct engine *engine = engine_of(hChainEngine);
    if (engine != NULL)
        engine_free(engine);
}

/* ---- chains ---------------------------------------------------------------------------- */

static err read_usages(const CERT_CHAIN_PARA *para, struct chain_usages *out)
{
    const CERT_ENHKEY_USAGE *usage = &para->RequestedUsage.Usage;
    if (usage->cUsageIdentifier > CHAIN_USAGES_MAX ||
        (usage->cUsageIdentifier != 0 && usage->rgpszUsageIdentifier == NULL))
        return FAIL(ERR_ARGUMENT);
    for (DWORD i = 0; i < usage->cUsageIdentifier; i++) {
        out->oids[i] = usage->rgpszUsageIdentifier[i];
        if (out->oids[i] == NULL)
            return FAIL(ERR_ARGUMENT);
    }
    out->count = usage->cUsageIdentifier;
    out->all = para->RequestedUsage.dwType == USAGE_MATCH_TYPE_AND;
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

/* The stores of the engine; *inputs borrows them, but for the roots. */
static err open_stores(const struct engine *engine, struct chain_inputs *inputs, DWORD *out_error)
{
    for (size_t i = 0; engine != NULL && i < engine->searched_count; i++)
        inputs->searched[i + 1] = engine->searched[i];
    inputs->restricted = engine != NULL ? engine->restricted_root : NULL;
    inputs->any_anchor = engine != NULL && engine->any_anchor;
    if (engine == NULL || engine->exclusive_root == NULL)
        return roots_open(&inputs->roots, out_error);
    inputs->roots = engine->exclusive_root;
    store_ref(inputs->roots);
    return OK;
}

static err get_chain(const struct engine *engine, struct chain_inputs *inputs,
                     PCCERT_CHAIN_CONTEXT *out, DWORD *out_error)
{
    TRY(open_stores(engine, inputs, out_error));
    err result = build(inputs, out);
    store_release(inputs->roots);
    *out_error = cert_last_error(result);
    return result;
}

BOOL WINAPI CertGetCertificateChain(HCERTCHAINENGINE hChainEngine, PCCERT_CONTEXT pCertContext,
                                    LPFILETIME pTime, HCERTSTORE hAdditionalStore,
                                    PCERT_CHAIN_PARA pChainPara, DWORD dwFlags, LPVOID pvReserved,
                                    PCCERT_CHAIN_CONTEXT *ppChainContext)
{
    (void)pvReserved;
    const struct engine *engine = engine_of(hChainEngine);
    struct store *additional = store_of(hAdditionalStore);
    DWORD error = 0;
    if (pCertContext == NULL || pChainPara == NULL || ppChainContext == NULL ||
        (engine == NULL && !is_default_engine(hChainEngine)) ||
        (additional == NULL && hAdditionalStore != NULL))
        return win_fail((DWORD)E_INVALIDARG);
    struct chain_inputs inputs = {.leaf = cert_of(pCertContext),
                                  .searched = {additional},
                                  .now = pTime != NULL ? win_unix_from_filetime(*pTime)
                                                       : (int64_t)time(NULL),
                                  .revocation = chain_revocation_of(dwFlags)};
    if (read_usages(pChainPara, &inputs.usages) != OK)
        return win_fail((DWORD)E_INVALIDARG);
    if (crypto_start() != OK)
        return win_fail((DWORD)NTE_FAIL);
    crypto_mark();
    err result = get_chain(engine, &inputs, ppChainContext, &error);
    crypto_unmark();
    return result == OK ? TRUE : win_fail(error);
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

/* What the SSL policy's own parameters say; *out_name is to be freed. */
static bool read_ssl(const CERT_CHAIN_POLICY_PARA *para, struct chain_policy *policy,
                     char **out_name)
{
    const SSL_EXTRA_CERT_CHAIN_POLICY_PARA *extra = para != NULL ? para->pvExtraPolicyPara : NULL;
    *out_name = NULL;
    if (extra == NULL || extra->cbSize == 0)
        return true;
    bool is_client = extra->dwAuthType == AUTHTYPE_CLIENT;
    policy->fdw_checks = extra->fdwChecks;
    policy->usages = chain_ssl_usages(is_client ? CHAIN_CLIENT_AUTH : CHAIN_SERVER_AUTH);
    /* A client's chain names no host; without a name nothing is compared. */
    if (is_client || extra->pwszServerName == NULL || extra->pwszServerName[0] == 0)
        return true;
    *out_name = win_utf8_dup(extra->pwszServerName);
    policy->server_name = *out_name;
    return *out_name != NULL;
}

BOOL WINAPI CertVerifyCertificateChainPolicy(LPCSTR pszPolicyOID,
                                             PCCERT_CHAIN_CONTEXT pChainContext,
                                             PCERT_CHAIN_POLICY_PARA pPolicyPara,
                                             PCERT_CHAIN_POLICY_STATUS pPolicyStatus)
{
    bool is_ssl = pszPolicyOID == CERT_CHAIN_POLICY_SSL;
    char *name = NULL;
    LONG element;
    if (!is_ssl && pszPolicyOID != CERT_CHAIN_POLICY_BASE)
        return win_fail(ERROR_FILE_NOT_FOUND);
    if (pChainContext == NULL || pPolicyStatus == NULL)
        return win_fail((DWORD)E_INVALIDARG);
    const struct chain_block *block = (const struct chain_block *)(const void *)pChainContext;
    struct chain_policy policy = {.is_ssl = is_ssl,
                                  .flags = pPolicyPara != NULL ? pPolicyPara->dwFlags : 0};
    if (is_ssl && !read_ssl(pPolicyPara, &policy, &name))
        return win_fail(ERROR_NOT_ENOUGH_MEMORY);
    crypto_mark();
    LONG error = chain_policy_error(&block->chain, &policy, &element);
    crypto_unmark();
    mem_free(name);
    pPolicyStatus->dwError = (DWORD)error;
    pPolicyStatus->lChainIndex = error != 0 ? 0 : -1;
    pPolicyStatus->lElementIndex = error != 0 ? element : -1;
    return TRUE;
}
