/* SPDX-License-Identifier: MIT */
/*
 * CryptDecodeObject and CryptEncodeObject over a sample of every type: there and back, sizes, all
 * ways to get the memory, every truncation, trailing bytes, changed bytes, failed allocations; and
 * wrong input to the encoder. What the fields say is in codec_fields.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "crypt32/codec.h"
#include "der_text.h"
#include "win/win.h"

static const DWORD encoding = X509_ASN_ENCODING | PKCS_7_ASN_ENCODING;

#define ATTRIBUTE(value) "31(30(0603550403 " value "))"
#define NAME             "30(31(30(0603550406 1302 4445)) 31(30(0603550403 0c02 4f4b)))"
#define ALGORITHM        "30(06(2a8648ce3d040302))"
#define RSA_NULL         "30(06(2a864886f70d010101) 0500)"
#define KEY              "30(" ALGORITHM "03(00 deadbeef))"
#define UTC_2049         "17(3439313233313233353935395a)"
#define UTC_1950         "17(3530303130313030303030305a)"
#define TIME_2050        "18(32303530303130313030303030305a)"
#define KEY_USAGE_OID    "0603551d0f"

/* One of each type, in the form that encoding gives. */
static const struct sample {
    const char *name;
    LPCSTR type;
    const char *text;
} samples[] = {
    {"signed", X509_CERT, "30(30(0403010203)" ALGORITHM "03(00 0102))"},
    {"certificate", X509_CERT_TO_BE_SIGNED,
     "30(a0(020102) 02(00f7)" ALGORITHM NAME "30(" UTC_2049 TIME_2050 ")" NAME KEY
     "81(0601c0) 82(00aa) a3(30(30(0603551d13 0101ff 0402 3000) 30(" KEY_USAGE_OID
     "0101ff 04(03020780)))))"},
    {"certificate, version 1", X509_CERT_TO_BE_SIGNED,
     "30(020101" ALGORITHM NAME "30(" UTC_1950 UTC_2049 ")" NAME KEY ")"},
    {"list", X509_CERT_CRL_TO_BE_SIGNED,
     "30(020101" ALGORITHM NAME UTC_1950 UTC_2049 "30(30(020101" UTC_1950 ")30(02(00ff)" UTC_1950
     "30(30(0603551d15 04(0a0101))))) a0(30(30(0603551d14 04(020102)))))"},
    {"list, version 1", X509_CERT_CRL_TO_BE_SIGNED, "30(" ALGORITHM NAME UTC_1950 ")"},
    {"request", X509_CERT_REQUEST_TO_BE_SIGNED,
     "30(020100" NAME KEY "a0(30(06(2a864886f70d01090e) 31(30(30(" KEY_USAGE_OID
     "04(03020780)))))))"},
    {"extensions", X509_EXTENSIONS,
     "30(30(0603551d0e 04(0102)) 30(0603551d13 0101ff 04(01020304)))"},
    {"no extensions", X509_EXTENSIONS, "30()"},
    {"value", X509_NAME_VALUE, "0c(c3a461)"},
    {"name", X509_NAME, NAME},
    {"empty name", X509_NAME, "30()"},
    {"name of every string type", X509_NAME,
     "30(" ATTRIBUTE("0402 0102") ATTRIBUTE("1202 3120") ATTRIBUTE("1302 4142")
         ATTRIBUTE("1402 41e4") ATTRIBUTE("1502 4142") ATTRIBUTE("1602 4142") ATTRIBUTE("1902 4142")
             ATTRIBUTE("1a02 4142") ATTRIBUTE("1b02 4142") ATTRIBUTE("1c04 00000041")
                 ATTRIBUTE("1e02 00e4") ATTRIBUTE("0c04 f09f9880")
                     ATTRIBUTE("0500") "31(30(0603550403 0c0142) 30(0603550404 0c0141)))"},
    {"public key", X509_PUBLIC_KEY_INFO, KEY},
    {"key identifier", X509_AUTHORITY_KEY_ID, "30(80(0102) a1(a4(" NAME ")) 82(00ff))"},
    {"alternative names", X509_ALTERNATE_NAME,
     "30(a0(06032a0304 a0(16(616263646566))) 81(614062) 82(612e622e63) a4(" NAME
     ") 86(687474703a2f2f61) 87(7f000001) 87(00000000000000000000000000000001) 88(2a0304))"},
    {"key usage", X509_KEY_USAGE, "03(05a0)"},
    {"key usage of two bytes", X509_KEY_USAGE, "03(070080)"},
    {"no key usage", X509_KEY_USAGE, "03(00)"},
    {"basic constraints", X509_BASIC_CONSTRAINTS2, "30(0101ff 020103)"},
    {"no constraints", X509_BASIC_CONSTRAINTS2, "30()"},
    {"policies", X509_CERT_POLICIES,
     "30(30(0604551d2000) 30(06032a0304 30(30(06(2b06010505070201) 16(687474703a61)))))"},
    {"UTC time", PKCS_UTC_TIME, UTC_1950},
    {"RSA key of CryptoAPI", RSA_CSP_PUBLICKEYBLOB, "30(02(00f102030405060709) 02(010001))"},
    {"name, Unicode", X509_UNICODE_NAME, NAME},
    {"attribute", PKCS_ATTRIBUTE, "30(06032a0304 31(020101 020102 0500))"},
    {"value, Unicode", X509_UNICODE_NAME_VALUE, "1e(00e40061)"},
    {"octets", X509_OCTET_STRING, "04(010203)"},
    {"no octets", X509_OCTET_STRING, "04()"},
    {"bits", X509_BITS, "03(06abc0)"},
    {"integer", X509_INTEGER, "02(80000000)"},
    {"small integer", X509_INTEGER, "02(ff)"},
    {"long integer", X509_MULTI_BYTE_INTEGER, "02(00ff02030405060708)"},
    {"negative long integer", X509_MULTI_BYTE_INTEGER, "02(ff7f01)"},
    {"enumerated", X509_ENUMERATED, "0a(01)"},
    {"time", X509_CHOICE_OF_TIME, "18(31363031303130313030303030305a)"},
    {"time of this century", X509_CHOICE_OF_TIME, "17(3234303232393132333435365a)"},
    {"key identifier 2", X509_AUTHORITY_KEY_ID2, "30(80(0102) a1(82(612e62)) 82(7f))"},
    {"information access", X509_AUTHORITY_INFO_ACCESS,
     "30(30(06(2b06010505073001) 86(687474703a61)))"},
    {"sequence", X509_SEQUENCE_OF_ANY, "30(020101 0500 04(ff))"},
    {"distribution points", X509_CRL_DIST_POINTS,
     "30(30(a0(a0(86(687474703a2f2f61))) 81(0560) a2(87())) 30(a2(82(61626364))))"},
    {"usages", X509_ENHANCED_KEY_USAGE,
     "30(06(2b06010505070301) 06(6983a5d6c1c3e3d4b9b7d6e5cfb0a98e97d4a36b))"},
    {"unsigned", X509_MULTI_BYTE_UINT, "02(00ff)"},
    {"RSA private key", PKCS_RSA_PRIVATE_KEY,
     "30(020100 02(00f1020304) 02(010001) 02(7a020304) 02(00f101) 02(00e101) 02(3001) 02(2001)"
     "02(1001))"},
    {"PKCS#8", PKCS_PRIVATE_KEY_INFO, "30(020100" RSA_NULL "04(01020304))"},
    {"PKCS#8 with attributes", PKCS_PRIVATE_KEY_INFO,
     "30(020100" RSA_NULL "04(01020304) a0(30(06032a0304 31(020101))))"},
    {"encrypted PKCS#8", PKCS_ENCRYPTED_PRIVATE_KEY_INFO, "30(" RSA_NULL "04(01020304))"},
    {"ECDSA signature", X509_ECC_SIGNATURE, "30(02(00ff) 02(0102))"},
    {"attributes", PKCS_ATTRIBUTES, "31(30(06032a0304 31(020101)))"},
    {"bits without zeroes", X509_BITS_WITHOUT_TRAILING_ZEROES, "03(0780)"},
    {"name constraints", X509_NAME_CONSTRAINTS,
     "30(a0(30(82(612e) 8001 01 8101 05)) a1(30(87(0a000000ff000000) 8101 00)))"},
    {"policy mappings", X509_POLICY_MAPPINGS, "30(30(06032a0304 06032a0305))"},
    {"policy constraints", X509_POLICY_CONSTRAINTS, "30(8001 01 8101 02)"},
    {"RSA key of CNG", CNG_RSA_PUBLIC_KEY_BLOB, "30(02(00f102030405060709) 02(010001))"},
    {"object identifier", X509_OBJECT_IDENTIFIER, "06(883703)"},
    {"algorithm", X509_ALGORITHM_IDENTIFIER, ALGORITHM},
    {"EC private key", X509_ECC_PRIVATE_KEY,
     "30(020101 04(0102) a0(06(2a8648ce3d030107)) a1(03(00040506)))"},
};

