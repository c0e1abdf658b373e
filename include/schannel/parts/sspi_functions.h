/* SPDX-License-Identifier: MIT */
/*
 * The functions of SSPI. A and W forms of a name differ in the width of their texts only; A texts
 * are UTF-8. Each pair is described once. SEC_E_OK and SEC_I_* are not negative, SEC_E_* and
 * CRYPT_E_* are. "Any thread" means: at any time, also on the same object.
 */
#ifndef SCHANNEL_PARTS_SSPI_FUNCTIONS_H
#define SCHANNEL_PARTS_SSPI_FUNCTIONS_H

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * EnumerateSecurityPackages - the packages that the library has: the Schannel package under its two
 * listed names.
 * pcPackages     out: the number of elements.
 * ppPackageInfo  out: an array; array and texts are one block, freed with one FreeContextBuffer.
 * SEC_E_OK
 * SEC_E_INTERNAL_ERROR       either pointer is NULL
 * SEC_E_INSUFFICIENT_MEMORY  no memory
 * Any thread.
 * Source: Microsoft "EnumerateSecurityPackages function".
 */
SECURITY_STATUS SEC_ENTRY EnumerateSecurityPackagesW(ULONG *pcPackages,
                                                     PSecPkgInfoW *ppPackageInfo);
SECURITY_STATUS SEC_ENTRY EnumerateSecurityPackagesA(ULONG *pcPackages,
                                                     PSecPkgInfoA *ppPackageInfo);
#define EnumerateSecurityPackages SCHANNEL_AW(EnumerateSecurityPackages)

/*
 * QuerySecurityPackageInfo - one package by name.
 * pszPackageName  UNISP_NAME, SCHANNEL_NAME or DEFAULT_TLS_SSP_NAME, in any case of letters.
 * ppPackageInfo   out: its description, freed with one FreeContextBuffer.
 * SEC_E_OK
 * SEC_E_SECPKG_NOT_FOUND     the name is NULL or another one
 * SEC_E_INTERNAL_ERROR       ppPackageInfo is NULL
 * SEC_E_INSUFFICIENT_MEMORY  no memory
 * Any thread.
 * Source: Microsoft "QuerySecurityPackageInfo function".
 */
SECURITY_STATUS SEC_ENTRY QuerySecurityPackageInfoW(SEC_WCHAR *pszPackageName,
                                                    PSecPkgInfoW *ppPackageInfo);
SECURITY_STATUS SEC_ENTRY QuerySecurityPackageInfoA(SEC_CHAR *pszPackageName,
                                                    PSecPkgInfoA *ppPackageInfo);
#define QuerySecurityPackageInfo SCHANNEL_AW(QuerySecurityPackageInfo)

/*
 * AcquireCredentialsHandle - makes a credential: certificates, allowed versions and algorithms, and
 * flags for any number of contexts.
 * pszPrincipal      not used; NULL.
 * pszPackage        as for QuerySecurityPackageInfo.
 * fCredentialUse    SECPKG_CRED_INBOUND for a server or SECPKG_CRED_OUTBOUND for a client, not
 *                   both.
 * pvLogonId         not used; NULL.
 * pAuthData         SCHANNEL_CRED or SCH_CREDENTIALS, told apart by dwVersion; NULL: a client with
 *                   every default. Nothing of it is needed after the call: certificates and stores
 *                   are referenced, the rest is copied.
 * pGetKeyFn, pvGetKeyArgument  not used; NULL.
 * phCredential      out: the handle, given back with FreeCredentialsHandle. Left alone on failure.
 * ptsExpiry         out, may be NULL: end of the first certificate's validity in local time,
 *                   without a certificate the largest time there is.
 * SEC_E_OK
 * SEC_E_SECPKG_NOT_FOUND     pszPackage is NULL or no name of the package
 * SEC_E_NO_CREDENTIALS       fCredentialUse names no single direction; pAuthData is NULL for a
 *                            server; the only certificate has no private key bound to it
 * SEC_E_UNKNOWN_CREDENTIALS  dwVersion is unknown; dwCredFormat is not 0; a certificate is NULL or
 *                            cannot be used, or one of several has no key; more than
 *                            SCH_CRED_MAX_SUPPORTED_CERTS
 * SEC_E_INVALID_PARAMETER    more algorithms, TLS_PARAMETERS, ids or CRYPTO_SETTINGS than the
 *                            limits of schannel.h allow; two TLS_PARAMETERS without ids;
 *                            TLS_PARAMS_OPTIONAL for a client
 * SEC_E_ALGORITHM_MISMATCH   no protocol version or cipher suite is left, or what is left is not
 *                            spoken: DTLS, pre-shared keys, TLS 1.1 and older, TLS 1.3 through
 *                            SCHANNEL_CRED
 * SEC_E_INVALID_HANDLE       phCredential is NULL (judged last)
 * SEC_E_INSUFFICIENT_MEMORY  no memory; SCH_CRED_V3 with a certificate, as on Windows 10
 * SEC_E_INTERNAL_ERROR       libcrypto cannot be set up
 * Any thread; threads and contexts may share a credential.
 * Source: Microsoft "AcquireCredentialsHandle (Schannel) function".
 */
