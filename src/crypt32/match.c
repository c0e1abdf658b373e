/* SPDX-License-Identifier: MIT */
/*
 * Does a certificate name a host? As the SSL policy does it (RFC 6125, RFC 9525): dNSName entries
 * of the subject alternative name, common names only when there is none; a wildcard is the whole
 * leftmost label; IP literals match iPAddress entries.
 */
#include <arpa/inet.h>

#include "crypt32/cert.h"

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool equal_text(const char *a, size_t a_len, const char *b, size_t b_len)
{
    if (a_len != b_len)
        return false;
    for (size_t i = 0; i < a_len; i++) {
        if (lower(a[i]) != lower(b[i]))
            return false;
    }
    return true;
}

/* The pattern's first label is "*": it stands for exactly one label, of a name with at least three.
 */
static bool equal_wildcard(const char *pattern, size_t pattern_len, const char *name,
                           size_t name_len)
{
    if (pattern_len < 3 || pattern[0] != '*' || pattern[1] != '.')
        return false;
    const char *suffix = pattern + 1;
    size_t suffix_len = pattern_len - 1;
    const char *dot = memchr(name, '.', name_len);
    if (dot == NULL || dot == name || memchr(suffix + 1, '.', suffix_len - 1) == NULL ||
        memchr(suffix, '*', suffix_len) != NULL)
        return false;
    return equal_text(suffix, suffix_len, dot, name_len - (size_t)(dot - name));
}

static bool matches_dns(const char *pattern, size_t pattern_len, const char *name, size_t name_len)
{
    /* A NUL that ends the value is seen in the field; one inside it is an attack. */
    while (pattern_len != 0 && pattern[pattern_len - 1] == 0)
        pattern_len--;
    if (pattern_len != 0 && pattern[pattern_len - 1] == '.')
        pattern_len--;
    if (pattern_len == 0 || memchr(pattern, 0, pattern_len) != NULL)
        return false;
    return equal_text(pattern, pattern_len, name, name_len) ||
           equal_wildcard(pattern, pattern_len, name, name_len);
}

struct target {
    const char *name;
    size_t name_len;
    uint8_t address[16];
    size_t address_len; /* 0: a host name */
};

static struct target target_of(const char *server_name)
{
    struct target t = {.name = server_name, .name_len = strlen(server_name)};
    if (inet_pton(AF_INET, server_name, t.address) == 1)
        t.address_len = 4;
    else if (inet_pton(AF_INET6, server_name, t.address) == 1)
        t.address_len = 16;
    if (t.name_len != 0 && t.name[t.name_len - 1] == '.')
        t.name_len--;
    return t;
}

static bool matches_entry(const GENERAL_NAME *entry, const struct target *t, bool *out_has_dns)
{
    if (entry->type == GEN_DNS) {
        *out_has_dns = true;
        const ASN1_IA5STRING *dns = entry->d.dNSName;
        return t->address_len == 0 &&
               matches_dns((const char *)ASN1_STRING_get0_data(dns),
                           (size_t)ASN1_STRING_length(dns), t->name, t->name_len);
    }
    if (entry->type != GEN_IPADD || t->address_len == 0)
        return false;
    const ASN1_OCTET_STRING *ip = entry->d.iPAddress;
    return span_equal(span_of(ASN1_STRING_get0_data(ip), (size_t)ASN1_STRING_length(ip)),
                      span_of(t->address, t->address_len));
}

/* Every common name counts, not only the last. */
static bool matches_common_name(X509 *x509, const struct target *t)
{
    const X509_NAME *subject = X509_get_subject_name(x509);
    for (int i = -1; (i = X509_NAME_get_index_by_NID(subject, NID_commonName, i)) >= 0;) {
        unsigned char *text = NULL;
        int n =
            ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, i)));
        bool matches = n > 0 && matches_dns((const char *)text, (size_t)n, t->name, t->name_len);
        if (n >= 0)
            OPENSSL_free(text);
        if (matches)
            return true;
    }
    return false;
}

bool cert_matches_name(PCCERT_CONTEXT leaf, const char *server_name)
{
    struct target t = target_of(server_name);
    X509 *x509 = cert_of(leaf)->body->x509;
    bool has_dns = false;
    bool matches = false;
    if (t.name_len == 0)
        return false;
    GENERAL_NAMES *names = X509_get_ext_d2i(x509, NID_subject_alt_name, NULL, NULL);
    for (int i = 0; names != NULL && i < sk_GENERAL_NAME_num(names) && !matches; i++)
        matches = matches_entry(sk_GENERAL_NAME_value(names, i), &t, &has_dns);
    GENERAL_NAMES_free(names);
    if (matches || has_dns || t.address_len != 0)
        return matches;
    return matches_common_name(x509, &t);
}
