/* SPDX-License-Identifier: MIT */
/* Lengths of names. */
#ifndef SCHANNEL_LMCONS_H
#define SCHANNEL_LMCONS_H

#define UNLEN 256

#endif
