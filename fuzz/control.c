/* SPDX-License-Identifier: MIT */
/*
 * A reader with a planted flaw: it trusts the length of its second vector. The build runs it and
 * demands that the fuzzer finds the flaw, so that targets which find nothing mean something.
 */
#include "source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3 || data[0] != 22 || data[1] >= size - 2)
        return 0;
    size_t at = 2 + (size_t)data[1];
    size_t n = data[at];
    unsigned sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += data[at + 1 + i];
    return sum == 0xFFFFFFFF ? -1 : 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return 0;
}
