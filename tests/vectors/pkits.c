/* SPDX-License-Identifier: MIT */
/*
 * NIST's path validation suite over the chain engine: the path's certificates and lists in one
 * store, the anchor in another, revocation demanded below the anchor, the BASE policy's verdict.
 * The user's initial policies are the requested issuance policies.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include <jansson.h>
#include <spawn.h>
#include <sys/wait.h>

#include "crypt32/chain.h"
#include "folder.h"
#include "skip.h"
#include "verdicts.h"

extern char **environ;

#define LIST             VECTOR_DATA "/pkits.differences"
#define NIST_TEST_POLICY "2.16.840.1.101.3.2.1.48."

enum { FILE_MAX = 1 << 16, POLICY_TEXT_MAX = 64 };

/* 2020-01-01: certificates and lists are valid from 2010 to the end of 2030. */
static const int64_t now = 1577836800;

struct setting {
    HCERTSTORE others;
    HCERTSTORE roots;
    PCCERT_CONTEXT leaf;
    char policies[CHAIN_USAGES_MAX][POLICY_TEXT_MAX];
    struct chain_usages wanted;
};

static const char *data_dir(void)
{
    return getenv("XDG_DATA_HOME");
}

static bool unpack(void)
{
    char archive[4096];
    char folder[4096];
    pid_t pid;
    int status;
    snprintf(archive, sizeof archive, "%s/pkits/certs.tar.xz", test_vectors_dir());
    snprintf(folder, sizeof folder, "%s", data_dir());
    char *arguments[] = {"tar", "-xJf", archive, "-C", folder, NULL};
    return posix_spawnp(&pid, "tar", NULL, NULL, arguments, environ) == 0 &&
           waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static size_t read_bytes(const char *folder, const char *name, const char *suffix,
                         uint8_t bytes[FILE_MAX])
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s/%s%s", data_dir(), folder, name, suffix);
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        print_message("%s is missing\n", path);
    assert_non_null(file);
    size_t n = fread(bytes, 1, FILE_MAX, file);
    fclose(file);
    assert_true(n != 0 && n < FILE_MAX);
    return n;
}

/* The first certificate is the anchor, the last one the end of the path. False when one of them
 * does not parse. */
static bool add_certificates(struct setting *s, const json_t *names)
{
    static uint8_t bytes[FILE_MAX];
    bool all = true;
    for (size_t i = 0; i < json_array_size(names); i++) {
        bool is_last = i + 1 == json_array_size(names);
        DWORD n =
            (DWORD)read_bytes("certs", json_string_value(json_array_get(names, i)), ".crt", bytes);
        all &= CertAddEncodedCertificateToStore(i == 0 ? s->roots : s->others, X509_ASN_ENCODING,
                                                bytes, n, CERT_STORE_ADD_ALWAYS,
                                                is_last ? &s->leaf : NULL) != FALSE;
    }
    return all;
}

static void add_lists(const struct setting *s, const json_t *names)
{
    static uint8_t bytes[FILE_MAX];
    for (size_t i = 0; i < json_array_size(names); i++) {
        DWORD n =
            (DWORD)read_bytes("crls", json_string_value(json_array_get(names, i)), ".crl", bytes);
        /* One that does not parse is as good as none. */
        if (!CertAddEncodedCRLToStore(s->others, X509_ASN_ENCODING, bytes, n, CERT_STORE_ADD_ALWAYS,
                                      NULL))
            assert_int_equal(GetLastError(), (DWORD)CRYPT_E_ASN1_BADTAG);
    }
}

static void want(struct setting *s, const char *policy)
{
    char *text = s->policies[s->wanted.count];
    int number;
    if (sscanf(policy, "NIST-test-policy-%d", &number) == 1)
        snprintf(text, POLICY_TEXT_MAX, NIST_TEST_POLICY "%d", number);
    else
        snprintf(text, POLICY_TEXT_MAX, "2.5.29.32.0");
    s->wanted.oids[s->wanted.count++] = text;
}

/* A demand without a set means any policy; a set may stand in one string, with commas. */
static void want_policies(struct setting *s, const json_t *one)
{
    const json_t *set = json_object_get(one, "SetInitialPolicySet");
    bool is_demanded = json_object_get(one, "SetInitialExplicitPolicy") != NULL;
    for (size_t i = 0; i < json_array_size(set); i++) {
        char list[256];
        char *rest = NULL;
        snprintf(list, sizeof list, "%s", json_string_value(json_array_get(set, i)));
        for (char *p = strtok_r(list, ",", &rest); p != NULL; p = strtok_r(NULL, ",", &rest))
            want(s, p);
    }
    if (is_demanded && s->wanted.count == 0)
        want(s, "anyPolicy");
}

static bool is_accepted(const struct setting *s)
{
    struct chain_inputs inputs = {.leaf = cert_of(s->leaf),
                                  .searched = {store_of(s->others)},
                                  .roots = store_of(s->roots),
                                  .now = now,
                                  .policies = s->wanted,
                                  .revocation = CHAIN_REVOCATION_BUT_ROOT};
    struct chain_policy policy = {0};
    struct chain chain;
    LONG at;
    assert_int_equal(chain_build(&inputs, &chain), OK);
    LONG error = chain_policy_error(&chain, &policy, &at);
    chain_release(&chain);
    return error == 0;
}

static bool judge(const json_t *one)
{
    struct setting s = {.others = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL),
                        .roots = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL)};
    assert_true(s.others != NULL && s.roots != NULL);
    bool parses = add_certificates(&s, json_object_get(one, "certs"));
    add_lists(&s, json_object_get(one, "crls"));
    want_policies(&s, one);
    bool result = parses && is_accepted(&s);
    CertFreeCertificateContext(s.leaf);
    CertCloseStore(s.others, 0);
    CertCloseStore(s.roots, 0);
    return result;
}

static void pkits(void **state)
{
    static struct verdicts v;
    char path[4096];
    json_error_t error;
    size_t i;
    const json_t *one;
    (void)state;
    snprintf(path, sizeof path, "%s/pkits/pkits.json", test_vectors_dir());
    json_t *root = json_load_file(path, 0, &error);
    assert_non_null(root);
    assert_true(unpack());
    json_array_foreach(json_object_get(root, "cases"), i, one)
    {
        verdict_add(&v, json_string_value(json_object_get(one, "name")),
                    json_is_true(json_object_get(one, "should_validate")), judge(one));
    }
    json_decref(root);
    assert_int_equal(v.count, 249);
    assert_true(verdicts_fit(&v, "NIST PKITS", LIST));
    assert_true(verdicts_told(&v, "NIST PKITS", DOCUMENT));
    assert_false(verdicts_told(&v, "another suite", DOCUMENT));
    assert_true(verdicts_controls(&v, LIST));
}

static bool has_vectors(void)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/pkits/certs.tar.xz", test_vectors_dir());
    FILE *f = fopen(path, "rb");
    if (f != NULL)
        fclose(f);
    return f != NULL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(pkits)};
    if (!has_vectors())
        test_skip("no vectors");
    if (crypto_start() != OK)
        return 1;
    return cmocka_run_group_tests_name("pkits", tests, folder_setup, folder_teardown);
}
