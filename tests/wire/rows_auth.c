/* SPDX-License-Identifier: MIT */
/* Certificates, signatures, Finished: RFC 8446 4.4, RFC 5246 7.4.2 to 7.4.9, RFC 6066 8. */
#include "rows.h"

#define ILLEGAL(reason) reason, ILLEGAL_PARAMETER
#define VERDICT(reason, alert)                                                                     \
    {                                                                                              \
        "the caller refuses: " #reason, ALL, AT_FIRST, act_pass, reason, alert, MUTUAL,            \
            .verdict = (reason)                                                                    \
    }

enum { STATUS_REQUEST = 5, SCHEME_RSA_SHA1 = 0x0201 };

const struct row rows_auth[] = {
    /* ---- certificates ---- */
    {"no certificate", C13, CERTIFICATE, act_replace, ERR_CERT_EMPTY, DECODE_ERROR,
     .bytes = BYTES("\0\0\0\0")},
    {"no certificate", C12, CERTIFICATE, act_replace, ERR_CERT_EMPTY, DECODE_ERROR,
     .bytes = BYTES("\0\0\0")},
    {"certificate without bytes", C12, CERTIFICATE, act_replace, ERR_DECODE, DECODE_ERROR,
     .bytes = BYTES("\0\0\x03\0\0\0")},
    {"certificate without bytes", C13, CERTIFICATE, act_replace, ERR_DECODE, DECODE_ERROR,
     .bytes = BYTES("\0\0\0\x05\0\0\0\0\0")},
    {"client has none, and must", S13, CERTIFICATE, act_pass, ERR_CERT_REQUIRED,
     CERTIFICATE_REQUIRED, MUTUAL | REQUIRED | NO_CERTIFICATE},
    {"client has none, and must", S12, CERTIFICATE, act_pass, ERR_CERT_REQUIRED, HANDSHAKE_FAILURE,
     MUTUAL | REQUIRED | NO_CERTIFICATE},
    {"context in the handshake", C13, CERTIFICATE, act_replace, ILLEGAL(ERR_ILLEGAL_VALUE),
     .bytes = BYTES("\x01x\0\0\x06\0\0\x01x\0\0")},
    {"context in the handshake", S13, CERTIFICATE, act_replace, ILLEGAL(ERR_ILLEGAL_VALUE), MUTUAL,
     .bytes = BYTES("\x01x\0\0\x06\0\0\x01x\0\0")},
    {"context in the handshake", C13, CERTIFICATE_REQUEST, act_replace, ILLEGAL(ERR_ILLEGAL_VALUE),
     MUTUAL, .bytes = BYTES("\x01x\0\x08\0\x0D\0\x04\0\x02\x04\x03")},
    {"as many certificates as we keep", ALL, CERTIFICATE, act_certificates, ERR_CERT_KEY,
     UNSUPPORTED_CERTIFICATE, MUTUAL, .value = TLS_PEER_CERTIFICATES_MAX},
    {"more certificates than we keep", ALL, CERTIFICATE, act_certificates, ERR_CERT_UNKNOWN,
     CERTIFICATE_UNKNOWN, MUTUAL, .value = TLS_PEER_CERTIFICATES_MAX + 1},
    {"key that cannot be used", ALL, CERTIFICATE, act_pass, ERR_CERT_KEY, UNSUPPORTED_CERTIFICATE,
     MUTUAL | HIDES_KEY},
    {"key of another kind than the suite names", C12, SERVER_HELLO, act_suite,
     ILLEGAL(ERR_CERT_KEY_TYPE), RSA_KEYS, .value = 0xC02C},
    {"key on a curve that was not offered", C12, CERTIFICATE, act_pass, ILLEGAL(ERR_CERT_KEY_TYPE),
     ONLY_X25519},
    {"key on a curve that was not offered for shares", C13, CERTIFICATE, act_pass, OK, NO_ALERT,
     ONLY_X25519},
    {"key of another kind, whatever the groups", C12, CERTIFICATE, act_pass, OK, NO_ALERT,
     RSA_KEYS | ONLY_X25519},
    VERDICT(ERR_CERT_PARSE, BAD_CERTIFICATE),
    VERDICT(ERR_CERT_KEY_SIZE, UNSUPPORTED_CERTIFICATE),
    VERDICT(ERR_CERT_KEY_USAGE, ILLEGAL_PARAMETER),
    VERDICT(ERR_CERT_UNTRUSTED_ROOT, UNKNOWN_CA),
    VERDICT(ERR_CERT_EXPIRED, CERTIFICATE_EXPIRED),
    VERDICT(ERR_CERT_WRONG_NAME, CERTIFICATE_UNKNOWN),
    VERDICT(ERR_CERT_WRONG_USAGE, CERTIFICATE_UNKNOWN),
    VERDICT(ERR_CERT_REVOKED, CERTIFICATE_REVOKED),
    VERDICT(ERR_CERT_NO_REVOCATION_CHECK, CERTIFICATE_UNKNOWN),
    VERDICT(ERR_CERT_REVOCATION_OFFLINE, CERTIFICATE_UNKNOWN),
    VERDICT(ERR_CERT_BAD_SIGNATURE, BAD_CERTIFICATE),
    VERDICT(ERR_CERT_UNKNOWN, CERTIFICATE_UNKNOWN),

    /* ---- stapled responses ---- */
    {"stapled response", C13, CERTIFICATE, act_ext_add, OK, NO_ALERT, REPAIRED,
     .value = STATUS_REQUEST,
     .bytes = BYTES("\x01\0\0\x04"
                    "ocsp")},
    {"stapled response of an unknown type", C13, CERTIFICATE, act_ext_add, ERR_DECODE, DECODE_ERROR,
     .value = STATUS_REQUEST,
     .bytes = BYTES("\x02\0\0\x04"
                    "ocsp")},
    {"empty stapled response", C13, CERTIFICATE, act_ext_add, ERR_DECODE, DECODE_ERROR,
     .value = STATUS_REQUEST, .bytes = BYTES("\x01\0\0\0")},
    {"response announced, and not sent", C12, SERVER_HELLO, act_ext_add, OK, NO_ALERT, REPAIRED,
     .value = STATUS_REQUEST},
    {"announcement with a body", C12, SERVER_HELLO, act_ext_add, ERR_DECODE, DECODE_ERROR,
     .value = STATUS_REQUEST, .bytes = BYTES("x")},

    /* ---- CertificateRequest ---- */
    {"no certificate types", C12, CERTIFICATE_REQUEST, act_replace, ERR_DECODE, DECODE_ERROR,
     MUTUAL, .bytes = BYTES("\0\0\x02\x04\x03\0\0")},
    {"no schemes", C12, CERTIFICATE_REQUEST, act_replace, ERR_DECODE, DECODE_ERROR, MUTUAL,
     .bytes = BYTES("\x01\x40\0\0\0\0")},
    {"malformed authorities", C12, CERTIFICATE_REQUEST, act_replace, ERR_DECODE, DECODE_ERROR,
     MUTUAL, .bytes = BYTES("\x01\x40\0\x02\x04\x03\0\x03\0\x02x")},
    {"malformed authorities", C13, CERTIFICATE_REQUEST, act_replace, ERR_DECODE, DECODE_ERROR,
     MUTUAL, .bytes = BYTES("\0\0\x11\0\x0D\0\x04\0\x02\x04\x03\0\x2F\0\x05\0\x03\0\x02x")},
    {"authorities", C13, CERTIFICATE_REQUEST, act_ext_add, OK, NO_ALERT, MUTUAL | REPAIRED,
     .value = 47, .bytes = BYTES("\0\x04\0\x02\x30\0")},

    /* ---- signatures ---- */
    {"changed signature", TLS13, CERTIFICATE_VERIFY, act_flip, ERR_SIGNATURE, DECRYPT_ERROR, MUTUAL,
     .offset = -1, .value = 1},
    {"changed signature", S12, CERTIFICATE_VERIFY, act_flip, ERR_SIGNATURE, DECRYPT_ERROR, MUTUAL,
     .offset = -1, .value = 1},
    {"changed signature", C12, SERVER_KEY_EXCHANGE, act_flip, ERR_SIGNATURE, DECRYPT_ERROR,
     .offset = -1, .value = 1},
    {"changed RSA signature", TLS13, CERTIFICATE_VERIFY, act_flip, ERR_SIGNATURE, DECRYPT_ERROR,
     MUTUAL | RSA_KEYS, .offset = -1, .value = 1},
    {"changed RSA signature", S12, CERTIFICATE_VERIFY, act_flip, ERR_SIGNATURE, DECRYPT_ERROR,
     MUTUAL | RSA_KEYS, .offset = -1, .value = 1},
    {"changed RSA signature", C12, SERVER_KEY_EXCHANGE, act_flip, ERR_SIGNATURE, DECRYPT_ERROR,
     RSA_KEYS, .offset = -1, .value = 1},
    {"empty signature", TLS13, CERTIFICATE_VERIFY, act_replace, ERR_SIGNATURE, DECRYPT_ERROR,
     MUTUAL, .bytes = BYTES("\x04\x03\0\0")},
    {"empty signature", S12, CERTIFICATE_VERIFY, act_replace, ERR_SIGNATURE, DECRYPT_ERROR, MUTUAL,
     .bytes = BYTES("\x04\x03\0\0")},
    {"signed parameters changed", C12, SERVER_KEY_EXCHANGE, act_flip, ERR_SIGNATURE, DECRYPT_ERROR,
     .offset = 10, .value = 1},
    {"scheme with SHA-1", TLS13, CERTIFICATE_VERIFY, act_poke16, ILLEGAL(ERR_SIGNATURE_SCHEME),
     MUTUAL, .offset = 0, .value = SCHEME_RSA_SHA1},
    {"scheme of another kind of key", TLS13, CERTIFICATE_VERIFY, act_poke16,
     ILLEGAL(ERR_SIGNATURE_SCHEME), MUTUAL, .offset = 0, .value = SCHEME_RSA_PSS_RSAE_SHA256},
    {"scheme of another curve", TLS13, CERTIFICATE_VERIFY, act_poke16,
     ILLEGAL(ERR_SIGNATURE_SCHEME), MUTUAL, .offset = 0, .value = SCHEME_ECDSA_SECP384R1_SHA384},
    {"PKCS #1 in TLS 1.3", TLS13, CERTIFICATE_VERIFY, act_poke16, ILLEGAL(ERR_SIGNATURE_SCHEME),
     MUTUAL | RSA_KEYS, .offset = 0, .value = SCHEME_RSA_PKCS1_SHA256},
    {"scheme with SHA-1", S12, CERTIFICATE_VERIFY, act_poke16, ILLEGAL(ERR_SIGNATURE_SCHEME),
     MUTUAL, .offset = 0, .value = SCHEME_RSA_SHA1},
    {"scheme of another kind of key", S12, CERTIFICATE_VERIFY, act_poke16,
     ILLEGAL(ERR_SIGNATURE_SCHEME), MUTUAL, .offset = 0, .value = SCHEME_RSA_PKCS1_SHA256},
    {"scheme with SHA-1", C12, SERVER_KEY_EXCHANGE, act_poke16, ILLEGAL(ERR_SIGNATURE_SCHEME),
     .offset = 36, .value = SCHEME_RSA_SHA1},

    /* ---- Finished ---- */
    {"changed Finished", ALL, FINISHED, act_flip, ERR_FINISHED_MISMATCH, DECRYPT_ERROR, .offset = 0,
     .value = 1},
    {"changed Finished at its end", ALL, FINISHED, act_flip, ERR_FINISHED_MISMATCH, DECRYPT_ERROR,
     MUTUAL, .offset = -1, .value = 0x80},
    {"empty Finished", ALL, FINISHED, act_replace, ERR_DECODE, DECODE_ERROR},
    {"certificate request dropped, proofs made anew", C13, CERTIFICATE_REQUEST, act_drop, OK,
     NO_ALERT, MUTUAL | REPAIRED},
};
const size_t rows_auth_count = ARRAY_LEN(rows_auth);
