/* SPDX-License-Identifier: MIT */
/*
 * Key exchange: both sides agree for every group; shares of a wrong length or form, off the curve
 * or of small order are refused; and after each refusal a good share gives its own secret, not an
 * older one.
 */
#include "support.h"

static const uint16_t ids[] = {GROUP_SECP256R1, GROUP_SECP384R1, GROUP_SECP521R1, GROUP_X25519};

static void derive_equal(const struct kex *a, const struct kex *b, struct secret *out)
{
    struct secret other;
    EXPECT(OK, kex_derive(a, kex_public(b), out));
    EXPECT(OK, kex_derive(b, kex_public(a), &other));
    assert_int_equal(out->n, other.n);
    assert_memory_equal(out->b, other.b, out->n);
}

static void test_agreement(void **state)
{
    static const size_t secret_lens[] = {32, 48, 66, 32};
    static const unsigned bits[] = {256, 384, 521, 255};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
        struct kex *k[3];
        struct secret ab, ac;
        for (size_t j = 0; j < 3; j++)
            EXPECT(OK, kex_new(&k[j], ids[i]));
        assert_true(kex_supported(ids[i]));
        assert_int_equal(bits[i], kex_bits(ids[i]));
        assert_int_equal(ids[i], kex_group(k[0]));
        derive_equal(k[0], k[1], &ab);
        derive_equal(k[0], k[2], &ac);
        assert_int_equal(secret_lens[i], ab.n);
        assert_memory_not_equal(ab.b, ac.b, ab.n);
        for (size_t j = 0; j < 3; j++)
            kex_free(k[j]);
    }
    kex_free(NULL);
}

static void test_unknown_group(void **state)
{
    struct kex *k;
    (void)state;
    assert_false(kex_supported(0x001E));
    assert_int_equal(0, kex_bits(0x001E));
    EXPECT(ERR_UNSUPPORTED, kex_new(&k, 0x001E));
    assert_null(k);
    EXPECT(ERR_UNSUPPORTED, kex_from_private(&k, 0, span_of("x", 1)));
}

/* The share is refused, and the good one that follows gives what it gave before. */
static void refuse(const struct kex *k, struct span bad, const struct kex *good,
                   const struct secret *expected)
{
    struct secret out = {.n = 3};
    static const struct secret wiped;
    EXPECT(ERR_KEY_SHARE, kex_derive(k, bad, &out));
    assert_memory_equal(&wiped, &out, sizeof out);
    EXPECT(OK, kex_derive(k, kex_public(good), &out));
    assert_memory_equal(expected->b, out.b, expected->n);
}

static void bad_lengths(const struct kex *k, const struct kex *good, const struct secret *expected)
{
    uint8_t share[KEX_PUBLIC_MAX + 2] = {0};
    struct span true_share = kex_public(good);
    memcpy(share, true_share.p, true_share.n);
    for (size_t n = 0; n < sizeof share; n++) {
        if (n != true_share.n)
            refuse(k, span_of(share, n), good, expected);
    }
}

/* X9.62 forms other than the uncompressed one; the point at infinity is a single zero byte. */
static void bad_curve_forms(const struct kex *k, const struct kex *good,
                            const struct secret *expected)
{
    uint8_t share[KEX_PUBLIC_MAX];
    struct span true_share = kex_public(good);
    size_t field = (true_share.n - 1) / 2;
    for (unsigned first = 0; first < 256; first++) {
        memcpy(share, true_share.p, true_share.n);
        share[0] = (uint8_t)first;
        if (first == 4)
            continue;
        refuse(k, span_of(share, true_share.n), good, expected);
        refuse(k, span_of(share, field + 1), good, expected);
        refuse(k, span_of(share, 1), good, expected);
    }
}

