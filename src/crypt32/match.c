/* SPDX-License-Identifier: MIT */
/*
 * Does a certificate name a host? As the SSL policy does it (certificates.md 8; RFC 6125, RFC
 * 9525): dNSName entries of the subject alternative name, common names only when it has neither
 * host names nor addresses; a wildcard ends the leftmost label; IP literals match iPAddress entries
 * only. What is asked for may be written in U-labels; certificates carry A-labels.
 */
#include <arpa/inet.h>

#include "crypt32/cert.h"
#include "util/idna.h"

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

static size_t label_len(const char *name, size_t n)
{
    const char *dot = memchr(name, '.', n);
    return dot != NULL ? (size_t)(dot - name) : n;
}

/*
 * "*" or "w*" as the leftmost label: the asterisk stands for at least one character of that label.
 * Two labels or more follow it. A part of an A-label is not text that could be matched (RFC 9525
 * 6.3), so only a whole label may be one.
 */
static bool equal_wildcard(const char *pattern, size_t pattern_len, const char *name,
                           size_t name_len)
{
    size_t label = label_len(pattern, pattern_len);
    size_t name_label = label_len(name, name_len);
    if (label == 0 || pattern[label - 1] != '*' || label == pattern_len || name_label < label)
        return false;
    const char *rest = pattern + label + 1;
    size_t rest_len = pattern_len - label - 1;
    size_t second = label_len(rest, rest_len);
    if (second == 0 || second + 1 >= rest_len)
        return false;
    bool is_partial = label > 1;
    if (is_partial && name_label >= 4 && equal_text(name, 4, "xn--", 4))
        return false;
    return memchr(pattern, '*', label - 1) == NULL && memchr(rest, '*', rest_len) == NULL &&
           equal_text(pattern, label - 1, name, label - 1) &&
           equal_text(pattern + label, pattern_len - label, name + name_label,
                      name_len - name_label);
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

/* ---- the reference --------------------------------------------------------------------- */

struct target {
    char name[IDNA_NAME_MAX + 1];
    size_t name_len; /* 0: matches nothing */
    uint8_t address[16];
    size_t address_len; /* 0: a host name */
};

/* Its last label is a number: an address in one of the many old spellings, not a host name. */
static bool ends_in_number(const char *name, size_t n)
{
    size_t start = n;
    while (start != 0 && name[start - 1] != '.')
        start--;
    return start < n && name[start] >= '0' && name[start] <= '9' &&
           (strspn(name + start, "0123456789") == n - start ||
            (n - start > 1 && lower(name[start + 1]) == 'x'));
}

static bool is_host_name(const char *name, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (name[i] <= ' ' || name[i] > '~' || name[i] == '*')
            return false;
    }
    return n != 0 && !ends_in_number(name, n);
}

static struct target target_of(const char *server_name)
{
    struct target t = {0};
    size_t n = strlen(server_name);
    bool has_brackets = n > 2 && server_name[0] == '[' && server_name[n - 1] == ']';
    if (has_brackets) {
        server_name++;
        n -= 2;
    }
    n = idna_to_ascii(span_of(server_name, n), t.name);
    if (n != 0 && t.name[n - 1] == '.')
        t.name[--n] = 0;
    if (!has_brackets && inet_pton(AF_INET, t.name, t.address) == 1)
        t.address_len = 4;
    else if (inet_pton(AF_INET6, t.name, t.address) == 1)
        t.address_len = 16;
    if (t.address_len != 0 || (!has_brackets && is_host_name(t.name, n)))
        t.name_len = n;
    return t;
}

/* ---- the certificate ------------------------------------------------------------------- */

static bool matches_entry(const GENERAL_NAME *entry, const struct target *t, bool *out_has_host)
{
    if (entry->type == GEN_DNS) {
        *out_has_host = true;
        const ASN1_IA5STRING *dns = entry->d.dNSName;
        return t->address_len == 0 &&
               matches_dns((const char *)ASN1_STRING_get0_data(dns),
                           (size_t)ASN1_STRING_length(dns), t->name, t->name_len);
    }
    if (entry->type != GEN_IPADD)
        return false;
    *out_has_host = true;
    const ASN1_OCTET_STRING *ip = entry->d.iPAddress;
    return t->address_len != 0 &&
           span_equal(span_of(ASN1_STRING_get0_data(ip), (size_t)ASN1_STRING_length(ip)),
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
    bool has_host = false;
    bool matches = false;
    int status = -1;
    if (t.name_len == 0)
        return false;
    GENERAL_NAMES *names = X509_get_ext_d2i(x509, NID_subject_alt_name, &status, NULL);
    for (int i = 0; i < sk_GENERAL_NAME_num(names) && !matches; i++)
        matches = matches_entry(sk_GENERAL_NAME_value(names, i), &t, &has_host);
    bool is_unreadable = names == NULL && status != -1; /* -1: there is none */
    GENERAL_NAMES_free(names);
    if (matches || has_host || is_unreadable || t.address_len != 0)
        return matches;
    return matches_common_name(x509, &t);
}
