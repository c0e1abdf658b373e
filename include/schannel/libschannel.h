/* SPDX-License-Identifier: MIT */
/*
 * libschannel.h - what libschannel offers beyond Microsoft's names.
 *
 * Everything else in this folder carries Microsoft's names only; a program that includes this
 * header knows that it does not run on Windows. All functions may be called from any thread unless
 * the description says otherwise.
 */
#ifndef SCHANNEL_LIBSCHANNEL_H
#define SCHANNEL_LIBSCHANNEL_H

#ifndef SECURITY_WIN32
#define SECURITY_WIN32
#endif
#include <security.h>
#include <wincrypt.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * SchannelVersion - the library's version, e.g. "0.1.0". Never NULL, never freed.
 */
const char *SchannelVersion(void);

/*
 * SchannelStatusName - spelling of a status, e.g. "SEC_E_WRONG_PRINCIPAL". Knows SEC_*, CERT_E_*,
 * CRYPT_E_*, TRUST_E_* values. NULL for a number without a name. Never freed.
 *
 * SchannelStatusText - what the status means and what to try, one or two English sentences. Never
 * NULL, never freed.
 */
const char *SchannelStatusName(SECURITY_STATUS status);
const char *SchannelStatusText(SECURITY_STATUS status);

/*
 * SchannelLoadPem - a certificate with its chain and key from PEM text.
 *
 * pem, pem_len       one or more CERTIFICATE blocks, the leaf first, and optionally the private key
 *                    (PKCS#8, PKCS#1 or SEC1 form). Text between blocks is ignored.
 * key_pem, key_len   the private key when it stands elsewhere; NULL and 0 otherwise.
 * password           for an encrypted key, UTF-8; NULL if there is none.
 *
 * Returns the leaf's context, to be freed with CertFreeCertificateContext. Its hCertStore is a
 * memory store that holds the whole chain and lives as long as the context. If a key was given it
 * is bound to the leaf, so that AcquireCredentialsHandle accepts it. NULL on failure; GetLastError
 * tells: CRYPT_E_NOT_FOUND (no certificate in the text), CRYPT_E_ASN1_BADTAG (a block does not
 * parse), ERROR_INVALID_PASSWORD (the key cannot be decrypted), NTE_BAD_KEY (the key does not
 * belong to the leaf, its kind is not supported, or it wants more than 5 million iterations),
 * E_INVALIDARG (pem is NULL), ERROR_NOT_ENOUGH_MEMORY.
 *
 * SchannelLoadPemFiles - the same from files. key_file may be NULL. In addition the errors
 * ERROR_FILE_NOT_FOUND (also for NULL), ERROR_ACCESS_DENIED (also for what is no regular file),
 * ERROR_READ_FAULT, ERROR_FILE_TOO_LARGE (a file above 1 MiB), NTE_FAIL (libcrypto cannot be set
 * up). key_file may also be a URI: "file:" (the key as PEM or DER), or "pkcs11:" for a key in a
 * token, which is asked through the providers that the system's openssl.cnf activates; password is
 * its PIN. Then also ERROR_INVALID_NAME (a malformed URI, or another machine's file), NTE_NO_KEY
 * (nothing there is a private key), ERROR_NOT_SUPPORTED (no provider for PKCS #11).
 *
 * SchannelLoadPfxFile - the certificate with a private key out of a PKCS#12 file, with its chain in
 * hCertStore. password is UTF-8; NULL stands for none and for an empty one. The errors of reading a
 * file and of PFXImportCertStore, and CRYPT_E_NOT_FOUND (no certificate has a key).
 */
PCCERT_CONTEXT SchannelLoadPem(const char *pem, size_t pem_len, const char *key_pem, size_t key_len,
                               const char *password);
PCCERT_CONTEXT SchannelLoadPemFiles(const char *certificate_file, const char *key_file,
                                    const char *password);
PCCERT_CONTEXT SchannelLoadPfxFile(const char *file, const char *password);

/*
 * SchannelLoadCaFile - a memory store with every CERTIFICATE and X509 CRL block of a PEM file, up
 * to 16 MiB; blocks that do not parse are passed over. Fit for hRootStore of a credential or
 * hExclusiveRoot of a chain engine; the lists answer there when revocation is asked for. Close it
 * with CertCloseStore. NULL on failure, errors as for SchannelLoadPemFiles.
 */
HCERTSTORE SchannelLoadCaFile(const char *file);

/*
 * SchannelRememberAuthorities - whether the signatures of authorities and of revocation lists that
 * were verified once are remembered (at most 1024 facts; end certificates are verified each time).
 * They are at the start. Each call forgets what is remembered.
 */
void SchannelRememberAuthorities(BOOL remember);

