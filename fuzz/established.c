/* SPDX-License-Identifier: MIT */
/* Both engines after a handshake: records, protected or not, made by the input. */
#include "engine_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct source source = {data, size};
    bool is_server = (source_u8(&source) & 1) != 0;
    enum wire_on on = target_version(&source, is_server);
    struct row row = {.name = "established", .on = on, .at = AT_ESTABLISHED, .act = act_made};
    row.options = ED25519;
    row.context = &source;
    target_run(&row, on, false);
    return 0;
}
