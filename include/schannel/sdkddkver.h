/* SPDX-License-Identifier: MIT */
/* Windows version numbers, for sources that compare them; nothing here depends on them. */
#ifndef SCHANNEL_SDKDDKVER_H
#define SCHANNEL_SDKDDKVER_H

#define _WIN32_WINNT_WIN7    0x0601
#define _WIN32_WINNT_WIN8    0x0602
#define _WIN32_WINNT_WINBLUE 0x0603
#define _WIN32_WINNT_WIN10   0x0A00
#ifndef _WIN32_WINNT
#define _WIN32_WINNT _WIN32_WINNT_WIN10
#endif
#ifndef WINVER
#define WINVER _WIN32_WINNT
#endif

#endif