/*
 * SchannelPemFromCertificate - the PEM text of a certificate, NUL-terminated, to be freed with
 * LocalFree; NULL on failure: E_INVALIDARG (certificate is NULL), ERROR_NOT_ENOUGH_MEMORY.
 */
char *SchannelPemFromCertificate(PCCERT_CONTEXT certificate);

/*
 * SchannelCreateTestCertificate - a self-signed certificate with a fresh key, for demonstrations
 * and tests.
 *
 * host_names  comma-separated DNS names and IP addresses, UTF-8; the first one is also the common
 *             name. Must not be NULL or empty.
 * key_type    "ecdsa-p256", "ecdsa-p384", "rsa-2048", "rsa-3072" or "ed25519"; NULL = "ecdsa-p256".
 * days        validity from now (from one day ago, to allow for clocks that differ); 1 to 3650.
 *
 * Returns a context with the private key bound to it, to be freed with CertFreeCertificateContext;
 * NULL on failure: E_INVALIDARG (an argument), ERROR_NOT_ENOUGH_MEMORY, NTE_FAIL (libcrypto
 * failed).
 */
PCCERT_CONTEXT SchannelCreateTestCertificate(const char *host_names, const char *key_type,
                                             DWORD days);

/* ---- events ---------------------------------------------------------------------------------- */

/* Values of SCHANNEL_EVENT.Kind. */
#define SCHANNEL_EVENT_RECORD_RECEIVED 0 /* ContentType, Length (with the record header) */
#define SCHANNEL_EVENT_RECORD_SENT     1
#define SCHANNEL_EVENT_MESSAGE_PARSED  2 /* MessageType, Name, Length (with the 4-byte header) */
#define SCHANNEL_EVENT_MESSAGE_BUILT   3
#define SCHANNEL_EVENT_STATE           4 /* From, To */
#define SCHANNEL_EVENT_KEY_INSTALLED   5 /* Level; Name is "read" or "write" */
#define SCHANNEL_EVENT_ALERT_RECEIVED  6 /* AlertLevel, Alert, Name */
#define SCHANNEL_EVENT_ALERT_SENT      7
#define SCHANNEL_EVENT_FAILURE         8 /* Name, Text, Function, Line */

/* Values of SCHANNEL_EVENT.Level: the keys in use. */
#define SCHANNEL_LEVEL_INITIAL     0
#define SCHANNEL_LEVEL_HANDSHAKE   1
#define SCHANNEL_LEVEL_APPLICATION 2

/* One thing that happened inside a security context. All strings are static; none is NULL. */
typedef struct _SCHANNEL_EVENT {
    ULONGLONG Number; /* counts the context's events from 0 */
    DWORD Kind;
    DWORD Level;
    DWORD ContentType;
    DWORD MessageType;
    DWORD AlertLevel;
    DWORD Alert;
    DWORD Length;
    DWORD Line;
    const char *Name;
    const char *Text;
    const char *From;
    const char *To;
    const char *Function;
} SCHANNEL_EVENT;

/*
 * SchannelTraceCredential - contexts made from this credential from now on record their last
 * event_count events (1 to 65536; 0 switches it off). SEC_E_OK, SEC_E_INVALID_HANDLE,
 * SEC_E_INVALID_PARAMETER.
 *
 * SchannelReadEvents - takes up to max events out of the context's ring, oldest first. *count
 * receives the number taken, *dropped (may be NULL) how many were overwritten before they were
 * read. SEC_E_OK, SEC_E_INVALID_HANDLE, SEC_E_INVALID_PARAMETER. Must not run at the same time as
 * another call on the context. Secrets are never part of an event.
 */
SECURITY_STATUS SchannelTraceCredential(PCredHandle credential, DWORD event_count);
SECURITY_STATUS SchannelReadEvents(PCtxtHandle context, SCHANNEL_EVENT *events, DWORD max,
                                   DWORD *count, ULONGLONG *dropped);

/*
 * SchannelPeerAlert - numbers of the fatal alerts that were received from and sent to the peer; -1
 * for none. Either pointer may be NULL. SEC_E_OK, SEC_E_INVALID_HANDLE.
 */
SECURITY_STATUS SchannelPeerAlert(PCtxtHandle context, LONG *received, LONG *sent);

/*
 * SchannelUpdateKeys - TLS 1.3: the next token of InitializeSecurityContext or
 * AcceptSecurityContext carries a KeyUpdate; with request_update non-zero the peer is asked to
 * change its keys, too. SEC_E_OK, SEC_E_INVALID_HANDLE (no live context, or the handshake is not
 * over), SEC_E_UNSUPPORTED_FUNCTION (TLS 1.2), SEC_E_CONTEXT_EXPIRED (failed, or the process was
 * forked), SEC_E_INSUFFICIENT_MEMORY. No other call may run on the context at the same time.
 */
SECURITY_STATUS SchannelUpdateKeys(PCtxtHandle context, DWORD request_update);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
