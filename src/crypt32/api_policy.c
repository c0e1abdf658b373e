/* SPDX-License-Identifier: MIT */
/* CertVerifyCertificateChainPolicy: which policy with which parameters; the verdicts are
 * policy.c's. */
#include "crypt32/chain.h"
#include "crypt32/system.h"

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

static bool judge_ssl(const struct chain *chain, const CERT_CHAIN_POLICY_PARA *para,
                      LONG *out_error, LONG *out_element)
{
    char *name;
    struct chain_policy policy = {.is_ssl = true, .flags = para != NULL ? para->dwFlags : 0};
    if (!read_ssl(para, &policy, &name))
        return false;
    *out_error = chain_policy_error(chain, &policy, out_element);
    mem_free(name);
    return true;
}

/* Whoever issued the end certificate is an authority of the enterprise: it is in the NTAuth store.
 * False when the store cannot be read. */
static bool is_enterprise(const struct chain *chain)
{
    DWORD error;
    struct store *store;
    if (chain->count < 2 || system_view_open(VIEW_NTAUTH, &store, &error) != OK)
        return false;
    bool is_listed = chain_is_listed(store, chain->elements[1].cert);
    store_release(store);
    return is_listed;
}

/* The chain as such, its constraints, and then the issuer. */
static LONG judge_nt_auth(const struct chain *chain, DWORD flags, LONG *out_element)
{
    struct chain_policy policy = {.flags = flags};
    LONG error = chain_policy_error(chain, &policy, out_element);
    if (error == 0)
        error = chain_basic_constraints_error(chain, flags, out_element);
    if (error != 0 || is_enterprise(chain))
        return error;
    *out_element = chain->count > 1 ? 1 : 0;
    return CERT_E_UNTRUSTEDCA;
}

/* False without memory. */
static bool judge(LPCSTR kind, const struct chain *chain, const CERT_CHAIN_POLICY_PARA *para,
                  LONG *out_error, LONG *out_element)
{
    struct chain_policy policy = {.flags = para != NULL ? para->dwFlags : 0};
    *out_element = -1;
    if (kind == CERT_CHAIN_POLICY_SSL)
        return judge_ssl(chain, para, out_error, out_element);
    if (kind == CERT_CHAIN_POLICY_BASIC_CONSTRAINTS)
        *out_error = chain_basic_constraints_error(chain, policy.flags, out_element);
    else if (kind == CERT_CHAIN_POLICY_NT_AUTH)
        *out_error = judge_nt_auth(chain, policy.flags, out_element);
    else
        *out_error = chain_policy_error(chain, &policy, out_element);
    return true;
}

static bool is_policy(LPCSTR kind)
{
    return kind == CERT_CHAIN_POLICY_BASE || kind == CERT_CHAIN_POLICY_SSL ||
           kind == CERT_CHAIN_POLICY_BASIC_CONSTRAINTS || kind == CERT_CHAIN_POLICY_NT_AUTH;
}

BOOL WINAPI CertVerifyCertificateChainPolicy(LPCSTR pszPolicyOID,
                                             PCCERT_CHAIN_CONTEXT pChainContext,
                                             PCERT_CHAIN_POLICY_PARA pPolicyPara,
                                             PCERT_CHAIN_POLICY_STATUS pPolicyStatus)
{
    LONG error;
    LONG element;
    if (!is_policy(pszPolicyOID))
        return win_fail(ERROR_FILE_NOT_FOUND);
    if (pChainContext == NULL || pPolicyStatus == NULL)
        return win_fail((DWORD)E_INVALIDARG);
    crypto_mark();
    bool is_judged =
        judge(pszPolicyOID, chain_of_context(pChainContext), pPolicyPara, &error, &element);
    crypto_unmark();
    if (!is_judged)
        return win_fail(ERROR_NOT_ENOUGH_MEMORY);
    pPolicyStatus->dwError = (DWORD)error;
    pPolicyStatus->lChainIndex = error != 0 ? 0 : -1;
    pPolicyStatus->lElementIndex = error != 0 ? element : -1;
    return TRUE;
}