SECURITY_STATUS SEC_ENTRY AcquireCredentialsHandleW(SEC_WCHAR *pszPrincipal, SEC_WCHAR *pszPackage,
                                                    ULONG fCredentialUse, void *pvLogonId,
                                                    void *pAuthData, SEC_GET_KEY_FN pGetKeyFn,
                                                    void *pvGetKeyArgument,
                                                    PCredHandle phCredential, PTimeStamp ptsExpiry);
SECURITY_STATUS SEC_ENTRY AcquireCredentialsHandleA(SEC_CHAR *pszPrincipal, SEC_CHAR *pszPackage,
                                                    ULONG fCredentialUse, void *pvLogonId,
                                                    void *pAuthData, SEC_GET_KEY_FN pGetKeyFn,
                                                    void *pvGetKeyArgument,
                                                    PCredHandle phCredential, PTimeStamp ptsExpiry);
#define AcquireCredentialsHandle SCHANNEL_AW(AcquireCredentialsHandle)

/*
 * FreeCredentialsHandle - gives a credential back. Contexts that were made from it go on; what they
 * need lives as long as they do. FreeCredentialHandle is the same function.
 * phCredential  a handle of AcquireCredentialsHandle; it is dead afterwards, its value is not
 *               changed.
 * SEC_E_OK
 * SEC_E_INVALID_HANDLE  NULL, or no live credential
 * Any thread.
 * Source: Microsoft "FreeCredentialsHandle function".
 */
SECURITY_STATUS SEC_ENTRY FreeCredentialsHandle(PCredHandle phCredential);
#define FreeCredentialHandle FreeCredentialsHandle

/*
 * AddCredentials - adds to a credential; not for Schannel. The parameters are those of
 * AcquireCredentialsHandle and are not looked at.
 * SEC_E_UNSUPPORTED_FUNCTION  always, for a live credential
 * SEC_E_INVALID_HANDLE        hCredentials is NULL or no live credential
 * Any thread.
 * Source: Microsoft "AddCredentials function".
 */
SECURITY_STATUS SEC_ENTRY AddCredentialsW(PCredHandle hCredentials, SEC_WCHAR *pszPrincipal,
                                          SEC_WCHAR *pszPackage, ULONG fCredentialUse,
                                          void *pAuthData, SEC_GET_KEY_FN pGetKeyFn,
                                          void *pvGetKeyArgument, PTimeStamp ptsExpiry);
SECURITY_STATUS SEC_ENTRY AddCredentialsA(PCredHandle hCredentials, SEC_CHAR *pszPrincipal,
                                          SEC_CHAR *pszPackage, ULONG fCredentialUse,
                                          void *pAuthData, SEC_GET_KEY_FN pGetKeyFn,
                                          void *pvGetKeyArgument, PTimeStamp ptsExpiry);
#define AddCredentials SCHANNEL_AW(AddCredentials)

/*
 * QueryCredentialsAttributes - reads from a credential.
 * phCredential  the credential.
 * ulAttribute   SECPKG_ATTR_SUPPORTED_ALGS (what the library can do, whatever the credential
 *               allows; the list is freed with FreeContextBuffer), SECPKG_ATTR_CIPHER_STRENGTHS
 *               (bits) or SECPKG_ATTR_SUPPORTED_PROTOCOLS (bits of the credential's direction).
 * pBuffer       out: the structure of that attribute. Left alone on failure.
 * SEC_E_OK
 * SEC_E_INVALID_HANDLE        NULL, or no live credential
 * SEC_E_INTERNAL_ERROR        pBuffer is NULL
 * SEC_E_NO_CREDENTIALS        SECPKG_CRED_ATTR_NAMES: certificates stand for no account here
 * SEC_E_UNSUPPORTED_FUNCTION  any other attribute
 * SEC_E_INSUFFICIENT_MEMORY   no memory
 * Any thread.
 * Source: Microsoft "QueryCredentialsAttributes function".
 */
SECURITY_STATUS SEC_ENTRY QueryCredentialsAttributesW(PCredHandle phCredential, ULONG ulAttribute,
                                                      void *pBuffer);
SECURITY_STATUS SEC_ENTRY QueryCredentialsAttributesA(PCredHandle phCredential, ULONG ulAttribute,
                                                      void *pBuffer);
#define QueryCredentialsAttributes SCHANNEL_AW(QueryCredentialsAttributes)

/*
 * QueryCredentialsAttributesEx - QueryCredentialsAttributes with the size of the caller's
 * structure.
 * cbBuffer  bytes at pBuffer.
 * SEC_E_BUFFER_TOO_SMALL  cbBuffer is less than the attribute's structure needs; judged first
 * The other parameters and statuses are those of QueryCredentialsAttributes. Any thread.
 * Source: Microsoft "QueryCredentialsAttributesEx function".
 */
