/* SPDX-License-Identifier: MIT */
/*
 * CryptDecodeObjectEx over every structure type, and CryptStringToBinary over every form. The first
 * byte chooses the type or form, the second one the flags and which of both it is.
 */
#include <winbase.h>
#include <wincrypt.h>

#include "source.h"

static const DWORD encoding = X509_ASN_ENCODING | PKCS_7_ASN_ENCODING;

/* What was decoded encodes, if at all, to something that decodes. */
static void encode_again(LPCSTR type, const void *structure)
{
    BYTE *der = NULL;
    void *again = NULL;
    DWORD n = 0;
    DWORD size = 0;
    if (!CryptEncodeObjectEx(encoding, type, structure, CRYPT_ENCODE_ALLOC_FLAG, NULL, &der, &n)) {
        PROPERTY(der == NULL && GetLastError() != 0);
        return;
    }
    PROPERTY(
        CryptDecodeObjectEx(encoding, type, der, n, CRYPT_DECODE_ALLOC_FLAG, NULL, &again, &size));
    LocalFree(again);
    LocalFree(der);
}

static void decode(LPCSTR type, DWORD flags, const uint8_t *der, DWORD n)
{
    void *structure = NULL;
    DWORD size = 0;
    DWORD room = 0;
    BOOL sized = CryptDecodeObjectEx(encoding, type, der, n, flags, NULL, NULL, &room);
    BOOL done = CryptDecodeObjectEx(encoding, type, der, n, flags | CRYPT_DECODE_ALLOC_FLAG, NULL,
                                    &structure, &size);
    PROPERTY(sized == done);
    if (!done) {
        PROPERTY(structure == NULL && GetLastError() != 0);
        return;
    }
    PROPERTY(size == room && size <= 64 * (DWORD)n + 256);
    encode_again(type, structure);
    LocalFree(structure);
}

static void read_text(DWORD form, const uint8_t *text, DWORD n)
{
    DWORD size = 0;
    DWORD skipped = 0;
    DWORD found = 0;
    if (n == 0 || !CryptStringToBinaryA((LPCSTR)text, n, form, NULL, &size, &skipped, &found))
        return;
    PROPERTY(size <= n && skipped < n && found < 14);
    BYTE *bytes = LocalAlloc(0, size);
    DWORD room = size;
    PROPERTY(CryptStringToBinaryA((LPCSTR)text, n, form, bytes, &room, NULL, NULL));
    PROPERTY(room == size);
    LocalFree(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const DWORD readable_flags[] = {0, CRYPT_STRING_STRICT, CRYPT_STRING_NOCRLF,
                                           CRYPT_STRING_NOCR};
    struct source s = {data, size};
    uint8_t choice = source_u8(&s);
    uint8_t flags = source_u8(&s);
    if ((flags & 0x80) != 0)
        read_text((choice & 0xFu) | readable_flags[flags & 3], s.p, (DWORD)s.n);
    else
        decode((LPCSTR)(uintptr_t)choice, flags & 0xFu, s.p, (DWORD)s.n);
    return 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return 0;
}
