/* SPDX-License-Identifier: MIT */
/* What most programs include for SSPI: sspi.h and the names of other packages. */
#ifndef SCHANNEL_SECURITY_H
#define SCHANNEL_SECURITY_H

#include "sspi.h"

#define NEGOSSP_NAME_W            SCHANNEL_WIDE("Negotiate")
#define NEGOSSP_NAME_A            "Negotiate"
#define NEGOSSP_NAME              SCHANNEL_AW(NEGOSSP_NAME_)
#define MICROSOFT_KERBEROS_NAME_W SCHANNEL_WIDE("Kerberos")
#define MICROSOFT_KERBEROS_NAME_A "Kerberos"
#define MICROSOFT_KERBEROS_NAME   MICROSOFT_KERBEROS_NAME_W
#define NTLMSP_NAME_A             "NTLM"
#define NTLMSP_NAME               SCHANNEL_WIDE("NTLM")

#endif