SECURITY_STATUS SEC_ENTRY QueryCredentialsAttributesExW(PCredHandle phCredential, ULONG ulAttribute,
                                                        void *pBuffer, ULONG cbBuffer);
SECURITY_STATUS SEC_ENTRY QueryCredentialsAttributesExA(PCredHandle phCredential, ULONG ulAttribute,
                                                        void *pBuffer, ULONG cbBuffer);
#define QueryCredentialsAttributesEx SCHANNEL_AW(QueryCredentialsAttributesEx)

/*
 * SetCredentialsAttributes - changes an attribute of a credential; none can be changed in this
 * version.
 * ulAttribute, pBuffer, cbBuffer  attribute, its structure and the structure's bytes; not looked
 *                               at.
 * SEC_E_UNSUPPORTED_FUNCTION  always, for a live credential
 * SEC_E_INVALID_HANDLE        phCredential is NULL or no live credential
 * Any thread.
 * Source: Microsoft "SetCredentialsAttributes function".
 */
SECURITY_STATUS SEC_ENTRY SetCredentialsAttributesW(PCredHandle phCredential, ULONG ulAttribute,
                                                    void *pBuffer, ULONG cbBuffer);
SECURITY_STATUS SEC_ENTRY SetCredentialsAttributesA(PCredHandle phCredential, ULONG ulAttribute,
                                                    void *pBuffer, ULONG cbBuffer);
#define SetCredentialsAttributes SCHANNEL_AW(SetCredentialsAttributes)

/*
 * InitializeSecurityContext - a client's side of the handshake, one step a call: takes what the
 * server sent, gives what is to be sent to it. Called again until it returns SEC_E_OK; after that
 * for the records that DecryptMessage answered with SEC_I_RENEGOTIATE and to fetch the record that
 * ApplyControlToken armed.
 * phCredential   first call: an outbound credential. Later: the same, NULL, or another outbound
 *                one, whose certificate then answers the server's request.
 * phContext      first call: NULL. Later: the context.
 * pszTargetName  first call: whose certificate is expected, and the name in the server_name
 *                extension (a host name without a dot at its end; an address is compared but not
 *                sent). A: UTF-8. NULL or empty only with validation or the name check switched
 *                off, else the call that judges the certificate returns SEC_E_WRONG_PRINCIPAL.
 *                Later calls do not look at it.
 * fContextReq    ISC_REQ_*. Read anew in every call: ISC_REQ_ALLOCATE_MEMORY and
 *                ISC_REQ_USE_SUPPLIED_CREDS (answer a request for a certificate without one rather
 *                than ask). First call: ISC_REQ_MANUAL_CRED_VALIDATION (the program judges the
 *                server's certificate itself).
 * Reserved1, TargetDataRep, Reserved2  not looked at.
 * pInput         first call: NULL, or option buffers: SECBUFFER_APPLICATION_PROTOCOLS (ids to
 *                offer), SECBUFFER_FLAGS (ISC_REQ_DEFERRED_CRED_VALIDATION: the handshake goes on
 *                whatever the verdict on the certificate, which SECPKG_ATTR_CERT_CHECK_RESULT
 *                tells). Later: SECBUFFER_TOKEN with the bytes that came, any number of whole and
 *                partial records, which are not changed, and an empty SECBUFFER_EMPTY for the
 *                answer: it becomes SECBUFFER_EXTRA with the number of bytes at the end that were
 *                not used, or with SEC_E_INCOMPLETE_MESSAGE SECBUFFER_MISSING with the number of
 *                bytes that lack at least. Without it only whole records are taken. Unknown types
 *                are passed over.
 * phNewContext   first call: out, the handle. Later: NULL or a place for the same value.
 * pOutput        SECBUFFER_TOKEN: bytes for the server; and optionally SECBUFFER_ALERT: level and
 *                number of an alert that the server is owed. With ISC_REQ_ALLOCATE_MEMORY, or for a
 *                buffer with pvBuffer NULL and a size, the library allocates and the caller frees
 *                with FreeContextBuffer; otherwise cbBuffer is the room in bytes on entry. cbBuffer
 *                0 on return: nothing to send.
 * pfContextAttr  out, may be NULL: ISC_RET_*. Complete with SEC_E_OK.
 * ptsExpiry      out, may be NULL: end of the server certificate's validity in local time.
 * SEC_E_OK                      the handshake, or the step after it, is done; send the token
 * SEC_I_CONTINUE_NEEDED         send the token; call again, at once with EXTRA bytes or with new
 *                               ones
 * SEC_E_INCOMPLETE_MESSAGE      nothing was used and nothing changed: read on, and pass the old
 *                               bytes with the new ones; also when there is nothing to be done
 * SEC_I_INCOMPLETE_CREDENTIALS  the server asks for a certificate and the credential has none that
 *                               fits: call again with the same bytes or none, with a credential
 *                               that has one, or with the same to go on without
 * SEC_I_CONTEXT_EXPIRED         the server closed the connection
 * SEC_E_INVALID_HANDLE          phCredential names no live credential; phContext names no live
 *                               client context; phNewContext NULL in the first call
 * SEC_E_NO_CREDENTIALS          the credential is inbound
 * SEC_E_INVALID_TOKEN           no TOKEN in pOutput; a buffer with a size but no memory, an EMPTY
 *                               buffer with a size, or an ill-formed option; bytes that are no TLS
 * SEC_E_INVALID_PARAMETER       SECBUFFER_FLAGS with a bit below 32
 * SEC_E_UNSUPPORTED_FUNCTION    ISC_REQ_DELEGATE, ISC_REQ_PROMPT_FOR_CREDS, ISC_REQ_DATAGRAM, or an
 *                               option buffer or a bit of SECBUFFER_FLAGS that is not supported; a
 *                               new handshake on an established TLS 1.2 connection; the server
 *                               speaks no version that is enabled
 * SEC_E_INSUFFICIENT_MEMORY     TOKEN or ALERT is too small: nothing changed, call again with a
 *                               larger one; no memory
 * SEC_E_WRONG_PRINCIPAL, SEC_E_UNTRUSTED_ROOT, SEC_E_CERT_EXPIRED, SEC_E_CERT_WRONG_USAGE,
 * CRYPT_E_REVOKED, CRYPT_E_NO_REVOCATION_CHECK, CRYPT_E_REVOCATION_OFFLINE, SEC_E_CERT_UNKNOWN
 *                               what is wrong with the server's certificate: another name, an
 *                               unknown root, the validity, the usage, revocation, anything else
 * SEC_E_ALGORITHM_MISMATCH      no version, suite, group or signature algorithm in common
 * SEC_E_APPLICATION_PROTOCOL_MISMATCH
 *                               the server refused every application protocol
 * SEC_E_ILLEGAL_MESSAGE         a message that the protocol does not allow, or an alert without a
 *                               status of its own
 * SEC_E_MESSAGE_ALTERED, SEC_E_DECRYPT_FAILURE
 *                               a record, a signature or a Finished message is false
 * SEC_E_LOGON_DENIED, SEC_E_UNFINISHED_CONTEXT_DELETED, SEC_E_INTERNAL_ERROR
 *                               the server's alert access_denied, user_canceled, internal_error;
 *                               the last one also for a failure of this side
 * SEC_E_CONTEXT_EXPIRED         the context failed before, or the process was forked
 * A fatal failure leaves an alert record in TOKEN when the server is owed one: send it, then
 * DeleteSecurityContext. A first call that fails leaves no context. No other call may run on the
 * context at the same time.
 * Source: Microsoft "InitializeSecurityContext (Schannel) function".
 */
