/* SPDX-License-Identifier: MIT */
/*
 * CryptDecodeObject and CryptEncodeObject: types, sizes, allocation and last errors over the codec
 * table. Intermediate copies may be private keys, so they are wiped.
 */
#include "crypt32/codec.h"
#include "win/win.h"

enum { ENCODED_MAX = 1 << 28 };

static const struct codec_row *row_of(DWORD encoding, LPCSTR type)
{
    bool is_certificate = (encoding & CERT_ENCODING_TYPE_MASK) == X509_ASN_ENCODING;
    bool is_message = (encoding & CMSG_ENCODING_TYPE_MASK) == PKCS_7_ASN_ENCODING;
    return is_certificate || is_message ? codec_find(type) : NULL;
}

static void *allocate(PFN_CRYPT_ALLOC pfn, size_t n)
{
    void *p = pfn != NULL ? pfn(n) : LocalAlloc(0, n);
    if (p == NULL)
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
    return p;
}

/* ---- decoding ---------------------------------------------------------------------------- */

/* One pass; 0 or the error. Without a block it only counts. */
static DWORD pass(const struct codec_row *row, struct span der, DWORD flags, void *block,
                  size_t *inout_size)
{
    _Alignas(max_align_t) uint8_t root[CODEC_STRUCT_MAX] = {0};
    struct decoder d = {.block = block, .room = *inout_size, .used = row->size, .flags = flags};
    struct rd r = rd_from(der);
    row->read(&d, &r, root);
    if (d.error == 0 && !rd_end(&r))
        d.error = (DWORD)CRYPT_E_ASN1_BADTAG;
    if (d.error == 0 && block != NULL)
        mem_copy(block, root, row->size);
    mem_wipe(root, sizeof root);
    *inout_size = d.used;
    return d.error;
}

/* With CRYPT_DECODE_ALLOC_FLAG, out is where the pointer goes. */
static BOOL decode_allocated(const struct codec_row *row, struct span der, DWORD flags,
                             const CRYPT_DECODE_PARA *para, void *out, DWORD *out_size, size_t size)
{
    bool has_alloc = para != NULL && para->cbSize >= offsetof(CRYPT_DECODE_PARA, pfnFree) &&
                     para->pfnAlloc != NULL;
    void *block = allocate(has_alloc ? para->pfnAlloc : NULL, size);
    if (block == NULL)
        return FALSE;
    DWORD error = pass(row, der, flags, block, &size);
    if (error == 0) {
        *(void **)out = block;
        *out_size = (DWORD)size;
        return TRUE;
    }
    /* Only bytes that change under our hands decode once and not twice. */
    if (!has_alloc)
        LocalFree(block);
    else if (para->cbSize >= sizeof *para && para->pfnFree != NULL)
        para->pfnFree(block);
    return win_fail(error);
}

static BOOL decode(const struct codec_row *row, struct span der, DWORD flags,
                   const CRYPT_DECODE_PARA *para, void *out, DWORD *inout_size)
{
    size_t size = 0;
    DWORD room = *inout_size;
    DWORD error = pass(row, der, flags, NULL, &size);
    if (error != 0)
        return win_fail(error);
    if ((flags & CRYPT_DECODE_ALLOC_FLAG) != 0)
        return decode_allocated(row, der, flags, para, out, inout_size, size);
    *inout_size = (DWORD)size;
    if (out == NULL)
        return TRUE;
    if (room < size)
        return win_fail(ERROR_MORE_DATA);
    error = pass(row, der, flags, out, &size);
    return error == 0 ? TRUE : win_fail(error);
}

BOOL WINAPI CryptDecodeObjectEx(DWORD dwCertEncodingType, LPCSTR lpszStructType,
                                const BYTE *pbEncoded, DWORD cbEncoded, DWORD dwFlags,
                                PCRYPT_DECODE_PARA pDecodePara, void *pvStructInfo,
                                DWORD *pcbStructInfo)
{
    const struct codec_row *row = row_of(dwCertEncodingType, lpszStructType);
    bool is_allocating = (dwFlags & CRYPT_DECODE_ALLOC_FLAG) != 0;
    if (is_allocating && pvStructInfo != NULL)
        *(void **)pvStructInfo = NULL;
    if (row == NULL)
        return win_fail(ERROR_FILE_NOT_FOUND);
    if (pcbStructInfo == NULL || (is_allocating && pvStructInfo == NULL) ||
        (pbEncoded == NULL && cbEncoded != 0))
        return win_fail((DWORD)E_INVALIDARG);
    return decode(row, span_of(pbEncoded, cbEncoded), dwFlags, pDecodePara, pvStructInfo,
                  pcbStructInfo);
}