static struct span der_of(const struct sample *sample, uint8_t room[DER_TEXT_MAX])
{
    return span_of(room, der_from_text(sample->text, room));
}

static bool is_asn_error(DWORD error)
{
    return error == (DWORD)CRYPT_E_ASN1_EOD || error == (DWORD)CRYPT_E_ASN1_BADTAG ||
           error == (DWORD)CRYPT_E_ASN1_CORRUPT || error == (DWORD)CRYPT_E_ASN1_LARGE ||
           error == (DWORD)CRYPT_E_ASN1_UTF8 || error == (DWORD)CRYPT_E_ASN1_CHOICE ||
           error == (DWORD)CRYPT_E_INVALID_IA5_STRING || error == (DWORD)CRYPT_E_BAD_ENCODE;
}

static void *decoded(LPCSTR type, struct span der, DWORD flags, DWORD *out_size)
{
    void *structure = NULL;
    SetLastError(0);
    BOOL done = CryptDecodeObjectEx(encoding, type, der.p, (DWORD)der.n,
                                    flags | CRYPT_DECODE_ALLOC_FLAG, NULL, &structure, out_size);
    assert_int_equal(done, structure != NULL);
    return structure;
}

/* Whether a structure encodes to these bytes. */
static bool encodes_to(LPCSTR type, const void *structure, struct span der)
{
    BYTE *out = NULL;
    DWORD n = 0;
    SetLastError(0);
    if (!CryptEncodeObjectEx(encoding, type, structure, CRYPT_ENCODE_ALLOC_FLAG, NULL, &out, &n)) {
        print_message("encoding fails with 0x%x\n", GetLastError());
        return false;
    }
    bool same = span_equal(span_of(out, n), der);
    for (DWORD i = 0; !same && i < n; i++)
        print_message("%02x", out[i]);
    LocalFree(out);
    return same;
}

