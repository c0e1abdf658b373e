/* SPDX-License-Identifier: MIT */
/* A user's data folder of the test's own, so that named keys and stores go there. */
#ifndef SCHANNEL_TESTS_FOLDER_H
#define SCHANNEL_TESTS_FOLDER_H

/* Group fixtures: XDG_DATA_HOME points to a fresh folder, which is removed in the end. */
int folder_setup(void **state);
int folder_teardown(void **state);
/* Calls `visit` for every file below it. */
void folder_visit(void (*visit)(const char *path));

#endif
