/* SPDX-License-Identifier: MIT */
/* Plain bytes, in any split, into an engine that has heard nothing yet. */
#include "engine.h"
#include "source.h"

static void open_end(struct engine *e, uint8_t flags)
{
    bool is_server = (flags & 1) != 0;
    struct engine_options o = {.config =
                                   engine_config(is_server, (flags & 6) != 2, (flags & 6) != 4),
                               .identity = engine_identity(ENGINE_ED25519),
                               .server_name = is_server ? span_empty() : span_text("localhost"),
                               .alpn = is_server ? span_text("h2") : span_text("\x02h2"),
                               .request_certificate = is_server && (flags & 8) != 0,
                               .seed = 1,
                               .event_count = (flags & 16) != 0 ? 16 : 0};
    engine_open(e, &o);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct source source = {data, size};
    struct engine e;
    int64_t live = mem_live();
    open_end(&e, source_u8(&source));
    uint8_t piece = source_u8(&source);
    err result = engine_step(&e);
    while (result == OK && source.n != 0) {
        const uint8_t *text;
        size_t n = source_take(&source, piece == 0 ? source.n : piece, &text);
        wr_bytes(&e.in, span_of(text, n));
        result = engine_go(&e);
        bool lacks_bytes = result == OK && e.progress.wait == TLS_WAIT_BYTES && e.in.n != 0;
        PROPERTY(!lacks_bytes || e.progress.bytes_missing != 0);
    }
    PROPERTY(result != ERR_INTERNAL && result != ERR_CRYPTO);
    PROPERTY(!e.is_done); /* nobody proves anything by plain bytes */
    engine_close(&e);
    PROPERTY(mem_live() == live);
    return 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    PROPERTY(crypto_start() == OK);
    engine_identity(ENGINE_ED25519);
    return 0;
}