static bool comes_back(const struct sample *sample, DWORD flags)
{
    uint8_t room[DER_TEXT_MAX];
    struct span der = der_of(sample, room);
    DWORD size;
    void *structure = decoded(sample->type, der, flags, &size);
    if (structure == NULL) {
        print_message("%s: decoding fails with 0x%x\n", sample->name, GetLastError());
        return false;
    }
    bool same = encodes_to(sample->type, structure, der);
    if (!same)
        print_message(" for %s\n", sample->name);
    LocalFree(structure);
    return same;
}

static void there_and_back(void **state)
{
    (void)state;
    static const DWORD flags[] = {0, CRYPT_DECODE_NOCOPY_FLAG, CRYPT_DECODE_SHARE_OID_STRING_FLAG,
                                  CRYPT_DECODE_NOCOPY_FLAG | CRYPT_DECODE_SHARE_OID_STRING_FLAG};
    int64_t live = mem_live();
    for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
        for (size_t j = 0; j < ARRAY_LEN(flags); j++)
            assert_true(comes_back(&samples[i], flags[j]));
    }
    assert_int_equal(mem_live(), live);
}

/* Every type of the table has a sample, but the one that is only for reading. */
static void every_type_has_a_sample(void **state)
{
    (void)state;
    for (uintptr_t number = 0; number < 600; number++) {
        const struct codec_row *row = codec_find((LPCSTR)number);
        bool has_sample = row == NULL || row->write == NULL;
        for (size_t i = 0; i < ARRAY_LEN(samples); i++)
            has_sample = has_sample || samples[i].type == (LPCSTR)number;
        assert_true(has_sample);
    }
}

/* ---- sizes and memory ------------------------------------------------------------------ */