SECURITY_STATUS SEC_ENTRY InitializeSecurityContextW(
    PCredHandle phCredential, PCtxtHandle phContext, SEC_WCHAR *pszTargetName, ULONG fContextReq,
    ULONG Reserved1, ULONG TargetDataRep, PSecBufferDesc pInput, ULONG Reserved2,
    PCtxtHandle phNewContext, PSecBufferDesc pOutput, ULONG *pfContextAttr, PTimeStamp ptsExpiry);
SECURITY_STATUS SEC_ENTRY InitializeSecurityContextA(
    PCredHandle phCredential, PCtxtHandle phContext, SEC_CHAR *pszTargetName, ULONG fContextReq,
    ULONG Reserved1, ULONG TargetDataRep, PSecBufferDesc pInput, ULONG Reserved2,
    PCtxtHandle phNewContext, PSecBufferDesc pOutput, ULONG *pfContextAttr, PTimeStamp ptsExpiry);
#define InitializeSecurityContext SCHANNEL_AW(InitializeSecurityContext)

/*
 * AcceptSecurityContext - a server's side of the handshake, one step a call. Parameters, buffers,
 * ownership and statuses are those of InitializeSecurityContext with these differences.
 * phCredential   first call: an inbound credential with a certificate. Later: the same or NULL.
 * phContext      NULL until a call has made the context; a zeroed or invalidated handle counts as
 *                NULL.
 * pInput         first call, too: SECBUFFER_TOKEN with the client's bytes and SECBUFFER_EMPTY.
 *                SECBUFFER_APPLICATION_PROTOCOLS in the call that makes the context: the ids that
 *                the server takes, in its order of preference.
 * fContextReq    ASC_REQ_*, whose numbers differ from ISC_REQ_* from 0x4000 up. ASC_REQ_MUTUAL_AUTH
 *                in the first call asks the client for a certificate; it may come without. The
 *                program judges it: ASC_RET_MUTUAL_AUTH is set only where the credential has
 *                SCH_CRED_NO_SYSTEM_MAPPER and the chain is good.
 * phNewContext   out: the handle, written with SEC_I_CONTINUE_NEEDED. SEC_E_INCOMPLETE_MESSAGE in
 *                the first call makes no context.
 * pOutput        a token may come with SEC_E_OK, too.
 * ptsExpiry      end of the client certificate's validity.
 * SEC_E_NO_CREDENTIALS        the credential is outbound, or has no certificate
 * SEC_E_ALGORITHM_MISMATCH    also: no certificate fits what the client can verify
 * SEC_E_UNSUPPORTED_FUNCTION  ASC_REQ_DELEGATE, ASC_REQ_DATAGRAM, an option buffer that is not
 *                             supported; a new handshake, or with ASC_REQ_MUTUAL_AUTH a late
 *                             request for a certificate, on an established connection
 * SEC_E_APPLICATION_PROTOCOL_MISMATCH
 *                               both sides have lists and nothing in common
 * Not returned: SEC_I_INCOMPLETE_CREDENTIALS, SEC_E_WRONG_PRINCIPAL.
 * Source: Microsoft "AcceptSecurityContext (Schannel) function".
 */
