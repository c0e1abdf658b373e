/* SPDX-License-Identifier: MIT */
/*
 * HKDF (RFC 5869, appendix A) and the PRF of TLS 1.2, from data/kdf.txt. Control: with one bit of
 * any value inverted the check must fail.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "crypto/crypto.h"
#include "vector_file.h"

static struct vector_file *file;

static struct span value(const char *test, const char *name)
{
    char full[80];
    snprintf(full, sizeof full, "%s.%s", test, name);
    return vector_get(file, full);
}

static bool hkdf_case_good(const char *test)
{
    uint8_t out[256];
    struct secret prk;
    struct span okm = value(test, "okm");
    assert_int_equal(OK, hkdf_extract(HASH_SHA256, value(test, "salt"), value(test, "ikm"), &prk));
    assert_int_equal(OK,
                     hkdf_expand(HASH_SHA256, secret_span(&prk), value(test, "info"), out, okm.n));
    return span_equal(secret_span(&prk), value(test, "prk")) &&
           span_equal(span_of(out, okm.n), okm);
}

/* The seed in one piece and in two, and every shorter output is the beginning of the longer. */
static bool prf_case_good(const char *test, enum hash_id hash)
{
    uint8_t out[256];
    struct span seed = value(test, "seed");
    struct span output = value(test, "output");
    bool is_good = true;
    for (size_t n = 0; n <= output.n; n++) {
        size_t cut = n % (seed.n + 1);
        assert_int_equal(OK, prf12(hash, value(test, "secret"), "test label", span_of(seed.p, cut),
                                   span_of(seed.p + cut, seed.n - cut), out, n));
        is_good = is_good && span_equal(span_of(out, n), span_of(output.p, n));
    }
    return is_good;
}

static bool all_good(void)
{
    bool is_good = hkdf_case_good("hkdf1");
    is_good = hkdf_case_good("hkdf2") && is_good;
    is_good = hkdf_case_good("hkdf3") && is_good;
    is_good = prf_case_good("prf256", HASH_SHA256) && is_good;
    return prf_case_good("prf384", HASH_SHA384) && is_good;
}

static void test_vectors(void **state)
{
    (void)state;
    assert_true(all_good());
    printf("kdf: 3 HKDF and 2 PRF cases, %zu values\n", vector_count(file));
}

static void test_control(void **state)
{
    (void)state;
    for (size_t i = 0; i < vector_count(file); i++) {
        if (vector_get(file, vector_name(file, i)).n == 0)
            continue;
        vector_flip(file, i);
        assert_false(all_good());
        vector_flip(file, i);
    }
    assert_true(all_good());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_control),
    };
    file = vector_file_read(VECTOR_DATA "/kdf.txt");
    if (crypto_start() != OK)
        return 1;
    int failed = cmocka_run_group_tests_name("kdf vectors", tests, NULL, NULL);
    vector_file_free(file);
    return failed;
}
