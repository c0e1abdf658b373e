/* SPDX-License-Identifier: MIT */
/* The server engine against a client whose messages the input edits. */
#include "engine_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct source source = {data, size};
    enum wire_on on = target_version(&source, true);
    struct row row = {.name = "server", .on = on, .at = AT_EVERY, .act = act_edited};
    row.options = target_options(&source);
    row.context = &source;
    target_run(&row, on, false);
    return 0;
}