BOOL WINAPI CryptDecodeObject(DWORD dwCertEncodingType, LPCSTR lpszStructType,
                              const BYTE *pbEncoded, DWORD cbEncoded, DWORD dwFlags,
                              void *pvStructInfo, DWORD *pcbStructInfo)
{
    return CryptDecodeObjectEx(dwCertEncodingType, lpszStructType, pbEncoded, cbEncoded, dwFlags,
                               NULL, pvStructInfo, pcbStructInfo);
}

/* ---- encoding ---------------------------------------------------------------------------- */

static bool is_string_error(DWORD error)
{
    return error == (DWORD)CRYPT_E_INVALID_NUMERIC_STRING ||
           error == (DWORD)CRYPT_E_INVALID_PRINTABLE_STRING ||
           error == (DWORD)CRYPT_E_INVALID_IA5_STRING;
}

/* The whole encoding, or the error; then *out_where tells the wrong character. */
static DWORD encode(const struct codec_row *row, const void *in, DWORD flags, struct buf *out,
                    DWORD *out_where)
{
    struct encoder e = {.flags = flags};
    buf_init(&e.out, ENCODED_MAX);
    row->write(&e, in);
    if (e.error == 0 && buf_check(&e.out) != OK)
        e.error = buf_check(&e.out) == ERR_NO_MEMORY ? ERROR_NOT_ENOUGH_MEMORY
                                                     : (DWORD)CRYPT_E_ASN1_LARGE;
    *out_where = is_string_error(e.error) ? e.where : 0;
    *out = e.out;
    return e.error;
}

static BOOL give_encoded(struct span der, DWORD flags, const CRYPT_ENCODE_PARA *para, void *out,
                         DWORD *inout_size)
{
    DWORD room = *inout_size;
    *inout_size = (DWORD)der.n;
    if ((flags & CRYPT_ENCODE_ALLOC_FLAG) != 0) {
        bool has_alloc = para != NULL && para->cbSize >= offsetof(CRYPT_ENCODE_PARA, pfnFree);
        void *block = allocate(has_alloc ? para->pfnAlloc : NULL, der.n);
        if (block == NULL)
            return FALSE;
        mem_copy(block, der.p, der.n);
        *(void **)out = block;
        return TRUE;
    }
    if (out == NULL)
        return TRUE;
    if (room < der.n)
        return win_fail(ERROR_MORE_DATA);
    mem_copy(out, der.p, der.n);
    return TRUE;
}

BOOL WINAPI CryptEncodeObjectEx(DWORD dwCertEncodingType, LPCSTR lpszStructType,
                                const void *pvStructInfo, DWORD dwFlags,
                                PCRYPT_ENCODE_PARA pEncodePara, void *pvEncoded, DWORD *pcbEncoded)
{
    const struct codec_row *row = row_of(dwCertEncodingType, lpszStructType);
    bool is_allocating = (dwFlags & CRYPT_ENCODE_ALLOC_FLAG) != 0;
    struct buf der;
    DWORD where;
    if (is_allocating && pvEncoded != NULL)
        *(void **)pvEncoded = NULL;
    if (row == NULL || row->write == NULL)
        return win_fail(ERROR_FILE_NOT_FOUND);
    if (pvStructInfo == NULL || pcbEncoded == NULL || (is_allocating && pvEncoded == NULL))
        return win_fail((DWORD)E_INVALIDARG);
    DWORD error = encode(row, pvStructInfo, dwFlags, &der, &where);
    BOOL done = FALSE;
    if (error == 0)
        done = give_encoded(buf_span(&der), dwFlags, pEncodePara, pvEncoded, pcbEncoded);
    else
        *pcbEncoded = where;
    buf_release(&der);
    return error == 0 ? done : win_fail(error);
}

BOOL WINAPI CryptEncodeObject(DWORD dwCertEncodingType, LPCSTR lpszStructType,
                              const void *pvStructInfo, BYTE *pbEncoded, DWORD *pcbEncoded)
{
    return CryptEncodeObjectEx(dwCertEncodingType, lpszStructType, pvStructInfo, 0, NULL, pbEncoded,
                               pcbEncoded);
}