static void sizes_of_structures(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
        uint8_t room[DER_TEXT_MAX];
        struct span der = der_of(&samples[i], room);
        DWORD size = 0;
        assert_true(CryptDecodeObjectEx(encoding, samples[i].type, der.p, (DWORD)der.n, 0, NULL,
                                        NULL, &size));
        assert_true(size != 0);
        uint8_t *block = mem_alloc(size + 1);
        block[size] = 0xA5;
        DWORD got = size - 1;
        assert_false(
            CryptDecodeObject(encoding, samples[i].type, der.p, (DWORD)der.n, 0, block, &got));
        assert_int_equal(GetLastError(), ERROR_MORE_DATA);
        assert_int_equal(got, size);
        assert_int_equal(block[0], 0);
        assert_true(
            CryptDecodeObject(encoding, samples[i].type, der.p, (DWORD)der.n, 0, block, &got));
        assert_int_equal(got, size);
        assert_int_equal(block[size], 0xA5);
        assert_true(encodes_to(samples[i].type, block, der));
        mem_free(block);
    }
}

/* A block that lies anywhere, as those of byte arrays on the stack do. */
static void unaligned_blocks(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
        uint8_t room[DER_TEXT_MAX];
        uint8_t block[8 * DER_TEXT_MAX + 8];
        struct span der = der_of(&samples[i], room);
        DWORD size = sizeof block - 1;
        assert_true(
            CryptDecodeObject(encoding, samples[i].type, der.p, (DWORD)der.n, 0, block + 1, &size));
    }
}

static unsigned allocations;
static bool refuses;

static LPVOID WINAPI count_alloc(size_t n)
{
    allocations++;
    return refuses ? NULL : mem_alloc(n);
}

static VOID WINAPI count_free(LPVOID p)
{
    mem_free(p);
}

static void own_allocator(void **state)
{
    (void)state;
    CRYPT_DECODE_PARA decode = {sizeof decode, count_alloc, count_free};
    CRYPT_ENCODE_PARA encode = {sizeof encode, count_alloc, count_free};
    static const uint8_t der[] = {0x04, 0x01, 0x7F};
    CRYPT_DATA_BLOB *blob = NULL;
    BYTE *out = NULL;
    DWORD n = 0;
    assert_true(CryptDecodeObjectEx(encoding, X509_OCTET_STRING, der, sizeof der,
                                    CRYPT_DECODE_ALLOC_FLAG, &decode, &blob, &n));
    assert_true(CryptEncodeObjectEx(encoding, X509_OCTET_STRING, blob, CRYPT_ENCODE_ALLOC_FLAG,
                                    &encode, &out, &n));
    assert_int_equal(allocations, 2);
    assert_memory_equal(out, der, sizeof der);
    mem_free(blob);
    mem_free(out);
    decode.cbSize = sizeof(DWORD); /* no allocator in there */
    assert_true(CryptDecodeObjectEx(encoding, X509_OCTET_STRING, der, sizeof der,
                                    CRYPT_DECODE_ALLOC_FLAG, &decode, &blob, &n));
    assert_int_equal(allocations, 2);
    decode.cbSize = sizeof decode;
    refuses = true;
    CRYPT_DATA_BLOB *none = (void *)&n;
    assert_false(CryptDecodeObjectEx(encoding, X509_OCTET_STRING, der, sizeof der,
                                     CRYPT_DECODE_ALLOC_FLAG, &decode, &none, &n));
    assert_int_equal(GetLastError(), ERROR_NOT_ENOUGH_MEMORY);
    assert_null(none);
    assert_false(CryptEncodeObjectEx(encoding, X509_OCTET_STRING, blob, CRYPT_ENCODE_ALLOC_FLAG,
                                     &encode, &out, &n));
    assert_int_equal(GetLastError(), ERROR_NOT_ENOUGH_MEMORY);
    assert_null(out);
    refuses = false;
    LocalFree(blob);
}

/* Copied bytes lie in the block, others in the input. */
static void copies(void **state)
{
    (void)state;
    static const uint8_t der[] = {0x04, 0x03, 1, 2, 3};
    CRYPT_DATA_BLOB blob;
    DWORD n = sizeof blob;
    assert_true(CryptDecodeObject(encoding, X509_OCTET_STRING, der, sizeof der,
                                  CRYPT_DECODE_NOCOPY_FLAG, &blob, &n));
    assert_int_equal(n, sizeof blob);
    assert_ptr_equal(blob.pbData, der + 2);
    assert_true(CryptDecodeObject(encoding, X509_OCTET_STRING, der, sizeof der, 0, NULL, &n));
    assert_int_equal(n, sizeof blob + 3);
}

