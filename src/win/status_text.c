/* SPDX-License-Identifier: MIT */
/* What each status means and what to try; FormatMessage. */
#include <libschannel.h>
#include <stdio.h>

#include "win/win.h"

#define S(status, text)                                                                            \
    {                                                                                              \
        (LONG) status, #status, text                                                               \
    }

static const struct win_status statuses[] = {
    S(SEC_E_OK, "The call succeeded."),
    S(SEC_I_CONTINUE_NEEDED, "The handshake goes on: send the token, if there is one, and pass the "
                             "peer's answer to the next call."),
    S(SEC_I_CONTEXT_EXPIRED,
      "The peer has closed the connection in good order. Shut down this side, too."),
    S(SEC_I_RENEGOTIATE, "A handshake message arrived. Pass the EXTRA bytes to "
                         "InitializeSecurityContext or AcceptSecurityContext, then go on reading."),
    S(SEC_I_INCOMPLETE_CREDENTIALS,
      "The server asks for a client certificate. Call InitializeSecurityContext again, with a "
      "credential that has one or with the same one to go on without."),
    S(SEC_I_NO_RENEGOTIATION, "The peer refuses to renegotiate. The connection goes on unchanged."),
    S(SEC_E_INSUFFICIENT_MEMORY,
      "There is not enough memory, or an output buffer is too small for the token. Enlarge the "
      "buffer or ask for allocation, and call again."),
    S(SEC_E_INVALID_HANDLE,
      "The handle names nothing alive, or the context is not far enough for this call."),
    S(SEC_E_UNSUPPORTED_FUNCTION,
      "The function, the attribute or the request is not supported; as the answer to an alert: the "
      "peer does not accept the protocol version."),
    S(SEC_E_TARGET_UNKNOWN, "The target is not known."),
    S(SEC_E_INTERNAL_ERROR,
      "An internal error, here or reported by the peer, or a NULL where none is allowed."),
    S(SEC_E_SECPKG_NOT_FOUND, "No security package has this name. Use UNISP_NAME."),
    S(SEC_E_NOT_OWNER, "The caller does not own the credential."),
    S(SEC_E_INVALID_TOKEN, "The bytes are not TLS, or the buffer list does not have the required "
                           "form. Check that the peer speaks TLS on this port."),
    S(SEC_E_QOP_NOT_SUPPORTED, "This quality of protection is not supported."),
    S(SEC_E_NO_IMPERSONATION, "The client is not mapped to an account."),
    S(SEC_E_LOGON_DENIED, "The peer denied access."),
    S(SEC_E_UNKNOWN_CREDENTIALS,
      "The credential data cannot be used: unknown version, or an unreadable certificate or key."),
    S(SEC_E_NO_CREDENTIALS,
      "No certificate: the credential has none with a private key, or the peer sent none."),
    S(SEC_E_MESSAGE_ALTERED,
      "A record was changed on its way, or the keys of the two sides differ."),
    S(SEC_E_OUT_OF_SEQUENCE, "A message came out of order."),
    S(SEC_E_NO_AUTHENTICATING_AUTHORITY, "No authority could be contacted."),
    S(SEC_E_CONTEXT_EXPIRED,
      "The context is closed or has failed, or a handshake message must be handled first."),
    S(SEC_E_INCOMPLETE_MESSAGE,
      "A record is not complete. Read more bytes and call again with the old and the new ones."),
    S(SEC_E_INCOMPLETE_CREDENTIALS, "The credential is not complete."),
    S(SEC_E_BUFFER_TOO_SMALL,
      "A buffer is too small. Query SECPKG_ATTR_STREAM_SIZES for the sizes."),
    S(SEC_E_WRONG_PRINCIPAL, "The server's certificate does not name the target. Check the host "
                             "name; a certificate for another name may be a sign of interception."),
    S(SEC_E_TIME_SKEW, "The clocks differ too much."),
    S(SEC_E_UNTRUSTED_ROOT, "The certificate chain does not end in a trusted root. Add the "
                            "authority's certificate to the trusted roots if you trust it."),
    S(SEC_E_ILLEGAL_MESSAGE, "The peer sent a message that the protocol does not allow, or refused "
                             "one of ours. The alert tells which."),
    S(SEC_E_CERT_UNKNOWN, "A certificate could not be processed or was not accepted."),
    S(SEC_E_CERT_EXPIRED,
      "A certificate is expired or not yet valid. Check the clock, or renew the certificate."),
    S(SEC_E_ENCRYPT_FAILURE, "The message is longer than one record may be, or encryption failed."),
    S(SEC_E_DECRYPT_FAILURE, "A record or a signature did not check out."),
    S(SEC_E_ALGORITHM_MISMATCH, "The two sides have no protocol version, cipher suite or signature "
                                "algorithm in common, or the credential enables none."),
    S(SEC_E_SECURITY_QOS_FAILED, "The requested quality of protection was not reached."),
    S(SEC_E_UNFINISHED_CONTEXT_DELETED, "The peer cancelled the handshake."),
    S(SEC_E_WRONG_CREDENTIAL_HANDLE, "The credential does not belong to the context."),
    S(SEC_E_CRYPTO_SYSTEM_INVALID, "The cipher is not available."),
    S(SEC_E_BAD_BINDINGS, "The channel bindings do not match."),
    S(SEC_E_CERT_WRONG_USAGE,
      "A certificate is not meant for this use. A server needs the server authentication usage."),
    S(SEC_E_DOWNGRADE_DETECTED, "Somebody tried to force an older protocol version."),
    S(SEC_E_INVALID_PARAMETER, "An argument is not valid."),
    S(SEC_E_NO_CONTEXT, "There is no context."),
    S(SEC_E_MUTUAL_AUTH_FAILED, "Mutual authentication failed."),
    S(SEC_E_APPLICATION_PROTOCOL_MISMATCH,
      "The two sides have no application protocol (ALPN) in common."),
    S(CRYPT_E_REVOKED, "A certificate has been revoked."),
    S(CRYPT_E_NO_REVOCATION_CHECK,
      "The certificate does not tell where its revocation could be checked."),
    S(CRYPT_E_REVOCATION_OFFLINE, "The revocation information could not be reached."),
    S(CRYPT_E_NOT_FOUND, "The object or property was not found."),
    S(CRYPT_E_EXISTS, "The object is there already."),
    S(CRYPT_E_ASN1_BADTAG, "The bytes are not the encoding that was expected."),
    S(CRYPT_E_ASN1_EOD, "The encoding ends too early."),
    S(TRUST_E_CERT_SIGNATURE, "The signature of a certificate does not verify."),
    S(TRUST_E_BASIC_CONSTRAINTS, "A certificate signs others without being an authority."),
    S(CERT_E_EXPIRED, "A certificate is expired or not yet valid."),
    S(CERT_E_UNTRUSTEDROOT, "The chain ends in a root that is not trusted."),
    S(CERT_E_CHAINING, "The chain is incomplete."),
    S(CERT_E_WRONG_USAGE, "A certificate is not valid for the requested usage."),
    S(CERT_E_CN_NO_MATCH, "The certificate does not name the target."),
    S(CERT_E_CRITICAL, "A certificate has a critical extension that is not understood."),
    S(CERT_E_INVALID_NAME, "A name in the chain is not permitted."),
    S(CRYPT_E_ASN1_CORRUPT, "The encoding is damaged."),
    S(CRYPT_E_ASN1_LARGE, "A value in the encoding is too large."),
    S(CRYPT_E_ASN1_UTF8, "A text in the encoding is no UTF-8."),
    S(CRYPT_E_ASN1_CHOICE, "A choice in the encoding is not known."),
    S(CRYPT_E_BAD_ENCODE, "The structure cannot be encoded, or the bytes cannot be decoded."),
    S(CRYPT_E_NO_MATCH, "Nothing that was asked for is in there."),
    S(CRYPT_E_SELF_SIGNED, "The certificate is self-signed: it is its own issuer."),
    S(CRYPT_E_FILE_ERROR, "The file could not be read or written, or is not what it should be."),
    S(CRYPT_E_PENDING_CLOSE, "The store is closed, but something of it is still in use."),
    S(CRYPT_E_NO_KEY_PROPERTY, "The certificate has no private key."),
    S(CRYPT_E_NO_REVOCATION_DLL, "Nobody here knows how to ask about this revocation."),
    S(CRYPT_E_INVALID_X500_STRING,
      "The text is no distinguished name. An example: CN=www.example.org, O=Example."),
    S(CRYPT_E_INVALID_IA5_STRING, "A character is outside ASCII."),
    S(CRYPT_E_INVALID_PRINTABLE_STRING, "A character is outside PrintableString."),
    S(CRYPT_E_INVALID_NUMERIC_STRING, "A character is no digit or blank."),
    S(TRUST_E_EXPLICIT_DISTRUST, "A certificate is in the Disallowed store."),
    S(CERT_E_UNTRUSTEDCA, "The issuer is not among those that may issue for this use."),
    S(CERT_E_INVALID_POLICY, "The certificate policies along the chain break their constraints."),
    S(NTE_FAIL, "The operation failed."),
    S(NTE_BAD_ALGID, "The algorithm is not supported, or too weak."),
    S(NTE_BAD_KEY, "The key cannot be used, or does not belong to the certificate."),
    S(NTE_BAD_KEYSET, "There is no such key container."),
    S(NTE_BAD_KEY_STATE, "The key is not in the state that the call needs."),
    S(NTE_BAD_HASH, "The hash is not valid."),
    S(NTE_BAD_DATA, "The bytes are not what was expected."),
    S(NTE_BAD_SIGNATURE, "The signature does not verify."),
    S(NTE_BAD_PUBLIC_KEY, "The public key cannot be used."),
    S(NTE_BAD_TYPE, "The kind of blob or property is not supported."),
    S(NTE_BAD_UID, "The provider's handle is not valid."),
    S(NTE_BAD_FLAGS, "A flag is not valid here."),
    S(NTE_BAD_PROVIDER, "There is no such provider."),
    S(NTE_BAD_PROV_TYPE, "There is no provider of this type."),
    S(NTE_EXISTS, "The key or container is there already."),
    S(NTE_NO_KEY, "There is no such key."),
    S(NTE_NOT_FOUND, "It was not found."),
    S(NTE_NO_MEMORY, "There is not enough memory."),
    S(NTE_PERM, "The file of the key is not the user's alone, or the key may not leave it."),
    S(NTE_NOT_SUPPORTED, "This is not supported."),
    S(NTE_INVALID_HANDLE, "The handle names nothing alive."),
    S(NTE_INVALID_PARAMETER, "An argument is not valid."),
    S(NTE_BUFFER_TOO_SMALL, "The buffer is too small."),
    S(E_INVALIDARG, "An argument is not valid."),
    S(E_ACCESSDENIED, "Access is denied."),
    S(E_UNEXPECTED, "This was not expected here."),
    S(ERROR_FILE_NOT_FOUND, "The file was not found."),
    S(ERROR_PATH_NOT_FOUND, "The folder was not found."),
    S(ERROR_TOO_MANY_OPEN_FILES, "Too many files are open."),
    S(ERROR_ACCESS_DENIED,
      "Access is denied: the rights or the owner of the file do not allow it."),
    S(ERROR_INVALID_HANDLE, "The handle names nothing alive."),
    S(ERROR_NOT_ENOUGH_MEMORY, "There is not enough memory."),
    S(ERROR_INVALID_DATA, "The bytes are not what was expected."),
    S(ERROR_OUTOFMEMORY, "There is not enough memory."),
    S(ERROR_WRITE_PROTECT, "The file system is read-only."),
    S(ERROR_WRITE_FAULT, "The file could not be written."),
    S(ERROR_READ_FAULT, "The file could not be read."),
    S(ERROR_HANDLE_EOF, "The end of the file is reached."),
    S(ERROR_NOT_SUPPORTED, "This is not supported."),
    S(ERROR_FILE_EXISTS, "The file is there already."),
    S(ERROR_INVALID_PASSWORD, "The password is wrong, or there is none."),
    S(ERROR_INVALID_PARAMETER, "An argument is not valid."),
    S(ERROR_BROKEN_PIPE, "The other end has been closed."),
    S(ERROR_DISK_FULL, "There is no room left on the device."),
    S(ERROR_INSUFFICIENT_BUFFER, "The buffer is too small."),
    S(ERROR_INVALID_NAME, "The name is not valid."),
    S(ERROR_MOD_NOT_FOUND, "There is no such library."),
    S(ERROR_PROC_NOT_FOUND, "There is no such function."),
    S(ERROR_ALREADY_EXISTS, "It is there already."),
    S(ERROR_ENVVAR_NOT_FOUND, "There is no such variable in the environment."),
    S(ERROR_FILENAME_EXCED_RANGE, "The name is too long."),
    S(ERROR_FILE_TOO_LARGE, "The file is too large."),
    S(ERROR_MORE_DATA, "There is more than the buffer holds."),
    S(ERROR_NO_MORE_FILES, "There are no more files."),
    S(ERROR_NO_UNICODE_TRANSLATION, "The text is not well formed in its encoding."),
};

