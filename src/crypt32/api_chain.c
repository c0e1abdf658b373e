/* SPDX-License-Identifier: MIT */
/*
 * CertGetCertificateChain and its relatives over the search of chain.c: engines, and the chain
 * context as one block. The policies are in api_policy.c.
 */
/* The later members of CERT_CHAIN_PARA; which of them are there is told by cbSize. */
#define CERT_CHAIN_PARA_HAS_EXTRA_FIELDS

#include <libschannel.h>
#include <time.h>

#include "crypt32/chain.h"
#include "crypt32/crl.h"
#include "crypt32/system.h"
#include "crypt32/proof.h"

enum { ENGINE_MAGIC = 0x454E4731, ENGINE_STORES_MAX = CHAIN_STORES_MAX - 2 };

/* Stores with a reference each; NULL where there is none. */
struct engine {
    uint32_t magic;
    struct store *exclusive_root;  /* NULL: the system's */
    struct store *peers;           /* end certificates that are trusted as they stand; NULL: none */
    struct store *restricted_root; /* NULL: all of them */
    bool any_anchor;
    bool is_machine; /* the user's stores do not count */
    bool stays_offline;
    DWORD retrieval_ms; /* 0: as usual */
    struct store *searched[ENGINE_STORES_MAX];
    size_t searched_count;
};

/* What an element says about its revocation. */
struct revocation_block {
    CERT_REVOCATION_INFO info;
    CERT_REVOCATION_CRL_INFO lists;
    struct crl *base;
    struct crl *delta;
};

/* A chain context with everything it points to; freed as a whole. */
struct chain_block {
    CERT_CHAIN_CONTEXT context; /* first */
    atomic_int refs;
    CERT_SIMPLE_CHAIN simple;
    PCERT_SIMPLE_CHAIN simple_list[1];
    CERT_CHAIN_ELEMENT elements[CHAIN_DEPTH_MAX];
    PCERT_CHAIN_ELEMENT element_list[CHAIN_DEPTH_MAX];
    struct revocation_block revocations[CHAIN_DEPTH_MAX];
    CERT_ENHKEY_USAGE *usages[CHAIN_DEPTH_MAX]; /* blocks; NULL: any, or what stands above */
    PCCERT_CHAIN_CONTEXT lower[CHAIN_OTHERS_MAX];
    struct chain chain;
};

/* ---- engines --------------------------------------------------------------------------- */