static void sizes_of_encodings(void **state)
{
    (void)state;
    CRYPT_DATA_BLOB blob = {3, (BYTE *)"abc"};
    BYTE out[8] = {0};
    DWORD n = 0;
    assert_true(CryptEncodeObject(encoding, X509_OCTET_STRING, &blob, NULL, &n));
    assert_int_equal(n, 5);
    n = 4;
    assert_false(CryptEncodeObject(encoding, X509_OCTET_STRING, &blob, out, &n));
    assert_int_equal(GetLastError(), ERROR_MORE_DATA);
    assert_int_equal(n, 5);
    assert_int_equal(out[0], 0);
    assert_true(CryptEncodeObject(encoding, X509_OCTET_STRING, &blob, out, &n));
    assert_memory_equal(out,
                        "\x04\x03"
                        "abc",
                        5);
}

/* Lengths of one to four bytes. */
static void lengths(void **state)
{
    (void)state;
    static const DWORD sizes[] = {0,     1,      0x7F,    0x80,     0xFF,
                                  0x100, 0xFFFF, 0x10000, 0xFFFFFF, 0x1000000};
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        CRYPT_DATA_BLOB in = {sizes[i], mem_alloc(sizes[i])};
        CRYPT_DATA_BLOB *back = NULL;
        BYTE *der = NULL;
        DWORD n;
        assert_true(CryptEncodeObjectEx(encoding, X509_OCTET_STRING, &in, CRYPT_ENCODE_ALLOC_FLAG,
                                        NULL, &der, &n));
        assert_true(CryptDecodeObjectEx(encoding, X509_OCTET_STRING, der, n,
                                        CRYPT_DECODE_ALLOC_FLAG, NULL, &back, &n));
        assert_int_equal(back->cbData, sizes[i]);
        LocalFree(back);
        LocalFree(der);
        mem_free(in.pbData);
    }
}

/* ---- bad input ------------------------------------------------------------------------- */

/* FALSE with an error of the kind, nothing given and nothing left. */
static bool refuses_bytes(LPCSTR type, struct span der)
{
    int64_t live = mem_live();
    DWORD size = 0;
    void *structure = decoded(type, der, 0, &size);
    bool refused = structure == NULL && is_asn_error(GetLastError());
    if (!refused)
        print_message("%zu bytes: 0x%x\n", der.n, GetLastError());
    LocalFree(structure);
    return refused && mem_live() == live;
}

static void truncations(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
        uint8_t room[DER_TEXT_MAX];
        struct span der = der_of(&samples[i], room);
        DWORD size;
        assert_null(decoded(samples[i].type, span_empty(), 0, &size));
        assert_int_equal(GetLastError(), (DWORD)CRYPT_E_ASN1_EOD);
        for (size_t n = 0; n < der.n; n++) {
            uint8_t *exact = mem_dup(der.p, n); /* so that a sanitizer sees one byte too far */
            assert_true(refuses_bytes(samples[i].type, span_of(exact, n)));
            mem_free(exact);
        }
    }
}

static void trailing_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
        uint8_t room[DER_TEXT_MAX];
        struct span der = der_of(&samples[i], room);
        DWORD size;
        room[der.n] = 0;
        assert_null(decoded(samples[i].type, span_of(der.p, der.n + 1), 0, &size));
        assert_int_equal(GetLastError(), (DWORD)CRYPT_E_ASN1_BADTAG);
    }
}