static void bad_curve_points(const struct kex *k, const struct kex *good,
                             const struct secret *expected)
{
    uint8_t share[KEX_PUBLIC_MAX];
    struct span true_share = kex_public(good);
    for (size_t i = 1; i < true_share.n; i += 5) {
        memcpy(share, true_share.p, true_share.n);
        share[i] ^= 1;
        refuse(k, span_of(share, true_share.n), good, expected);
    }
    memset(share, 0, sizeof share);
    share[0] = 4;
    refuse(k, span_of(share, true_share.n), good, expected);
    memset(share, 0xFF, sizeof share);
    share[0] = 4;
    refuse(k, span_of(share, true_share.n), good, expected);
}

/* Points of small order, from RFC 7748's curve: the result is zero whatever the key. */
static void bad_x25519(const struct kex *k, const struct kex *good, const struct secret *expected)
{
    static const uint8_t order_8[32] = {0xE0, 0xEB, 0x7A, 0x7C, 0x3B, 0x41, 0xB8, 0xAE,
                                        0x16, 0x56, 0xE3, 0xFA, 0xF1, 0x9F, 0xC4, 0x6A,
                                        0xDA, 0x09, 0x8D, 0xEB, 0x9C, 0x32, 0xB1, 0xFD,
                                        0x86, 0x62, 0x05, 0x16, 0x5F, 0x49, 0xB8, 0x00};
    uint8_t share[32] = {0};
    refuse(k, span_of(share, 32), good, expected);
    share[0] = 1;
    refuse(k, span_of(share, 32), good, expected);
    refuse(k, span_of(order_8, 32), good, expected);
    /* p - 1, p and p + 1, where p = 2^255 - 19 */
    memset(share, 0xFF, sizeof share);
    share[31] = 0x7F;
    for (uint8_t low = 0xEC; low <= 0xEE; low++) {
        share[0] = low;
        refuse(k, span_of(share, 32), good, expected);
    }
}

static void test_bad_shares(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
        struct kex *k;
        struct kex *good;
        struct secret expected;
        EXPECT(OK, kex_new(&k, ids[i]));
        EXPECT(OK, kex_new(&good, ids[i]));
        EXPECT(OK, kex_derive(k, kex_public(good), &expected));
        bad_lengths(k, good, &expected);
        if (ids[i] == GROUP_X25519) {
            bad_x25519(k, good, &expected);
        } else if (ids[i] == GROUP_SECP256R1) {
            /* The other curves are slow and run the same code. */
            bad_curve_forms(k, good, &expected);
        }
        if (ids[i] != GROUP_X25519)
            bad_curve_points(k, good, &expected);
        kex_free(k);
        kex_free(good);
    }
}

static void test_given_private(void **state)
{
    /* The generators: private key 1. */
    static const uint8_t one[66] = {[65] = 1};
    static const uint8_t zero[66];
    static const uint8_t ones[66] = {[0 ... 65] = 0xFF};
    struct kex *k;
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        size_t n = (kex_bits(ids[i]) + 7) / 8;
        EXPECT(OK, kex_from_private(&k, ids[i], span_of(one + 66 - n, n)));
        assert_int_equal(4, kex_public(k).p[0]);
        kex_free(k);
        EXPECT(ERR_CRYPTO, kex_from_private(&k, ids[i], span_of(zero, n)));
        assert_null(k);
        EXPECT(ERR_CRYPTO, kex_from_private(&k, ids[i], span_of(ones, n)));
        EXPECT(ERR_ARGUMENT, kex_from_private(&k, ids[i], span_empty()));
    }
    EXPECT(ERR_CRYPTO, kex_from_private(&k, GROUP_X25519, span_of(one, 31)));
    EXPECT(OK, kex_from_private(&k, GROUP_X25519, span_of(ones, 32)));
    kex_free(k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_agreement),
        cmocka_unit_test(test_unknown_group),
        cmocka_unit_test(test_bad_shares),
        cmocka_unit_test(test_given_private),
    };
    support_start();
    return cmocka_run_group_tests_name("crypto kex", tests, NULL, NULL);
}