const struct win_status *win_status_find(LONG status)
{
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
        if (statuses[i].status == status)
            return &statuses[i];
    }
    return NULL;
}

const char *SchannelStatusName(SECURITY_STATUS status)
{
    const struct win_status *found = win_status_find(status);
    return found != NULL ? found->name : NULL;
}

const char *SchannelStatusText(SECURITY_STATUS status)
{
    const struct win_status *found = win_status_find(status);
    return found != NULL ? found->text : "There is no description of this number.";
}

static char *message_text(DWORD id)
{
    char number[32];
    const struct win_status *found = win_status_find((LONG)id);
    snprintf(number, sizeof number, "error 0x%08x", id);
    const char *text = found != NULL ? found->text : number;
    return mem_dup(text, strlen(text) + 1);
}

DWORD WINAPI FormatMessageA(DWORD dwFlags, LPCVOID lpSource, DWORD dwMessageId, DWORD dwLanguageId,
                            LPSTR lpBuffer, DWORD nSize, va_list *Arguments)
{
    (void)lpSource;
    (void)dwLanguageId;
    (void)Arguments;
    if ((dwFlags & FORMAT_MESSAGE_FROM_SYSTEM) == 0 || lpBuffer == NULL)
        return (DWORD)win_fail(ERROR_INVALID_PARAMETER);
    char *text = message_text(dwMessageId);
    if (text == NULL)
        return (DWORD)win_fail(ERROR_NOT_ENOUGH_MEMORY);
    DWORD n = (DWORD)strlen(text);
    if ((dwFlags & FORMAT_MESSAGE_ALLOCATE_BUFFER) != 0) {
        memcpy(lpBuffer, &text, sizeof text); /* the argument is the address of a pointer */
        return n;
    }
    if (n < nSize)
        memcpy(lpBuffer, text, (size_t)n + 1);
    mem_free(text);
    return n < nSize ? n : (DWORD)win_fail(ERROR_INSUFFICIENT_BUFFER);
}