static const struct flaw {
    const char *name;
    LPCSTR type;
    const char *hex;
    LONG error;
} flaws[] = {
    {"another tag", X509_OCTET_STRING, "020101", CRYPT_E_ASN1_BADTAG},
    {"indefinite length", X509_NAME, "30800000", CRYPT_E_ASN1_CORRUPT},
    {"long form without need", X509_OCTET_STRING, "04810101", CRYPT_E_ASN1_CORRUPT},
    {"leading zero in a length", X509_OCTET_STRING, "0482000101", CRYPT_E_ASN1_CORRUPT},
    {"length of five bytes", X509_OCTET_STRING, "0485000000000101", CRYPT_E_ASN1_CORRUPT},
    {"huge length", X509_OCTET_STRING, "0484ffffffff", CRYPT_E_ASN1_EOD},
    {"high tag number", X509_SEQUENCE_OF_ANY, "30031f0100", CRYPT_E_ASN1_CORRUPT},
    {"no integer", X509_INTEGER, "0200", CRYPT_E_ASN1_CORRUPT},
    {"padded integer", X509_INTEGER, "02020001", CRYPT_E_ASN1_CORRUPT},
    {"padded negative integer", X509_INTEGER, "0202ffff", CRYPT_E_ASN1_CORRUPT},
    {"integer of 33 bits", X509_INTEGER, "02050100000000", CRYPT_E_ASN1_LARGE},
    {"negative unsigned", X509_MULTI_BYTE_UINT, "0201ff", CRYPT_E_ASN1_CORRUPT},
    {"negative path length", X509_BASIC_CONSTRAINTS2, "30060101ff0201ff", CRYPT_E_ASN1_CORRUPT},
    {"boolean of two bytes", X509_BASIC_CONSTRAINTS2, "30040102ffff", CRYPT_E_ASN1_CORRUPT},
    {"bits without a first byte", X509_BITS, "0300", CRYPT_E_ASN1_CORRUPT},
    {"eight unused bits", X509_BITS, "030208ff", CRYPT_E_ASN1_CORRUPT},
    {"unused bits of nothing", X509_BITS, "030101", CRYPT_E_ASN1_CORRUPT},
    {"unused bits that are set", X509_BITS, "03020401", CRYPT_E_ASN1_CORRUPT},
    {"empty object identifier", X509_OBJECT_IDENTIFIER, "0600", CRYPT_E_ASN1_CORRUPT},
    {"padded arc", X509_OBJECT_IDENTIFIER, "0603558003", CRYPT_E_ASN1_CORRUPT},
    {"arc without an end", X509_OBJECT_IDENTIFIER, "06025583", CRYPT_E_ASN1_CORRUPT},
    {"arc of 133 bits", X509_OBJECT_IDENTIFIER, "06(55ffffffffffffffffffffffffffffffffffffffff7f)",
     CRYPT_E_ASN1_CORRUPT},
    {"time of letters", X509_CHOICE_OF_TIME, "17(3939313233313233353935785a)",
     CRYPT_E_ASN1_CORRUPT},
    {"month 13", X509_CHOICE_OF_TIME, "170d3939313333313233353935395a", CRYPT_E_ASN1_CORRUPT},
    {"30 February", X509_CHOICE_OF_TIME, "170d3234303233303030303030305a", CRYPT_E_ASN1_CORRUPT},
    {"29 February 2100", X509_CHOICE_OF_TIME, "180f32313030303232393030303030305a",
     CRYPT_E_ASN1_CORRUPT},
    {"second 60", X509_CHOICE_OF_TIME, "170d3939313233313233353936305a", CRYPT_E_ASN1_CORRUPT},
    {"before 1601", X509_CHOICE_OF_TIME, "180f31363030313233313233353935395a",
     CRYPT_E_ASN1_CORRUPT},
    {"no zone", X509_CHOICE_OF_TIME, "170c393931323331323335393539", CRYPT_E_ASN1_CORRUPT},
    {"generalized as UTC", PKCS_UTC_TIME, "180f32303939313233313233353935395a",
     CRYPT_E_ASN1_BADTAG},
    {"UTF-8 overlong", X509_NAME_VALUE, "0c02c080", CRYPT_E_ASN1_UTF8},
    {"UTF-8 surrogate", X509_NAME_VALUE, "0c03eda080", CRYPT_E_ASN1_UTF8},
    {"UTF-8 cut off", X509_NAME_VALUE, "0c02e282", CRYPT_E_ASN1_UTF8},
    {"UTF-8 above Unicode", X509_NAME_VALUE, "0c04f4908080", CRYPT_E_ASN1_UTF8},
    {"BMP of one byte", X509_UNICODE_NAME_VALUE, "1e0141", CRYPT_E_ASN1_CORRUPT},
    {"universal of two bytes", X509_NAME_VALUE, "1c020041", CRYPT_E_ASN1_CORRUPT},
    {"universal above Unicode", X509_NAME_VALUE, "1c0400110000", CRYPT_E_ASN1_CORRUPT},
    {"NUL in a host name", X509_ALTERNATE_NAME, "30058203610062", CRYPT_E_INVALID_IA5_STRING},
    {"umlaut in a host name", X509_ALTERNATE_NAME, "30038201e4", CRYPT_E_INVALID_IA5_STRING},
    {"choice 9", X509_ALTERNATE_NAME, "30028900", CRYPT_E_ASN1_BADTAG},
    {"directory name without a name", X509_ALTERNATE_NAME, "3005a403020101", CRYPT_E_ASN1_BADTAG},
    {"two names in one", X509_ALTERNATE_NAME, "3006a40430003000", CRYPT_E_ASN1_CORRUPT},
    {"host as issuer", X509_AUTHORITY_KEY_ID, "3005a103820161", CRYPT_E_ASN1_CHOICE},
    {"excess in a constraint", X509_BASIC_CONSTRAINTS2, "30080101ff0201030500",
     CRYPT_E_ASN1_CORRUPT},
    {"key of three primes", PKCS_RSA_PRIVATE_KEY,
     "30(020101 020103 020103 020103 020103 020103 020103 020103 020103)", CRYPT_E_ASN1_CORRUPT},
    {"exponent of 33 bits", RSA_CSP_PUBLICKEYBLOB, "300a 020103 02050100000001",
     CRYPT_E_ASN1_LARGE},
    {"prime longer than half", PKCS_RSA_PRIVATE_KEY,
     "30(020100 02(7103) 020103 020103 02(010001) 020103 020103 020103 020103)",
     CRYPT_E_BAD_ENCODE},
};