SECURITY_STATUS SEC_ENTRY AcceptSecurityContext(PCredHandle phCredential, PCtxtHandle phContext,
                                                PSecBufferDesc pInput, ULONG fContextReq,
                                                ULONG TargetDataRep, PCtxtHandle phNewContext,
                                                PSecBufferDesc pOutput, ULONG *pfContextAttr,
                                                PTimeStamp ptsExpiry);

/*
 * CompleteAuthToken - for packages that finish a token in a second step; Schannel does not.
 * pToken  not looked at.
 * SEC_E_UNSUPPORTED_FUNCTION  always, for a live context
 * SEC_E_INVALID_HANDLE        phContext is NULL or no live context
 * Any thread.
 * Source: Microsoft "CompleteAuthToken function".
 */
SECURITY_STATUS SEC_ENTRY CompleteAuthToken(PCtxtHandle phContext, PSecBufferDesc pToken);

/*
 * ApplyControlToken - tells the context what the next InitializeSecurityContext or
 * AcceptSecurityContext delivers: a close_notify or another alert. Sends nothing itself.
 * phContext  the context; the handshake need not be over.
 * pInput     one SECBUFFER_TOKEN, no other buffer, with SCHANNEL_SHUTDOWN (a DWORD),
 *            SCHANNEL_ALERT_TOKEN or SCHANNEL_SESSION_TOKEN; copied.
 * SEC_E_OK                    armed; for SCHANNEL_SESSION: sessions are never kept, so that
 *                             switching them off is done
 * SEC_E_INVALID_HANDLE        NULL, or no live context
 * SEC_E_INTERNAL_ERROR        pInput is NULL
 * SEC_E_INVALID_TOKEN         not exactly one buffer, or not of type TOKEN
 * SEC_E_UNSUPPORTED_FUNCTION  shorter than its structure, an unknown type, SCHANNEL_RENEGOTIATE, an
 *                             alert level or number that does not exist,
 *                             SSL_SESSION_ENABLE_RECONNECTS
 * SEC_E_INSUFFICIENT_MEMORY   no memory
 * SEC_E_CONTEXT_EXPIRED       the process was forked
 * No other call may run on the context at the same time.
 * Source: Microsoft "ApplyControlToken function", "Shutting Down an Schannel Connection".
 */
SECURITY_STATUS SEC_ENTRY ApplyControlToken(PCtxtHandle phContext, PSecBufferDesc pInput);

/*
 * DeleteSecurityContext - frees the context; sends nothing. Certificate contexts and memory that
 * were handed out stay valid. Needed after every call that wrote a handle, whatever came later.
 * phContext  the context; dead afterwards, its value is not changed.
 * SEC_E_OK
 * SEC_E_INVALID_HANDLE  NULL, or no live context (deleted before, for instance)
 * Any thread, but while no other call runs on the context.
 * Source: Microsoft "DeleteSecurityContext function".
 */
SECURITY_STATUS SEC_ENTRY DeleteSecurityContext(PCtxtHandle phContext);

/*
 * FreeContextBuffer - frees memory that a function of this header gave: tokens, alerts, package
 * lists, texts, lists and key material of attributes. Not certificate contexts or stores.
 * pvContextBuffer  the pointer as it was given; NULL is harmless.
 * SEC_E_OK  always
 * Any thread.
 * Source: Microsoft "FreeContextBuffer function".
 */
SECURITY_STATUS SEC_ENTRY FreeContextBuffer(void *pvContextBuffer);

/*
 * EncryptMessage - makes one record out of up to cbMaximumMessage bytes, in place. The sizes come
 * from SECPKG_ATTR_STREAM_SIZES.
 * phContext     an established context.
 * fQOP          0, or SECQOP_WRAP_OOB_DATA: the data are the two bytes of an alert.
 * pMessage      SECBUFFER_STREAM_HEADER with cbHeader bytes of room, SECBUFFER_DATA with the plain
 *               text (0 to cbMaximumMessage bytes), SECBUFFER_STREAM_TRAILER with cbTrailer bytes
 *               of room, in any order; others are passed over, and so are read-only ones. On return
 *               the three hold the record, in this order; cbBuffer of header and trailer is what
 *               was used.
 * MessageSeqNo  not looked at; 0.
 * SEC_E_OK                send header, data and trailer
 * SEC_E_INVALID_HANDLE    NULL, no live context, or the handshake is not over
 * SEC_E_INVALID_TOKEN     a buffer of the three is missing, doubled or without memory; an alert of
 *                         other than two bytes
 * SEC_E_QOP_NOT_SUPPORTED another fQOP
 * SEC_E_ENCRYPT_FAILURE   more than cbMaximumMessage bytes
 * SEC_E_BUFFER_TOO_SMALL  too little room for header or trailer
 * SEC_E_CONTEXT_EXPIRED   this side was shut down or failed; the peer's key update or renegotiation
 *                         must go through InitializeSecurityContext or AcceptSecurityContext first;
 *                         the last record that the keys allow was used; the process was forked
 * SEC_E_INTERNAL_ERROR    libcrypto failed
 * One thread may encrypt while another decrypts; two must not encrypt on one context. Allocates
 * nothing.
 * Source: Microsoft "EncryptMessage (Schannel) function".
 */
