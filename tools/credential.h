/* SPDX-License-Identifier: MIT */
/* Credentials from the options that client and server share. */
#ifndef SCHANNEL_TOOLS_CREDENTIAL_H
#define SCHANNEL_TOOLS_CREDENTIAL_H

#include <stdbool.h>

#include <libschannel.h>
#include <schannel.h>

enum { TLS_ANY = 0, TLS_12_ONLY = 12, TLS_13_ONLY = 13 };

struct credential_options {
    bool is_server;
    int tls;                 /* TLS_ANY, TLS_12_ONLY, TLS_13_ONLY */
    const char *certificate; /* PEM file, or NULL */
    const char *key;         /* PEM file, NULL: in the same file */
    const char *pfx;         /* PKCS#12 file, or NULL */
    const char *password;
    const char *staple;      /* server: file of an OCSP response, or NULL */
    const char *ca;          /* PEM file of roots, NULL: the system's */
    const char *self_signed; /* server: names of a certificate to make when none is given */
    DWORD flags;             /* SCH_CRED_* */
};

/* "1.2", "1.3" or NULL; false for anything else. */
bool tls_version_parse(const char *text, int *out);

/* Reports and returns false on failure. */
bool credential_open(CredHandle *out, const struct credential_options *options);
/* The same with a certificate (may be NULL) and roots (may be NULL) at hand. */
SECURITY_STATUS credential_acquire(CredHandle *out, bool is_server, int tls,
                                   PCCERT_CONTEXT certificate, HCERTSTORE roots, DWORD flags);

#endif