static bool fails_with(const struct flaw *flaw)
{
    uint8_t room[DER_TEXT_MAX];
    size_t n = der_from_text(flaw->hex, room);
    int64_t live = mem_live();
    DWORD size;
    void *structure = decoded(flaw->type, span_of(room, n), 0, &size);
    bool same = structure == NULL && GetLastError() == (DWORD)flaw->error;
    if (!same)
        print_message("%s: 0x%x\n", flaw->name, GetLastError());
    LocalFree(structure);
    return same && mem_live() == live;
}

static void every_flaw(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(flaws); i++)
        assert_true(fails_with(&flaws[i]));
}

static void wrong_arguments(void **state)
{
    (void)state;
    static const uint8_t der[] = {0x04, 0x00};
    CRYPT_DATA_BLOB blob = {0};
    void *out = NULL;
    DWORD n = sizeof blob;
    static const LPCSTR unknown[] = {NULL, (LPCSTR)600, (LPCSTR)0xFFFF, "1.2.3", ""};
    for (size_t i = 0; i < ARRAY_LEN(unknown); i++) {
        assert_false(CryptDecodeObject(encoding, unknown[i], der, 2, 0, &blob, &n));
        assert_int_equal(GetLastError(), ERROR_FILE_NOT_FOUND);
        assert_false(CryptEncodeObject(encoding, unknown[i], &blob, NULL, &n));
        assert_int_equal(GetLastError(), ERROR_FILE_NOT_FOUND);
    }
    assert_false(CryptDecodeObject(0, X509_OCTET_STRING, der, 2, 0, &blob, &n));
    assert_int_equal(GetLastError(), ERROR_FILE_NOT_FOUND);
    assert_true(CryptDecodeObject(PKCS_7_ASN_ENCODING, X509_OCTET_STRING, der, 2, 0, &blob, &n));
    assert_false(CryptDecodeObject(encoding, X509_OCTET_STRING, NULL, 2, 0, &blob, &n));
    assert_int_equal(GetLastError(), (DWORD)E_INVALIDARG);
    assert_false(CryptDecodeObject(encoding, X509_OCTET_STRING, der, 2, 0, &blob, NULL));
    assert_int_equal(GetLastError(), (DWORD)E_INVALIDARG);
    assert_false(CryptDecodeObjectEx(encoding, X509_OCTET_STRING, der, 2, CRYPT_DECODE_ALLOC_FLAG,
                                     NULL, NULL, &n));
    assert_int_equal(GetLastError(), (DWORD)E_INVALIDARG);
    assert_false(CryptEncodeObject(encoding, X509_OCTET_STRING, NULL, NULL, &n));
    assert_int_equal(GetLastError(), (DWORD)E_INVALIDARG);
    assert_false(CryptEncodeObject(encoding, X509_OCTET_STRING, &blob, NULL, NULL));
    assert_int_equal(GetLastError(), (DWORD)E_INVALIDARG);
    assert_false(CryptEncodeObject(encoding, CNG_RSA_PRIVATE_KEY_BLOB, &blob, NULL, &n));
    assert_int_equal(GetLastError(), ERROR_FILE_NOT_FOUND);
    out = &n;
    assert_false(
        CryptDecodeObjectEx(encoding, "1.2.3", der, 2, CRYPT_DECODE_ALLOC_FLAG, NULL, &out, &n));
    assert_null(out);
}