SECURITY_STATUS SEC_ENTRY EncryptMessage(PCtxtHandle phContext, ULONG fQOP, PSecBufferDesc pMessage,
                                         ULONG MessageSeqNo);

/*
 * DecryptMessage - opens the first record of what came, in place.
 * phContext     an established context.
 * pMessage      at least four buffers: one SECBUFFER_DATA with the bytes that came, the others
 *               SECBUFFER_EMPTY. On return the first four are STREAM_HEADER, DATA (the plain text,
 *               inside the caller's bytes, may be empty), STREAM_TRAILER, and EXTRA with the bytes
 *               behind the record, or EMPTY. With SEC_E_INCOMPLETE_MESSAGE the DATA buffer is
 *               SECBUFFER_MISSING with the number of bytes that lack at least, and so is the first
 *               EMPTY one.
 * MessageSeqNo  not looked at; 0.
 * pfQOP         not written; NULL.
 * SEC_E_OK                  the plain text is in DATA; call again with EXTRA
 * SEC_E_INCOMPLETE_MESSAGE  no whole record: nothing changed; read on, and pass the old bytes with
 *                           the new ones
 * SEC_I_RENEGOTIATE         a handshake message came (in TLS 1.3 tickets and key updates: part of
 *                           nearly every connection): pass EXTRA, this whole buffer or nothing to
 *                           InitializeSecurityContext or AcceptSecurityContext, then go on
 * SEC_I_CONTEXT_EXPIRED     the peer closed its side; this side may still send. Given again in
 *                           every later call
 * SEC_E_INVALID_HANDLE      NULL, no live context, or the handshake is not over
 * SEC_E_INVALID_TOKEN       another list of buffers
 * SEC_E_MESSAGE_ALTERED     the record does not have the authenticity that the keys demand
 * SEC_E_DECRYPT_FAILURE     bytes that cannot be a record of this connection
 * SEC_E_ILLEGAL_MESSAGE     a record or message that the protocol does not allow
 * SEC_E_CONTEXT_EXPIRED     the context failed before; a handshake message waits for the call named
 *                           above; the process was forked
 * SEC_E_INSUFFICIENT_MEMORY, SEC_E_INTERNAL_ERROR
 *                           no memory; libcrypto failed
 * A fatal alert gives the status of "Schannel Error Codes for TLS and SSL Alerts". That one,
 * MESSAGE_ALTERED, DECRYPT_FAILURE and ILLEGAL_MESSAGE are final for the context. One thread may
 * decrypt while another encrypts; two must not decrypt on one context. Data records are opened
 * without allocation.
 * Source: Microsoft "DecryptMessage (Schannel) function".
 */
SECURITY_STATUS SEC_ENTRY DecryptMessage(PCtxtHandle phContext, PSecBufferDesc pMessage,
                                         ULONG MessageSeqNo, ULONG *pfQOP);

/*
 * QueryContextAttributes - reads from a context. Which structure belongs to an attribute, and who
 * frees what, stands at the structures in sspi.h and schannel.h.
 * phContext    the context. Most attributes exist when the handshake is over; PACKAGE_INFO,
 *              REMOTE_CERT_CONTEXT, ISSUER_LIST_EX, SUPPORTED_SIGNATURES and CERT_CHECK_RESULT
 *              before, as soon as they are known.
 * ulAttribute  SECPKG_ATTR_*: SIZES, NAMES, LIFESPAN, STREAM_SIZES, KEY_INFO, AUTHORITY,
 *              PROTO_INFO, PACKAGE_INFO, FLAGS, UNIQUE_BINDINGS (TLS 1.2), ENDPOINT_BINDINGS,
 *              APPLICATION_PROTOCOL, REMOTE_CERT_CONTEXT, LOCAL_CERT_CONTEXT, ISSUER_LIST_EX,
 *              CONNECTION_INFO, CONNECTION_INFO_EX, SESSION_INFO, REMOTE_CERTIFICATES, CIPHER_INFO,
 *              SUPPORTED_SIGNATURES, KEYING_MATERIAL (after SetContextAttributes with
 *              KEYING_MATERIAL_INFO), KEYING_MATERIAL_INPROC, CERT_CHECK_RESULT,
 *              CERT_CHECK_RESULT_INPROC. A and W differ in the width of texts.
 * pBuffer      out: the attribute's structure; dwVersion, where there is one, is set before. Left
 *              alone on failure.
 * SEC_E_OK
 * SEC_E_INVALID_HANDLE        NULL, no live context, or not known yet
 * SEC_E_UNSUPPORTED_FUNCTION  another attribute or dwVersion; what this connection does not have
 * SEC_E_INTERNAL_ERROR        pBuffer is NULL; libcrypto failed
 * SEC_E_NO_CREDENTIALS        the certificate that is asked for was not sent
 * SEC_E_INVALID_PARAMETER     KEYING_MATERIAL_INPROC: no label or size, or a context without its
 *                             size
 * SEC_E_INSUFFICIENT_MEMORY   no memory
 * SEC_E_CONTEXT_EXPIRED       the process was forked
 * Not at the same time as InitializeSecurityContext, AcceptSecurityContext or DeleteSecurityContext
 * on the context.
 * Source: Microsoft "QueryContextAttributes (Schannel) function".
 */
