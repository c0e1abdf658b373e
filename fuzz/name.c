/* SPDX-License-Identifier: MIT */
/* Distinguished names: text to DER, DER to text. */
#include <wincrypt.h>
#include <windows.h>

#include "source.h"

static void from_text(const char *text)
{
    BYTE der[4096];
    DWORD n = sizeof der;
    LPCSTR error = NULL;
    if (!CertStrToNameA(X509_ASN_ENCODING, text, CERT_X500_NAME_STR, NULL, der, &n, &error)) {
        PROPERTY(error == NULL || (error >= text && error <= text + strlen(text)));
        return;
    }
    PROPERTY(n <= sizeof der);
    CERT_NAME_BLOB blob = {.cbData = n, .pbData = der};
    char back[8192];
    DWORD len = CertNameToStrA(X509_ASN_ENCODING, &blob, CERT_X500_NAME_STR, back, sizeof back);
    PROPERTY(len >= 1 && len <= sizeof back && back[len - 1] == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const DWORD forms[] = {CERT_SIMPLE_NAME_STR, CERT_OID_NAME_STR, CERT_X500_NAME_STR,
                                  CERT_X500_NAME_STR | CERT_NAME_STR_REVERSE_FLAG};
    char *text = malloc(size + 1);
    memcpy(text, data, size);
    text[size] = 0;
    from_text(text);
    free(text);
    CERT_NAME_BLOB blob = {.cbData = (DWORD)size, .pbData = (BYTE *)(uintptr_t)data};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        char out[256];
        DWORD all = CertNameToStrA(X509_ASN_ENCODING, &blob, forms[i], NULL, 0);
        DWORD n = CertNameToStrA(X509_ASN_ENCODING, &blob, forms[i], out, sizeof out);
        PROPERTY(n >= 1 && n <= sizeof out && out[n - 1] == 0 && n <= all);
    }
    return 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return 0;
}
