/* SPDX-License-Identifier: MIT */
/* Generating the certificates with libcrypto and writing them where all subjects find them. */
#include "pki.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "check.h"

struct node {
    EVP_PKEY *key;
    X509 *certificate;
};

struct profile {
    const char *common_name;
    const char *basic_constraints;
    const char *key_usage;
    const char *extended_usage; /* NULL = none */
    const char *alternative;    /* NULL = none */
    enum pki_role issuer;
};

static const struct profile profiles[PKI_ROLE_COUNT] = {
    [PKI_ROOT] = {"Bench Root", "critical,CA:TRUE", "critical,keyCertSign,cRLSign", NULL, NULL,
                  PKI_ROOT},
    [PKI_INTERMEDIATE] = {"Bench Intermediate", "critical,CA:TRUE,pathlen:0",
                          "critical,keyCertSign,cRLSign", NULL, NULL, PKI_ROOT},
    [PKI_SERVER] = {PKI_SERVER_NAME, "critical,CA:FALSE", "critical,digitalSignature", "serverAuth",
                    "DNS:" PKI_SERVER_NAME, PKI_INTERMEDIATE},
    [PKI_CLIENT] = {"Bench Client", "critical,CA:FALSE", "critical,digitalSignature", "clientAuth",
                    NULL, PKI_INTERMEDIATE},
};

/* ---- making ---------------------------------------------------------------------------- */

static EVP_PKEY *make_key(bool is_rsa)
{
    EVP_PKEY *key = is_rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256");
    REQUIRE(key != NULL);
    return key;
}

static void add_extension(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    if (value == NULL)
        return;
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    REQUIRE(extension != NULL && X509_add_ext(certificate, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

static void set_names(X509 *certificate, X509 *issuer, const char *common_name)
{
    X509_NAME *name = X509_get_subject_name(certificate);
    REQUIRE(X509_NAME_add_entry_by_txt(name, "O", MBSTRING_ASC,
                                       (const unsigned char *)"libschannel", -1, -1, 0) == 1);
    REQUIRE(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)common_name,
                                       -1, -1, 0) == 1);
    REQUIRE(X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1);
}

static void make_certificate(struct node *nodes, enum pki_role role)
{
    enum { DAY = 24 * 3600 };
    const struct profile *p = &profiles[role];
    X509 *certificate = X509_new();
    X509 *issuer = role == p->issuer ? certificate : nodes[p->issuer].certificate;
    REQUIRE(certificate != NULL && X509_set_version(certificate, X509_VERSION_3) == 1);
    REQUIRE(ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate),
                                    0x5C4A00000000u + (unsigned)role) == 1);
    set_names(certificate, issuer, p->common_name);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -DAY);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 30L * DAY);
    REQUIRE(X509_set_pubkey(certificate, nodes[role].key) == 1);
    add_extension(certificate, issuer, NID_basic_constraints, p->basic_constraints);
    add_extension(certificate, issuer, NID_key_usage, p->key_usage);
    add_extension(certificate, issuer, NID_ext_key_usage, p->extended_usage);
    add_extension(certificate, issuer, NID_subject_alt_name, p->alternative);
    add_extension(certificate, issuer, NID_subject_key_identifier, "hash");
    add_extension(certificate, issuer, NID_authority_key_identifier, "keyid:always");
    REQUIRE(X509_sign(certificate, nodes[p->issuer].key, EVP_sha256()) > 0);
    nodes[role].certificate = certificate;
}

/* ---- writing --------------------------------------------------------------------------- */

static void write_certificates(const char *path, X509 *first, X509 *second)
{
    FILE *f = fopen(path, "w");
    REQUIRE(f != NULL && PEM_write_X509(f, first) == 1);
    REQUIRE(second == NULL || PEM_write_X509(f, second) == 1);
    REQUIRE(fclose(f) == 0);
}

static void write_key(const char *path, EVP_PKEY *key)
{
    FILE *f = fopen(path, "w");
    REQUIRE(f != NULL && PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL) == 1);
    REQUIRE(fclose(f) == 0);
}

static void create_kind(const struct pki_files *files, bool is_rsa)
{
    struct node nodes[PKI_ROLE_COUNT];
    for (int i = 0; i < PKI_ROLE_COUNT; i++)
        nodes[i].key = make_key(is_rsa);
    for (int i = 0; i < PKI_ROLE_COUNT; i++)
        make_certificate(nodes, (enum pki_role)i);
    X509 *intermediate = nodes[PKI_INTERMEDIATE].certificate;
    write_certificates(files->root, nodes[PKI_ROOT].certificate, NULL);
    write_certificates(files->server_chain, nodes[PKI_SERVER].certificate, intermediate);
    write_certificates(files->client_chain, nodes[PKI_CLIENT].certificate, intermediate);
    write_key(files->server_key, nodes[PKI_SERVER].key);
    write_key(files->client_key, nodes[PKI_CLIENT].key);
    for (int i = 0; i < PKI_ROLE_COUNT; i++) {
        X509_free(nodes[i].certificate);
        EVP_PKEY_free(nodes[i].key);
    }
}

/* ---- the folder ------------------------------------------------------------------------ */

static void join(char out[PKI_PATH_MAX], const char *folder, const char *kind, const char *file)
{
    int n = snprintf(out, PKI_PATH_MAX, "%s/%s-%s.pem", folder, kind, file);
    REQUIRE(n > 0 && n < PKI_PATH_MAX);
}

static void locate_kind(struct pki_files *files, const char *folder, const char *kind)
{
    join(files->root, folder, kind, "root");
    join(files->server_chain, folder, kind, "server-chain");
    join(files->server_key, folder, kind, "server-key");
    join(files->client_chain, folder, kind, "client-chain");
    join(files->client_key, folder, kind, "client-key");
}

void pki_locate(struct pki *pki, const char *folder)
{
    REQUIRE(strlen(folder) < sizeof pki->folder);
    snprintf(pki->folder, sizeof pki->folder, "%s", folder);
    locate_kind(&pki->ecdsa, folder, "ecdsa");
    locate_kind(&pki->rsa, folder, "rsa");
}

void pki_create(struct pki *pki)
{
    char folder[PKI_PATH_MAX];
    const char *base = getenv("TMPDIR");
    int n = snprintf(folder, sizeof folder, "%s/schannel-bench-XXXXXX",
                     base != NULL && base[0] != 0 ? base : P_tmpdir);
    REQUIRE(n > 0 && n < (int)sizeof folder && mkdtemp(folder) != NULL);
    pki_locate(pki, folder);
    create_kind(&pki->ecdsa, false);
    create_kind(&pki->rsa, true);
}

static void remove_kind(const struct pki_files *files)
{
    (void)unlink(files->root);
    (void)unlink(files->server_chain);
    (void)unlink(files->server_key);
    (void)unlink(files->client_chain);
    (void)unlink(files->client_key);
}

void pki_remove(const struct pki *pki)
{
    remove_kind(&pki->ecdsa);
    remove_kind(&pki->rsa);
    (void)rmdir(pki->folder);
}