SECURITY_STATUS SEC_ENTRY QueryContextAttributesW(PCtxtHandle phContext, ULONG ulAttribute,
                                                  void *pBuffer);
SECURITY_STATUS SEC_ENTRY QueryContextAttributesA(PCtxtHandle phContext, ULONG ulAttribute,
                                                  void *pBuffer);
#define QueryContextAttributes SCHANNEL_AW(QueryContextAttributes)

/*
 * QueryContextAttributesEx - QueryContextAttributes with the size of the caller's structure.
 * cbBuffer  bytes at pBuffer.
 * SEC_E_BUFFER_TOO_SMALL  cbBuffer is less than the attribute's structure needs
 * The rest is that of QueryContextAttributes.
 * Source: Microsoft "QueryContextAttributesEx function".
 */
SECURITY_STATUS SEC_ENTRY QueryContextAttributesExW(PCtxtHandle phContext, ULONG ulAttribute,
                                                    void *pBuffer, ULONG cbBuffer);
SECURITY_STATUS SEC_ENTRY QueryContextAttributesExA(PCtxtHandle phContext, ULONG ulAttribute,
                                                    void *pBuffer, ULONG cbBuffer);
#define QueryContextAttributesEx SCHANNEL_AW(QueryContextAttributesEx)

/*
 * SetContextAttributes - changes an attribute of a context.
 * phContext    the context.
 * ulAttribute  SECPKG_ATTR_KEYING_MATERIAL_INFO (label, context and length of the next
 *              KEYING_MATERIAL; copied) or SECPKG_ATTR_UI_INFO (taken, without effect).
 * pBuffer      the attribute's structure.
 * cbBuffer     its bytes.
 * SEC_E_OK
 * SEC_E_INVALID_HANDLE        NULL, or no live context
 * SEC_E_UNSUPPORTED_FUNCTION  any other attribute
 * SEC_E_INTERNAL_ERROR        pBuffer is NULL
 * SEC_E_BUFFER_TOO_SMALL      cbBuffer is less than the attribute's structure needs
 * SEC_E_INVALID_PARAMETER     no label or length, more than 65536 bytes, or a context without its
 *                             size
 * SEC_E_INSUFFICIENT_MEMORY   no memory
 * SEC_E_CONTEXT_EXPIRED       the process was forked
 * No other call may run on the context at the same time.
 * Source: Microsoft "SetContextAttributes (Schannel) function".
 */
SECURITY_STATUS SEC_ENTRY SetContextAttributesW(PCtxtHandle phContext, ULONG ulAttribute,
                                                void *pBuffer, ULONG cbBuffer);
SECURITY_STATUS SEC_ENTRY SetContextAttributesA(PCtxtHandle phContext, ULONG ulAttribute,
                                                void *pBuffer, ULONG cbBuffer);
#define SetContextAttributes SCHANNEL_AW(SetContextAttributes)

/*
 * MakeSignature, VerifySignature - signatures without encryption; Schannel has none. The parameters
 * are those of EncryptMessage and DecryptMessage and are not looked at.
 * SEC_E_UNSUPPORTED_FUNCTION  always, for a live context
 * SEC_E_INVALID_HANDLE        phContext is NULL or no live context
 * Any thread.
 * Source: Microsoft "MakeSignature function", "VerifySignature function".
 */
SECURITY_STATUS SEC_ENTRY MakeSignature(PCtxtHandle phContext, ULONG fQOP, PSecBufferDesc pMessage,
                                        ULONG MessageSeqNo);
SECURITY_STATUS SEC_ENTRY VerifySignature(PCtxtHandle phContext, PSecBufferDesc pMessage,
                                          ULONG MessageSeqNo, ULONG *pfQOP);

