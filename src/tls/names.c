/* SPDX-License-Identifier: MIT */
/* Names of code points, for diagnostics only. */
#include "tls/message.h"

struct named {
    unsigned number;
    const char *name;
};

static const char *find(const struct named *table, size_t count, unsigned number)
{
    for (size_t i = 0; i < count; i++) {
        if (table[i].number == number)
            return table[i].name;
    }
    return "unknown";
}

const char *tls_message_name(unsigned handshake_type)
{
    static const struct named table[] = {
        {MSG_HELLO_REQUEST, "HelloRequest"},
        {MSG_CLIENT_HELLO, "ClientHello"},
        {MSG_SERVER_HELLO, "ServerHello"},
        {MSG_NEW_SESSION_TICKET, "NewSessionTicket"},
        {MSG_ENCRYPTED_EXTENSIONS, "EncryptedExtensions"},
        {MSG_CERTIFICATE, "Certificate"},
        {MSG_SERVER_KEY_EXCHANGE, "ServerKeyExchange"},
        {MSG_CERTIFICATE_REQUEST, "CertificateRequest"},
        {MSG_SERVER_HELLO_DONE, "ServerHelloDone"},
        {MSG_CERTIFICATE_VERIFY, "CertificateVerify"},
        {MSG_CLIENT_KEY_EXCHANGE, "ClientKeyExchange"},
        {MSG_FINISHED, "Finished"},
        {MSG_CERTIFICATE_STATUS, "CertificateStatus"},
        {MSG_KEY_UPDATE, "KeyUpdate"},
        {MSG_MESSAGE_HASH, "message_hash"},
    };
    return find(table, ARRAY_LEN(table), handshake_type);
}

const char *tls_content_type_name(unsigned content_type)
{
    static const struct named table[] = {
        {TLS_CHANGE_CIPHER_SPEC, "change_cipher_spec"},
        {TLS_ALERT, "alert"},
        {TLS_HANDSHAKE, "handshake"},
        {TLS_APPLICATION_DATA, "application_data"},
    };
    return find(table, ARRAY_LEN(table), content_type);
}

const char *tls_group_name(unsigned group)
{
    static const struct named table[] = {
        {GROUP_SECP256R1, "secp256r1"},
        {GROUP_SECP384R1, "secp384r1"},
        {GROUP_SECP521R1, "secp521r1"},
        {GROUP_X25519, "x25519"},
    };
    return find(table, ARRAY_LEN(table), group);
}

const char *tls_scheme_name(unsigned scheme)
{
    static const struct named table[] = {
        {SCHEME_RSA_PKCS1_SHA256, "rsa_pkcs1_sha256"},
        {SCHEME_RSA_PKCS1_SHA384, "rsa_pkcs1_sha384"},
        {SCHEME_RSA_PKCS1_SHA512, "rsa_pkcs1_sha512"},
        {SCHEME_ECDSA_SECP256R1_SHA256, "ecdsa_secp256r1_sha256"},
        {SCHEME_ECDSA_SECP384R1_SHA384, "ecdsa_secp384r1_sha384"},
        {SCHEME_ECDSA_SECP521R1_SHA512, "ecdsa_secp521r1_sha512"},
        {SCHEME_RSA_PSS_RSAE_SHA256, "rsa_pss_rsae_sha256"},
        {SCHEME_RSA_PSS_RSAE_SHA384, "rsa_pss_rsae_sha384"},
        {SCHEME_RSA_PSS_RSAE_SHA512, "rsa_pss_rsae_sha512"},
        {SCHEME_ED25519, "ed25519"},
        {SCHEME_RSA_PSS_PSS_SHA256, "rsa_pss_pss_sha256"},
        {SCHEME_RSA_PSS_PSS_SHA384, "rsa_pss_pss_sha384"},
        {SCHEME_RSA_PSS_PSS_SHA512, "rsa_pss_pss_sha512"},
    };
    return find(table, ARRAY_LEN(table), scheme);
}

const char *tls_extension_name(unsigned extension)
{
    static const char *const names[EXT_COUNT] = {
        [EXT_SERVER_NAME] = "server_name",
        [EXT_STATUS_REQUEST] = "status_request",
        [EXT_SUPPORTED_GROUPS] = "supported_groups",
        [EXT_EC_POINT_FORMATS] = "ec_point_formats",
        [EXT_SIGNATURE_ALGORITHMS] = "signature_algorithms",
        [EXT_ALPN] = "application_layer_protocol_negotiation",
        [EXT_SIGNED_CERTIFICATE_TIMESTAMP] = "signed_certificate_timestamp",
        [EXT_EXTENDED_MASTER_SECRET] = "extended_master_secret",
        [EXT_SESSION_TICKET] = "session_ticket",
        [EXT_PRE_SHARED_KEY] = "pre_shared_key",
        [EXT_EARLY_DATA] = "early_data",
        [EXT_SUPPORTED_VERSIONS] = "supported_versions",
        [EXT_COOKIE] = "cookie",
        [EXT_PSK_KEY_EXCHANGE_MODES] = "psk_key_exchange_modes",
        [EXT_CERTIFICATE_AUTHORITIES] = "certificate_authorities",
        [EXT_OID_FILTERS] = "oid_filters",
        [EXT_POST_HANDSHAKE_AUTH] = "post_handshake_auth",
        [EXT_SIGNATURE_ALGORITHMS_CERT] = "signature_algorithms_cert",
        [EXT_KEY_SHARE] = "key_share",
        [EXT_RENEGOTIATION_INFO] = "renegotiation_info",
    };
    for (unsigned i = 0; i < EXT_COUNT; i++) {
        if (ext_number((enum ext)i) == extension)
            return names[i];
    }
    return "unknown";
}