static void engine_free(struct engine *engine)
{
    for (size_t i = 0; i < engine->searched_count; i++)
        store_release(engine->searched[i]);
    store_release(engine->restricted_root);
    store_release(engine->exclusive_root);
    store_release(engine->peers);
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
static bool take_exclusive(struct engine *engine, const CERT_CHAIN_ENGINE_CONFIG *config)
{
    bool is_there = config->cbSize >= offsetof(CERT_CHAIN_ENGINE_CONFIG, dwExclusiveFlags);
    if (!is_there)
        return true;
    if (!take_store(config->hExclusiveRoot, &engine->exclusive_root) ||
        !take_store(config->hExclusiveTrustedPeople, &engine->peers))
        return false;
    /* With people alone no root is trusted. */
    if (engine->peers != NULL && engine->exclusive_root == NULL)
        engine->exclusive_root = store_nowhere();
    return true;
}

static DWORD fill_engine(struct engine *engine, const CERT_CHAIN_ENGINE_CONFIG *config)
{
    bool has_flags = config->cbSize >= sizeof *config;
    if (config->cAdditionalStore != 0 && config->rghAdditionalStore == NULL)
        return (DWORD)E_INVALIDARG;
    /* hRestrictedTrust restricts trust lists, of which none is ever used. */
    if (!take_exclusive(engine, config) ||
        !take_store(config->hRestrictedRoot, &engine->restricted_root) ||
        (config->hRestrictedTrust != NULL && store_of(config->hRestrictedTrust) == NULL) ||
        !search_store(engine, config->hRestrictedOther))
        return (DWORD)E_INVALIDARG;
    for (DWORD i = 0; i < config->cAdditionalStore; i++) {
        if (!search_store(engine, config->rghAdditionalStore[i]))
            return (DWORD)E_INVALIDARG;
    }
    engine->stays_offline = (config->dwFlags & CERT_CHAIN_CACHE_ONLY_URL_RETRIEVAL) != 0;
    engine->retrieval_ms = config->dwUrlRetrievalTimeout;
    engine->is_machine = (config->dwFlags & CERT_CHAIN_USE_LOCAL_MACHINE_STORE) != 0;
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

static err read_usages(const CERT_USAGE_MATCH *match, struct chain_usages *out)
{
    const CERT_ENHKEY_USAGE *usage = &match->Usage;
    if (usage->cUsageIdentifier > CHAIN_USAGES_MAX ||
        (usage->cUsageIdentifier != 0 && usage->rgpszUsageIdentifier == NULL))
        return FAIL(ERR_ARGUMENT);
    for (DWORD i = 0; i < usage->cUsageIdentifier; i++) {
        out->oids[i] = usage->rgpszUsageIdentifier[i];
        if (out->oids[i] == NULL)
            return FAIL(ERR_ARGUMENT);
    }
    out->count = usage->cUsageIdentifier;
    out->all = match->dwType == USAGE_MATCH_TYPE_AND;
    return OK;
}

static err read_para(const CERT_CHAIN_PARA *para, struct chain_inputs *inputs)
{
    TRY(read_usages(&para->RequestedUsage, &inputs->usages));
    if (para->cbSize >= offsetof(CERT_CHAIN_PARA, dwUrlRetrievalTimeout))
        TRY(read_usages(&para->RequestedIssuancePolicy, &inputs->policies));
    if (para->cbSize >= offsetof(CERT_CHAIN_PARA, fCheckRevocationFreshnessTime))
        inputs->retrieval_ms = para->dwUrlRetrievalTimeout;
    if (para->cbSize >= offsetof(CERT_CHAIN_PARA, pftCacheResync) &&
        para->fCheckRevocationFreshnessTime)
        inputs->revocation_age_max = para->dwRevocationFreshnessTime;
    return OK;
}

/* ---- the block ------------------------------------------------------------------------- */

static void release_block(struct chain_block *block)
{
    for (size_t i = 0; i < CHAIN_DEPTH_MAX; i++) {
        crl_release(block->revocations[i].base);
        crl_release(block->revocations[i].delta);
        mem_free(block->usages[i]);
    }
    for (DWORD i = 0; i < block->context.cLowerQualityChainContext; i++)
        CertFreeCertificateChain(block->lower[i]);
    chain_release(&block->chain);
    mem_free(block);
}

static err make_list(struct crl_body *body, struct crl **out)
{
    return body != NULL ? crl_new(out, body) : OK;
}

static err fill_revocation(struct revocation_block *block, const struct revocation *found)
{
    TRY(make_list(found->base, &block->base));
    TRY(make_list(found->delta, &block->delta));
    block->info = (CERT_REVOCATION_INFO){.cbSize = sizeof block->info,
                                         .dwRevocationResult = found->result,
                                         .fHasFreshnessTime = found->has_freshness,
                                         .dwFreshnessTime = found->freshness};
    if (block->base == NULL)
        return OK;
    block->lists = (CERT_REVOCATION_CRL_INFO){
        .cbSize = sizeof block->lists,
        .pBaseCrlContext = &block->base->context,
        .pDeltaCrlContext = block->delta != NULL ? &block->delta->context : NULL,
        .pCrlEntry = found->entry,
        .fDeltaCrlEntry = found->is_in_delta,
    };
    block->info.pCrlInfo = &block->lists;
    return OK;
}

/* ---- usages ---------------------------------------------------------------------------- */

/* The extension as one block; NULL without one, and for one that allows any usage. */
static err own_usages(const struct cert *cert, CERT_ENHKEY_USAGE **out)
{
    const CERT_INFO *info = &cert->body->info;
    const CERT_EXTENSION *extension =
        CertFindExtension(szOID_ENHANCED_KEY_USAGE, info->cExtension, info->rgExtension);
    DWORD n = 0;
    *out = NULL;
    if (extension == NULL ||
        !CryptDecodeObjectEx(X509_ASN_ENCODING, X509_ENHANCED_KEY_USAGE, extension->Value.pbData,
                             extension->Value.cbData, 0, NULL, NULL, &n))
        return OK;
    CERT_ENHKEY_USAGE *usages = mem_alloc(n);
    if (usages == NULL)
        return FAIL(ERR_NO_MEMORY);
    if (!CryptDecodeObjectEx(X509_ASN_ENCODING, X509_ENHANCED_KEY_USAGE, extension->Value.pbData,
                             extension->Value.cbData, 0, NULL, usages, &n)) {
        mem_free(usages);
        return FAIL(ERR_INTERNAL);
    }
    *out = usages;
    return OK;
}

static bool lists_usage(const CERT_ENHKEY_USAGE *usages, const char *oid)
{
    for (DWORD i = 0; i < usages->cUsageIdentifier; i++) {
        if (strcmp(usages->rgpszUsageIdentifier[i], oid) == 0)
            return true;
    }
    return false;
}

static void narrow(CERT_ENHKEY_USAGE *usages, const CERT_ENHKEY_USAGE *above)
{
    DWORD count = 0;
    for (DWORD i = 0; i < usages->cUsageIdentifier; i++) {
        if (lists_usage(above, usages->rgpszUsageIdentifier[i]))
            usages->rgpszUsageIdentifier[count++] = usages->rgpszUsageIdentifier[i];
    }
    usages->cUsageIdentifier = count;
}

/* What each element is good for, given those above it; no list at all is good for everything. */
static err fill_usages(struct chain_block *block)
{
    CERT_ENHKEY_USAGE *above = NULL;
    for (size_t i = block->chain.count; i-- > 0;) {
        CERT_ENHKEY_USAGE **own = &block->usages[i];
        TRY(own_usages(block->chain.elements[i].cert, own));
        if (*own != NULL && lists_usage(*own, szOID_ANY_ENHANCED_KEY_USAGE)) {
            mem_free(*own);
            *own = NULL;
        }
        if (*own != NULL && above != NULL)
            narrow(*own, above);
        above = *own != NULL ? *own : above;
        block->elements[i].pApplicationUsage = above;
    }
    return OK;
}

static err fill_elements(struct chain_block *block)
{
    const struct chain *chain = &block->chain;
    for (size_t i = 0; i < chain->count; i++) {
        const struct chain_element *element = &chain->elements[i];
        block->elements[i] = (CERT_CHAIN_ELEMENT){
            .cbSize = sizeof block->elements[i],
            .pCertContext = &element->cert->context,
            .TrustStatus = {element->errors, element->infos},
        };
        block->element_list[i] = &block->elements[i];
        if (element->revocation == NULL)
            continue;
        TRY(fill_revocation(&block->revocations[i], element->revocation));
        block->elements[i].pRevocationInfo = &block->revocations[i].info;
    }
    return fill_usages(block);
}

/* The age of the oldest answer. */
static bool freshness_of(const struct chain *chain, DWORD *out)
{
    bool has_one = false;
    *out = 0;
    for (size_t i = 0; i < chain->count; i++) {
        const struct revocation *answer = chain->elements[i].revocation;
        if (answer == NULL || !answer->has_freshness)
            continue;
        has_one = true;
        *out = answer->freshness > *out ? answer->freshness : *out;
    }
    return has_one;
}

static err fill_block(struct chain_block *block, DWORD flags)
{
    DWORD freshness;
    const struct chain *chain = &block->chain;
    CERT_TRUST_STATUS status = {chain->errors, chain->infos};
    BOOL has_freshness = freshness_of(chain, &freshness);
    block->simple = (CERT_SIMPLE_CHAIN){.cbSize = sizeof block->simple,
                                        .TrustStatus = status,
                                        .cElement = (DWORD)chain->count,
                                        .rgpElement = block->element_list,
                                        .fHasRevocationFreshnessTime = has_freshness,
                                        .dwRevocationFreshnessTime = freshness};
    block->simple_list[0] = &block->simple;
    block->context = (CERT_CHAIN_CONTEXT){.cbSize = sizeof block->context,
                                          .TrustStatus = status,
                                          .cChain = 1,
                                          .rgpChain = block->simple_list,
                                          .fHasRevocationFreshnessTime = has_freshness,
                                          .dwRevocationFreshnessTime = freshness,
                                          .dwCreateFlags = flags};
    return fill_elements(block);
}

/* Takes the chain over, also when it fails. */
static err block_new(struct chain *chain, DWORD flags, struct chain_block **out)
{
    struct chain_block *block = mem_alloc(sizeof *block);
    *out = NULL;
    if (block == NULL) {
        chain_release(chain);
        return FAIL(ERR_NO_MEMORY);
    }
    atomic_init(&block->refs, 1);
    block->chain = *chain;
    *chain = (struct chain){0};
    err result = fill_block(block, flags);
    if (result != OK) {
        release_block(block);
        return result;
    }
    *out = block;
    return OK;
}

static err add_lower(struct chain_block *block, struct chain_others *others, DWORD flags)
{
    for (size_t i = 0; i < others->count; i++) {
        struct chain_block *lower;
        TRY(block_new(&others->chains[i], flags, &lower));
        block->lower[block->context.cLowerQualityChainContext++] = &lower->context;
    }
    if (others->count != 0)
        block->context.rgpLowerQualityChainContext = block->lower;
    return OK;
}

static err build(const struct chain_inputs *inputs, DWORD flags, PCCERT_CHAIN_CONTEXT *out)
{
    struct chain chain;
    struct chain_block *block;
    struct chain_others others = {.count = 0};
    struct chain_budget budget = chain_budget_of(inputs);
    bool wants_lower = (flags & CERT_CHAIN_RETURN_LOWER_QUALITY_CONTEXTS) != 0;
    TRY(chain_build_within(inputs, &budget, &chain, wants_lower ? &others : NULL));
    err result = block_new(&chain, flags, &block);
    if (result == OK) {
        result = add_lower(block, &others, flags);
        if (result != OK)
            release_block(block);
    }
    chain_others_release(&others);
    if (result == OK)
        *out = &block->context;
    return result;
}

/* An engine's own people are trusted whatever the flags say, the system's only where they do. */
static err open_peers(const struct engine *engine, bool is_machine, struct chain_inputs *inputs,
                      DWORD flags, DWORD *out_error)
{
    if (engine != NULL && engine->peers != NULL) {
        inputs->peers = engine->peers;
        store_ref(inputs->peers);
        return OK;
    }
    bool is_exclusive = engine != NULL && engine->exclusive_root != NULL;
    if (is_exclusive || (flags & CERT_CHAIN_ENABLE_PEER_TRUST) == 0)
        return OK;
    return system_view_open(is_machine ? VIEW_MACHINE_TRUSTED_PEOPLE : VIEW_TRUSTED_PEOPLE,
                            &inputs->peers, out_error);
}

/* The stores of the engine; *inputs borrows the searched ones, but for the system's own. */
static err open_stores(const struct engine *engine, bool is_machine, struct chain_inputs *inputs,
                       DWORD flags, DWORD *out_error)
{
    for (size_t i = 0; engine != NULL && i < engine->searched_count; i++)
        inputs->searched[i + 1] = engine->searched[i];
    inputs->restricted = engine != NULL ? engine->restricted_root : NULL;
    inputs->any_anchor = engine != NULL && engine->any_anchor;
    if (engine != NULL && engine->stays_offline && inputs->retrieval == CHAIN_RETRIEVAL_ONLINE)
        inputs->retrieval = CHAIN_RETRIEVAL_KNOWN;
    if (engine != NULL && inputs->retrieval_ms == 0)
        inputs->retrieval_ms = engine->retrieval_ms;
    TRY(system_view_open(is_machine ? VIEW_MACHINE_CA : VIEW_CA,
                         &inputs->searched[CHAIN_STORES_MAX - 1], out_error));
    TRY(system_view_open(is_machine ? VIEW_MACHINE_DISALLOWED : VIEW_DISALLOWED,
                         &inputs->distrusted, out_error));
    TRY(open_peers(engine, is_machine, inputs, flags, out_error));
    if (engine == NULL || engine->exclusive_root == NULL)
        return system_view_open(is_machine ? VIEW_MACHINE_ROOT : VIEW_ROOT, &inputs->roots,
                                out_error);
    inputs->is_exclusive = true;
    inputs->roots = engine->exclusive_root;
    store_ref(inputs->roots);
    return OK;
}

static err get_chain(const struct engine *engine, bool is_machine, struct chain_inputs *inputs,
                     DWORD flags, PCCERT_CHAIN_CONTEXT *out, DWORD *out_error)
{
    err result = open_stores(engine, is_machine, inputs, flags, out_error);
    if (result == OK) {
        result = build(inputs, flags, out);
        *out_error = cert_last_error(result);
    }
    store_release(inputs->roots);
    store_release(inputs->distrusted);
    store_release(inputs->peers);
    store_release(inputs->searched[CHAIN_STORES_MAX - 1]);
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
    bool is_machine = engine != NULL ? engine->is_machine : hChainEngine != HCCE_CURRENT_USER;
    /* pTime is not the time at which lists must be current. */
    int64_t now = (int64_t)time(NULL);
    struct chain_inputs inputs = {.leaf = cert_of(pCertContext),
                                  .searched = {additional},
                                  .now = pTime != NULL ? win_unix_from_filetime(*pTime) : now,
                                  .revocation_now = now,
                                  .revocation = chain_revocation_of(dwFlags),
                                  .retrieval = chain_retrieval_of(dwFlags),
                                  .shares_time =
                                      (dwFlags & CERT_CHAIN_REVOCATION_ACCUMULATIVE_TIMEOUT) != 0};
    if (read_para(pChainPara, &inputs) != OK)
        return win_fail((DWORD)E_INVALIDARG);
    if (crypto_start() != OK)
        return win_fail((DWORD)NTE_FAIL);
    crypto_mark();
    err result = get_chain(engine, is_machine, &inputs, dwFlags, ppChainContext, &error);
    crypto_unmark();
    return result == OK ? TRUE : win_fail(error);
}

static struct chain_block *block_of(PCCERT_CHAIN_CONTEXT context)
{
    return (struct chain_block *)(uintptr_t)context;
}

const struct chain *chain_of_context(PCCERT_CHAIN_CONTEXT context)
{
    return &block_of(context)->chain;
}

PCCERT_CHAIN_CONTEXT WINAPI CertDuplicateCertificateChain(PCCERT_CHAIN_CONTEXT pChainContext)
{
    if (pChainContext != NULL)
        atomic_fetch_add(&block_of(pChainContext)->refs, 1);
    return pChainContext;
}

VOID WINAPI CertFreeCertificateChain(PCCERT_CHAIN_CONTEXT pChainContext)
{
    struct chain_block *block = block_of(pChainContext);
    if (block != NULL && atomic_fetch_sub(&block->refs, 1) == 1)
        release_block(block);
}

void SchannelRememberAuthorities(BOOL remember)
{
    proof_cache_switch(remember != FALSE);
}