DWORD WINAPI FormatMessageW(DWORD dwFlags, LPCVOID lpSource, DWORD dwMessageId, DWORD dwLanguageId,
                            LPWSTR lpBuffer, DWORD nSize, va_list *Arguments)
{
    (void)lpSource;
    (void)dwLanguageId;
    (void)Arguments;
    if ((dwFlags & FORMAT_MESSAGE_FROM_SYSTEM) == 0 || lpBuffer == NULL)
        return (DWORD)win_fail(ERROR_INVALID_PARAMETER);
    char *narrow = message_text(dwMessageId);
    WCHAR *text = win_utf16_dup(narrow);
    mem_free(narrow);
    if (text == NULL)
        return (DWORD)win_fail(ERROR_NOT_ENOUGH_MEMORY);
    DWORD n = (DWORD)win_utf16_len(text);
    if ((dwFlags & FORMAT_MESSAGE_ALLOCATE_BUFFER) != 0) {
        memcpy(lpBuffer, &text, sizeof text);
        return n;
    }
    if (n < nSize)
        memcpy(lpBuffer, text, ((size_t)n + 1) * sizeof *text);
    mem_free(text);
    return n < nSize ? n : (DWORD)win_fail(ERROR_INSUFFICIENT_BUFFER);
}

const char *SchannelVersion(void)
{
    return SCHANNEL_VERSION_TEXT;
}