static uint32_t seed = 20240502;

static uint32_t dice(void)
{
    seed = seed * 1664525 + 1013904223;
    return seed >> 8;
}

/* What still decodes after a change encodes again, to something that decodes. */
static void settle(LPCSTR type, struct span der)
{
    DWORD size;
    DWORD n = 0;
    BYTE *again = NULL;
    void *structure = decoded(type, der, dice() & 15, &size);
    if (structure == NULL) {
        assert_true(is_asn_error(GetLastError()));
        return;
    }
    if (CryptEncodeObjectEx(encoding, type, structure, CRYPT_ENCODE_ALLOC_FLAG, NULL, &again, &n)) {
        void *second = decoded(type, span_of(again, n), 0, &size);
        assert_non_null(second);
        LocalFree(second);
    }
    LocalFree(again);
    LocalFree(structure);
}

static void changed_bytes(void **state)
{
    (void)state;
    int64_t live = mem_live();
    for (unsigned round = 0; round < 60000; round++) {
        const struct sample *sample = &samples[dice() % ARRAY_LEN(samples)];
        uint8_t room[DER_TEXT_MAX];
        size_t n = der_from_text(sample->text, room);
        for (unsigned changes = 1 + dice() % 3; changes != 0; changes--)
            room[dice() % n] = (uint8_t)dice();
        uint8_t *exact = mem_dup(room, n);
        LPCSTR type = dice() % 8 != 0 ? sample->type : samples[dice() % ARRAY_LEN(samples)].type;
        settle(type, span_of(exact, n));
        mem_free(exact);
    }
    assert_int_equal(mem_live(), live);
}

static void failed_allocations(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
        uint8_t room[DER_TEXT_MAX];
        struct span der = der_of(&samples[i], room);
        DWORD size;
        void *structure = decoded(samples[i].type, der, 0, &size);
        int64_t live = mem_live();
        mem_fail_at(1, true);
        assert_null(decoded(samples[i].type, der, 0, &size));
        mem_fail_at(0, false);
        assert_int_equal(GetLastError(), ERROR_NOT_ENOUGH_MEMORY);
        BOOL done = FALSE;
        for (uint64_t at = 1; !done; at++) {
            BYTE *out = NULL;
            assert_true(at < 100);
            mem_fail_at(at, false);
            done = CryptEncodeObjectEx(encoding, samples[i].type, structure,
                                       CRYPT_ENCODE_ALLOC_FLAG, NULL, &out, &size);
            mem_fail_at(0, false);
            assert_true(done || GetLastError() == ERROR_NOT_ENOUGH_MEMORY);
            LocalFree(out);
            assert_int_equal(mem_live(), live);
        }
        LocalFree(structure);
    }
}

/* The judges notice samples and flaws that are none. */
static void positive_control(void **state)
{
    (void)state;
    print_message("five planted rows:\n");
    assert_false(comes_back(&(struct sample){"cut off", X509_INTEGER, "0202ff"}, 0));
    assert_false(comes_back(&(struct sample){"default", X509_BASIC_CONSTRAINTS2, "3003010100"}, 0));
    assert_false(fails_with(&(struct flaw){"good", X509_INTEGER, "020101", CRYPT_E_ASN1_CORRUPT}));
    assert_false(fails_with(&(struct flaw){"other", X509_INTEGER, "0200", CRYPT_E_ASN1_EOD}));
    assert_false(refuses_bytes(X509_INTEGER, span_of("\x02\x01\x01", 3)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_and_back),      cmocka_unit_test(every_type_has_a_sample),
        cmocka_unit_test(sizes_of_structures), cmocka_unit_test(unaligned_blocks),
        cmocka_unit_test(own_allocator),       cmocka_unit_test(copies),
        cmocka_unit_test(sizes_of_encodings),  cmocka_unit_test(lengths),
        cmocka_unit_test(truncations),         cmocka_unit_test(trailing_bytes),
        cmocka_unit_test(every_flaw),          cmocka_unit_test(wrong_arguments),
        cmocka_unit_test(changed_bytes),       cmocka_unit_test(failed_allocations),
        cmocka_unit_test(positive_control),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
