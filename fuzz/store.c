/* SPDX-License-Identifier: MIT */
/*
 * Stores out of bytes. The first byte chooses the form; what opens is enumerated, and what can be
 * written reads again as the same number of entries.
 */
#include <winbase.h>
#include <wincrypt.h>

#include "source.h"

static const LPCSTR providers[] = {CERT_STORE_PROV_SERIALIZED, CERT_STORE_PROV_PKCS7};
enum { FORM_COUNT = 3, FORM_ELEMENT = 2 };

static unsigned count(HCERTSTORE store)
{
    unsigned n = 0;
    for (PCCERT_CONTEXT c = NULL; (c = CertEnumCertificatesInStore(store, c)) != NULL;) {
        DWORD size = 0;
        PROPERTY(c->hCertStore == store);
        for (DWORD id = 0; (id = CertEnumCertificateContextProperties(c, id)) != 0;)
            (void)CertGetCertificateContextProperty(c, id, NULL, &size);
        n++;
    }
    for (PCCRL_CONTEXT c = NULL; (c = CertEnumCRLsInStore(store, c)) != NULL;)
        n++;
    return n;
}

static void write_again(HCERTSTORE store, DWORD form, LPCSTR provider)
{
    CERT_BLOB blob = {0};
    PROPERTY(CertSaveStore(store, 0, form, CERT_STORE_SAVE_TO_MEMORY, &blob, 0));
    blob.pbData = malloc(blob.cbData);
    PROPERTY(blob.pbData != NULL);
    PROPERTY(CertSaveStore(store, 0, form, CERT_STORE_SAVE_TO_MEMORY, &blob, 0));
    HCERTSTORE again = CertOpenStore(provider, 0, 0, CERT_STORE_ENUM_ARCHIVED_FLAG, &blob);
    PROPERTY(again != NULL && count(again) == count(store));
    PROPERTY(CertCloseStore(again, CERT_CLOSE_STORE_CHECK_FLAG));
    free(blob.pbData);
}

static void read_store(LPCSTR provider, const uint8_t *data, size_t size)
{
    CRYPT_DATA_BLOB blob = {.cbData = (DWORD)size, .pbData = (BYTE *)(uintptr_t)data};
    SetLastError(0);
    HCERTSTORE store = CertOpenStore(provider, 0, 0, CERT_STORE_ENUM_ARCHIVED_FLAG, &blob);
    if (store == NULL) {
        PROPERTY(GetLastError() != 0);
        return;
    }
    write_again(store, CERT_STORE_SAVE_AS_STORE, CERT_STORE_PROV_SERIALIZED);
    PROPERTY(CertCloseStore(store, CERT_CLOSE_STORE_CHECK_FLAG));
}

static void read_element(const uint8_t *data, size_t size)
{
    HCERTSTORE store =
        CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, CERT_STORE_ENUM_ARCHIVED_FLAG, NULL);
    SetLastError(0);
    BOOL added = CertAddSerializedElementToStore(store, data, (DWORD)size, CERT_STORE_ADD_NEW, 0,
                                                 CERT_STORE_ALL_CONTEXT_FLAG, NULL, NULL);
    PROPERTY(added || GetLastError() != 0);
    PROPERTY(count(store) == (added ? 1 : 0));
    if (added)
        write_again(store, CERT_STORE_SAVE_AS_STORE, CERT_STORE_PROV_SERIALIZED);
    PROPERTY(CertCloseStore(store, CERT_CLOSE_STORE_CHECK_FLAG));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    unsigned form = data[0] % FORM_COUNT;
    if (form == FORM_ELEMENT)
        read_element(data + 1, size - 1);
    else
        read_store(providers[form], data + 1, size - 1);
    return 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return 0;
}
