/* SPDX-License-Identifier: MIT */
/* What a row can do to a message; offset, value and bytes of the row say how. */
#ifndef SCHANNEL_TESTS_ACTS_H
#define SCHANNEL_TESTS_ACTS_H

#include "wire.h"

/* ---- whole messages -------------------------------------------------------------------- */

wire_act act_pass; /* unchanged */
wire_act act_drop;
wire_act act_repeat;
wire_act act_swap;      /* behind the next one */
wire_act act_retype;    /* handshake type = value, or the parameter */
wire_act act_replace;   /* body = bytes */
wire_act act_truncate;  /* body cut to `parameter` bytes, length field right */
wire_act act_extend;    /* one byte more, length field right */
wire_act act_poke;      /* the body's byte at offset = value */
wire_act act_poke16;    /* two bytes */
wire_act act_overwrite; /* the body's bytes at offset = bytes */
wire_act act_flip;      /* the body's byte at offset ^= value */
wire_act act_flip_at;   /* one bit of the message's byte number `parameter` */
wire_act act_length;    /* the length field says value */
wire_act act_insert;    /* the message with these bytes comes first */
wire_act act_many;      /* so many of them: value */
wire_act act_together;  /* value of them in one record, then the message */

/* ---- extensions ------------------------------------------------------------------------ */

wire_act act_ext_add; /* type = value, body = bytes */
wire_act act_ext_drop;
wire_act act_ext_twice; /* the one that is there, or an unknown one twice */
wire_act act_ext_set;

/* ---- hellos and key exchange ----------------------------------------------------------- */

wire_act act_suites;        /* cipher_suites = bytes */
wire_act act_suite_add;     /* one more: value */
wire_act act_old_and_suite; /* the same in a ClientHello of TLS 1.1 */
wire_act act_compressions;  /* = bytes */
wire_act act_no_extensions;
wire_act act_suite; /* ServerHello's = value */
wire_act act_compression;
wire_act act_echo_session_id;
wire_act act_hello_again;  /* a HelloRetryRequest once more, as it came */
wire_act act_key_share;    /* group = value, share = bytes; offset != 0: twice */
wire_act act_server_point; /* TLS 1.2 ServerKeyExchange: bytes, signed anew */
wire_act act_client_point;
wire_act act_certificates;  /* value copies of a one-byte certificate */
wire_act act_pad_to;        /* a padding extension fills the message to value bytes of body */
wire_act act_early_data;    /* the extension, then value bytes in records of 4000 or offset */
wire_act act_early_records; /* the records alone */
wire_act act_psk;           /* an offer of a key; value: 0 good, 1 binder missing, 2 not last */

/* ---- records --------------------------------------------------------------------------- */

wire_act act_raw;          /* bytes as they are, then the message */
wire_act act_record;       /* content type value, content bytes, then the message */
wire_act act_records;      /* offset of them */
wire_act act_plain_record; /* the same in clear */
wire_act act_plain_records;
wire_act act_plain;      /* the message in clear */
wire_act act_next_plain; /* nothing, and the next message in clear */
wire_act act_version;    /* the record's version = value */
wire_act act_bad_tag;
wire_act act_no_type;
wire_act act_padded;     /* value zeroes */
wire_act act_outer_type; /* = value */
wire_act act_filled;     /* content type value, `offset` bytes */
wire_act act_short;      /* a protected record of value bytes */
wire_act act_split;      /* after half, or after `parameter` bytes */
wire_act act_bytewise;   /* a record for every byte */
wire_act act_interleave; /* between two halves: content type value, bytes */
wire_act act_not_alone;  /* the first byte of something else in the same record */
wire_act act_join;       /* with the next message in one record */
wire_act act_key_update; /* value = request_update, offset of them */

#endif
