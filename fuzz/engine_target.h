/* SPDX-License-Identifier: MIT */
/* What the engine targets share: the connection between two engines, edited by the input. */
#ifndef SCHANNEL_FUZZ_ENGINE_TARGET_H
#define SCHANNEL_FUZZ_ENGINE_TARGET_H

#include "source.h"
#include "wire.h"

/* Version and options out of two bytes. */
enum wire_on target_version(struct source *s, bool is_server);
unsigned target_options(struct source *s);

/* An act that edits each unit of the peer as the source in the row's context says. */
wire_act act_edited;
/* An act on an established connection: records made by the source. */
wire_act act_made;

/* Runs the row and holds what must be true whatever the peer did. */
void target_run(const struct row *row, enum wire_on on, bool by_step);

#endif
