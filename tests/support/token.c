/* SPDX-License-Identifier: MIT */
/*
 * A provider for tests: its store serves "pkcs11:" URIs. What stands behind "object=" is a file
 * with a private key as DER; with "pin-source=ask" it asks for the pin, which is 1234.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core.h>
#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/core_object.h>
#include <openssl/params.h>

OSSL_provider_init_fn OSSL_provider_init;

struct loader {
    char path[256];
    int asks;
    int is_done;
};

static void *loader_open(void *provider, const char *uri)
{
    static const char mark[] = "object=";
    (void)provider;
    struct loader *loader = calloc(1, sizeof *loader);
    const char *object = strstr(uri, mark);
    if (loader != NULL && object != NULL) {
        object += sizeof mark - 1;
        snprintf(loader->path, sizeof loader->path, "%.*s", (int)strcspn(object, ";"), object);
        loader->asks = strstr(uri, "pin-source=ask") != NULL;
    }
    return loader;
}

static int loader_set(void *loader, const OSSL_PARAM params[])
{
    (void)loader;
    (void)params;
    return 1;
}

static int pin_fits(OSSL_PASSPHRASE_CALLBACK *ask, void *arg)
{
    char pin[64];
    size_t n = 0;
    return ask(pin, sizeof pin, &n, NULL, arg) == 1 && n == 4 && memcmp(pin, "1234", 4) == 0;
}

static int loader_load(void *object, OSSL_CALLBACK *give, void *give_arg,
                       OSSL_PASSPHRASE_CALLBACK *ask, void *ask_arg)
{
    struct loader *loader = object;
    unsigned char der[4096];
    int type = OSSL_OBJECT_PKEY;
    loader->is_done = 1;
    if (loader->asks && !pin_fits(ask, ask_arg))
        return 0;
    FILE *file = fopen(loader->path, "rb");
    size_t n = file != NULL ? fread(der, 1, sizeof der, file) : 0;
    if (file != NULL)
        fclose(file);
    if (n == 0)
        return 0;
    OSSL_PARAM params[] = {
        OSSL_PARAM_int(OSSL_OBJECT_PARAM_TYPE, &type),
        OSSL_PARAM_octet_string(OSSL_OBJECT_PARAM_DATA, der, n),
        OSSL_PARAM_END,
    };
    return give(params, give_arg);
}

static int loader_eof(void *loader)
{
    return ((struct loader *)loader)->is_done;
}

static int loader_close(void *loader)
{
    free(loader);
    return 1;
}

static const OSSL_DISPATCH loader_functions[] = {
    {OSSL_FUNC_STORE_OPEN, (void (*)(void))loader_open},
    {OSSL_FUNC_STORE_SET_CTX_PARAMS, (void (*)(void))loader_set},
    {OSSL_FUNC_STORE_LOAD, (void (*)(void))loader_load},
    {OSSL_FUNC_STORE_EOF, (void (*)(void))loader_eof},
    {OSSL_FUNC_STORE_CLOSE, (void (*)(void))loader_close},
    {0, NULL},
};

static const OSSL_ALGORITHM stores[] = {
    {"pkcs11", "provider=schannel-test-token", loader_functions, "keys in files"},
    {NULL, NULL, NULL, NULL},
};

static const OSSL_ALGORITHM *query(void *provider, int operation, int *no_cache)
{
    (void)provider;
    *no_cache = 0;
    return operation == OSSL_OP_STORE ? stores : NULL;
}

static const OSSL_DISPATCH provider_functions[] = {
    {OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))query},
    {0, NULL},
};

int OSSL_provider_init(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *in,
                       const OSSL_DISPATCH **out, void **provider)
{
    static int context;
    (void)handle;
    (void)in;
    *out = provider_functions;
    *provider = &context;
    return 1;
}