/*
 * ImpersonateSecurityContext - acts as the account of the client; certificates are mapped to no
 * account here.
 * RevertSecurityContext - ends that.
 * QuerySecurityContextToken - a token of that account. Token is not written.
 * SEC_E_NO_IMPERSONATION      ImpersonateSecurityContext and QuerySecurityContextToken: always, for
 *                             a live context
 * SEC_E_UNSUPPORTED_FUNCTION  RevertSecurityContext: always, for a live context
 * SEC_E_INVALID_HANDLE        phContext is NULL or no live context
 * Any thread.
 * Source: Microsoft pages of the three functions, "Mapping Certificates".
 */
SECURITY_STATUS SEC_ENTRY ImpersonateSecurityContext(PCtxtHandle phContext);
SECURITY_STATUS SEC_ENTRY RevertSecurityContext(PCtxtHandle phContext);
SECURITY_STATUS SEC_ENTRY QuerySecurityContextToken(PCtxtHandle phContext, HANDLE *Token);

/*
 * ExportSecurityContext - packs a context for another process; refused, because two copies would
 * encrypt different data with the same nonces. fFlags (SECPKG_CONTEXT_EXPORT_*), pPackedContext and
 * pToken are not looked at.
 * SEC_E_UNSUPPORTED_FUNCTION  always, for a live context
 * SEC_E_INVALID_HANDLE        phContext is NULL or no live context
 * Any thread.
 * Source: Microsoft "ExportSecurityContext function".
 */
SECURITY_STATUS SEC_ENTRY ExportSecurityContext(PCtxtHandle phContext, ULONG fFlags,
                                                PSecBuffer pPackedContext, void **pToken);

/*
 * ImportSecurityContext - the other side of ExportSecurityContext; there is nothing to import.
 * pPackedContext, Token and phContext are not looked at.
 * pszPackage  as for QuerySecurityPackageInfo.
 * SEC_E_UNSUPPORTED_FUNCTION  always, for a name of the package
 * SEC_E_SECPKG_NOT_FOUND      pszPackage is NULL or no name of the package
 * SEC_E_INSUFFICIENT_MEMORY   W: no memory
 * Any thread.
 * Source: Microsoft "ImportSecurityContext function".
 */
SECURITY_STATUS SEC_ENTRY ImportSecurityContextW(SEC_WCHAR *pszPackage, PSecBuffer pPackedContext,
                                                 void *Token, PCtxtHandle phContext);
SECURITY_STATUS SEC_ENTRY ImportSecurityContextA(SEC_CHAR *pszPackage, PSecBuffer pPackedContext,
                                                 void *Token, PCtxtHandle phContext);
#define ImportSecurityContext SCHANNEL_AW(ImportSecurityContext)

/*
 * ChangeAccountPassword - changes the password of an account; Schannel has no accounts. Only
 * pszPackageName is looked at; pOutput is not written.
 * SEC_E_UNSUPPORTED_FUNCTION  always, for a name of the package
 * SEC_E_SECPKG_NOT_FOUND      pszPackageName is NULL or no name of the package
 * SEC_E_INSUFFICIENT_MEMORY   W: no memory
 * Any thread.
 * Source: Microsoft "ChangeAccountPassword function".
 */
SECURITY_STATUS SEC_ENTRY ChangeAccountPasswordW(SEC_WCHAR *pszPackageName,
                                                 SEC_WCHAR *pszDomainName,
                                                 SEC_WCHAR *pszAccountName,
                                                 SEC_WCHAR *pszOldPassword,
                                                 SEC_WCHAR *pszNewPassword, BOOLEAN bImpersonating,
                                                 ULONG dwReserved, PSecBufferDesc pOutput);
SECURITY_STATUS SEC_ENTRY ChangeAccountPasswordA(SEC_CHAR *pszPackageName, SEC_CHAR *pszDomainName,
                                                 SEC_CHAR *pszAccountName, SEC_CHAR *pszOldPassword,
                                                 SEC_CHAR *pszNewPassword, BOOLEAN bImpersonating,
                                                 ULONG dwReserved, PSecBufferDesc pOutput);
#define ChangeAccountPassword SCHANNEL_AW(ChangeAccountPassword)

/*
 * AddSecurityPackage, DeleteSecurityPackage - change the list of packages, which is fixed here.
 * pszPackageName and pOptions are not looked at.
 * SEC_E_UNSUPPORTED_FUNCTION  always
 * Any thread.
 * Source: Microsoft "AddSecurityPackage function", "DeleteSecurityPackage function".
 */
SECURITY_STATUS SEC_ENTRY AddSecurityPackageW(LPWSTR pszPackageName,
                                              PSECURITY_PACKAGE_OPTIONS pOptions);
SECURITY_STATUS SEC_ENTRY AddSecurityPackageA(LPSTR pszPackageName,
                                              PSECURITY_PACKAGE_OPTIONS pOptions);
#define AddSecurityPackage SCHANNEL_AW(AddSecurityPackage)

SECURITY_STATUS SEC_ENTRY DeleteSecurityPackageW(LPWSTR pszPackageName);
SECURITY_STATUS SEC_ENTRY DeleteSecurityPackageA(LPSTR pszPackageName);
#define DeleteSecurityPackage SCHANNEL_AW(DeleteSecurityPackage)

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
