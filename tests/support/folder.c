/* SPDX-License-Identifier: MIT */
#include "folder.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];
static void (*visitor)(const char *path);

int folder_setup(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/schannel-test-XXXXXX");
    return mkdtemp(folder) != NULL ? setenv("XDG_DATA_HOME", folder, 1) : -1;
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *where)
{
    (void)info;
    (void)kind;
    (void)where;
    return remove(path);
}

int folder_teardown(void **state)
{
    (void)state;
    return nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static int visit_entry(const char *path, const struct stat *info, int kind, struct FTW *where)
{
    (void)info;
    (void)where;
    if (kind == FTW_F)
        visitor(path);
    return 0;
}

void folder_visit(void (*visit)(const char *path))
{
    visitor = visit;
    nftw(folder, visit_entry, 16, FTW_PHYS);
}
