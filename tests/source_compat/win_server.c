/* SPDX-License-Identifier: MIT */
/*
 * A TLS server as programs for Windows are written: wide names and L"" strings, so it needs a
 * 16-bit wchar_t. Takes its certificate from a PFX file and greets one client. usage: win_server
 * CERT.PFX PASSWORD; prints the port.
 */
#ifndef UNICODE
#define UNICODE
#endif
#define WIN32_LEAN_AND_MEAN
#define SECURITY_WIN32
#define SCHANNEL_USE_BLACKLISTS
#include <winsock2.h>
#include <ws2tcpip.h>
#include <Windows.h>
#include <wincrypt.h>
#include <subauth.h>
#ifdef SCHANNEL_FIRST
#include <schannel.h>
#define SECURITY_WIN32
#include <Security.h>
#else
#include <security.h>
#include <schannel.h>
#endif
#include <stdio.h>
#include <stdlib.h>

#define MAX_TOKEN 0x6000

static HCERTSTORE g_hStore;

static PCCERT_CONTEXT LoadCertificate(const char *pszFile, const char *pszPassword)
{
    static BYTE rgbPfx[65536];
    WCHAR wszPassword[128];
    CRYPT_DATA_BLOB blob;
    PCCERT_CONTEXT pCert = NULL;
    FILE *pFile = fopen(pszFile, "rb");
    if (pFile == NULL)
        return NULL;
    blob.cbData = (DWORD)fread(rgbPfx, 1, sizeof(rgbPfx), pFile);
    blob.pbData = rgbPfx;
    fclose(pFile);
    if (!MultiByteToWideChar(CP_UTF8, 0, pszPassword, -1, wszPassword, ARRAYSIZE(wszPassword)))
        return NULL;
    if (!PFXIsPFXBlob(&blob))
        return NULL;
    g_hStore = PFXImportCertStore(&blob, wszPassword, PKCS12_NO_PERSIST_KEY);
    SecureZeroMemory(wszPassword, sizeof(wszPassword));
    if (g_hStore == NULL) {
        fprintf(stderr, "PFXImportCertStore: %lu\n", (unsigned long)GetLastError());
        return NULL;
    }
    while ((pCert = CertEnumCertificatesInStore(g_hStore, pCert)) != NULL) {
        WCHAR wszName[128];
        CertGetNameStringW(pCert, CERT_NAME_SIMPLE_DISPLAY_TYPE, 0, NULL, wszName,
                           ARRAYSIZE(wszName));
        if (wcscmp(wszName, L"localhost") == 0)
            return pCert;
    }
    return CertFindCertificateInStore(g_hStore, X509_ASN_ENCODING | PKCS_7_ASN_ENCODING, 0,
                                      CERT_FIND_SUBJECT_STR_W, L"localhost", NULL);
}

static SECURITY_STATUS CreateCredentials(PCCERT_CONTEXT pCert, PCredHandle phCreds)
{
    SCH_CREDENTIALS Credentials = {0};
    WCHAR wszPackage[] = UNISP_NAME_W;
    Credentials.dwVersion = SCH_CREDENTIALS_VERSION;
    Credentials.cCreds = 1;
    Credentials.paCred = &pCert;
    Credentials.dwFlags = SCH_CRED_NO_SYSTEM_MAPPER | SCH_USE_STRONG_CRYPTO;
    return AcquireCredentialsHandleW(NULL, wszPackage, SECPKG_CRED_INBOUND, NULL, &Credentials,
                                     NULL, NULL, phCreds, NULL);
}

static SECURITY_STATUS Accept(SOCKET Socket, PCredHandle phCreds, PCtxtHandle phContext, BYTE *pbIn,
                              DWORD *pcbIn)
{
    BOOL fHaveContext = FALSE;
    SECURITY_STATUS scRet = SEC_E_INCOMPLETE_MESSAGE;
    BYTE rgbOut[MAX_TOKEN];
    ULONG fAttributes;
    while (scRet == SEC_I_CONTINUE_NEEDED || scRet == SEC_E_INCOMPLETE_MESSAGE) {
        SecBuffer InBuffers[2], OutBuffers[2];
        SecBufferDesc In = {SECBUFFER_VERSION, 2, InBuffers};
        SecBufferDesc Out = {SECBUFFER_VERSION, 2, OutBuffers};
        BYTE rgbAlert[2];
        if (*pcbIn == 0 || scRet == SEC_E_INCOMPLETE_MESSAGE) {
            int cb = (int)recv(Socket, (char *)pbIn + *pcbIn, MAX_TOKEN - *pcbIn, 0);
            if (cb <= 0)
                return SEC_E_INTERNAL_ERROR;
            *pcbIn += (DWORD)cb;
        }
        InBuffers[0].BufferType = SECBUFFER_TOKEN;
        InBuffers[0].pvBuffer = pbIn;
        InBuffers[0].cbBuffer = *pcbIn;
        InBuffers[1].BufferType = SECBUFFER_EMPTY;
        InBuffers[1].pvBuffer = NULL;
        InBuffers[1].cbBuffer = 0;
        OutBuffers[0].BufferType = SECBUFFER_TOKEN;
        OutBuffers[0].pvBuffer = rgbOut;
        OutBuffers[0].cbBuffer = sizeof(rgbOut);
        OutBuffers[1].BufferType = SECBUFFER_ALERT;
        OutBuffers[1].pvBuffer = rgbAlert;
        OutBuffers[1].cbBuffer = sizeof(rgbAlert);
        scRet = AcceptSecurityContext(phCreds, fHaveContext ? phContext : NULL, &In,
                                      ASC_REQ_SEQUENCE_DETECT | ASC_REQ_REPLAY_DETECT |
                                          ASC_REQ_CONFIDENTIALITY | ASC_REQ_EXTENDED_ERROR |
                                          ASC_REQ_STREAM,
                                      0, fHaveContext ? NULL : phContext, &Out, &fAttributes, NULL);
        if (scRet == SEC_E_INCOMPLETE_MESSAGE)
            continue;
        if (SUCCEEDED(scRet))
            fHaveContext = TRUE;
        if (OutBuffers[0].cbBuffer != 0 &&
            (SUCCEEDED(scRet) || (fAttributes & ASC_RET_EXTENDED_ERROR)))
            send(Socket, (const char *)rgbOut, OutBuffers[0].cbBuffer, 0);
        if (InBuffers[1].BufferType == SECBUFFER_EXTRA) {
            MoveMemory(pbIn, pbIn + *pcbIn - InBuffers[1].cbBuffer, InBuffers[1].cbBuffer);
            *pcbIn = InBuffers[1].cbBuffer;
        } else {
            *pcbIn = 0;
        }
    }
    return scRet;
}

static SECURITY_STATUS ReadMessage(SOCKET Socket, PCtxtHandle phContext, BYTE *pbIn, DWORD cbIn)
{
    SECURITY_STATUS scRet = SEC_E_INCOMPLETE_MESSAGE;
    while (scRet == SEC_E_INCOMPLETE_MESSAGE) {
        SecBuffer Buffers[4] = {{cbIn, SECBUFFER_DATA, pbIn},
                                {0, SECBUFFER_EMPTY, NULL},
                                {0, SECBUFFER_EMPTY, NULL},
                                {0, SECBUFFER_EMPTY, NULL}};
        SecBufferDesc Message = {SECBUFFER_VERSION, 4, Buffers};
        scRet = cbIn != 0 ? DecryptMessage(phContext, &Message, 0, NULL) : SEC_E_INCOMPLETE_MESSAGE;
        if (scRet == SEC_E_INCOMPLETE_MESSAGE) {
            int cb = (int)recv(Socket, (char *)pbIn + cbIn, MAX_TOKEN - cbIn, 0);
            if (cb <= 0)
                return SEC_E_INTERNAL_ERROR;
            cbIn += (DWORD)cb;
        } else if (scRet == SEC_E_OK) {
            fprintf(stderr, "got: %.*s", (int)Buffers[1].cbBuffer, (char *)Buffers[1].pvBuffer);
        }
    }
    return scRet;
}

static SECURITY_STATUS Greet(SOCKET Socket, PCtxtHandle phContext)
{
    static const char szGreeting[] = "hello from a Windows server\r\n";
    SecPkgContext_StreamSizes Sizes;
    BYTE rgbHeader[64], rgbData[64], rgbTrailer[64];
    SECURITY_STATUS scRet = QueryContextAttributesW(phContext, SECPKG_ATTR_STREAM_SIZES, &Sizes);
    if (FAILED(scRet))
        return scRet;
    CopyMemory(rgbData, szGreeting, sizeof(szGreeting) - 1);
    {
        SecBuffer Buffers[3] = {{Sizes.cbHeader, SECBUFFER_STREAM_HEADER, rgbHeader},
                                {sizeof(szGreeting) - 1, SECBUFFER_DATA, rgbData},
                                {Sizes.cbTrailer, SECBUFFER_STREAM_TRAILER, rgbTrailer}};
        SecBufferDesc Message = {SECBUFFER_VERSION, 3, Buffers};
        int i;
        scRet = EncryptMessage(phContext, 0, &Message, 0);
        for (i = 0; SUCCEEDED(scRet) && i < 3; i++)
            send(Socket, (const char *)Buffers[i].pvBuffer, Buffers[i].cbBuffer, 0);
    }
    return scRet;
}

static void Shutdown(SOCKET Socket, PCredHandle phCreds, PCtxtHandle phContext)
{
    DWORD dwType = SCHANNEL_SHUTDOWN;
    ULONG fAttributes;
    SecBuffer Buffer = {sizeof(dwType), SECBUFFER_TOKEN, &dwType};
    SecBufferDesc Desc = {SECBUFFER_VERSION, 1, &Buffer};
    if (FAILED(ApplyControlToken(phContext, &Desc)))
        return;
    Buffer.pvBuffer = NULL;
    Buffer.cbBuffer = 0;
    if (SUCCEEDED(AcceptSecurityContext(phCreds, phContext, NULL,
                                        ASC_REQ_ALLOCATE_MEMORY | ASC_REQ_STREAM, 0, NULL, &Desc,
                                        &fAttributes, NULL)) &&
        Buffer.pvBuffer != NULL) {
        send(Socket, (const char *)Buffer.pvBuffer, Buffer.cbBuffer, 0);
        FreeContextBuffer(Buffer.pvBuffer);
    }
}

static SOCKET Listen(void)
{
    SOCKADDR_IN sin;
    socklen_t cbSin = sizeof(sin);
    SOCKET Socket = socket(AF_INET, SOCK_STREAM, 0);
    ZeroMemory(&sin, sizeof(sin));
    sin.sin_family = AF_INET;
    sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (Socket == INVALID_SOCKET || bind(Socket, (SOCKADDR *)&sin, sizeof(sin)) == SOCKET_ERROR ||
        listen(Socket, 5) == SOCKET_ERROR ||
        getsockname(Socket, (SOCKADDR *)&sin, &cbSin) == SOCKET_ERROR)
        return INVALID_SOCKET;
    printf("%u\n", ntohs(sin.sin_port));
    fflush(stdout);
    return Socket;
}

int main(int argc, char **argv)
{
    static BYTE rgbIn[MAX_TOKEN];
    DWORD cbIn = 0;
    WSADATA WsaData;
    CredHandle hCreds;
    CtxtHandle hContext;
    PCCERT_CONTEXT pCert;
    SOCKET Listener, Client;
    SECURITY_STATUS scRet;
    SecInvalidateHandle(&hContext);
    if (argc != 3 || WSAStartup(MAKEWORD(2, 2), &WsaData) != 0)
        return 2;
    pCert = LoadCertificate(argv[1], argv[2]);
    if (pCert == NULL || CreateCredentials(pCert, &hCreds) != SEC_E_OK) {
        fprintf(stderr, "no credentials\n");
        return 2;
    }
    Listener = Listen();
    Client = accept(Listener, NULL, NULL);
    if (Client == INVALID_SOCKET)
        return 2;
    scRet = Accept(Client, &hCreds, &hContext, rgbIn, &cbIn);
    if (SUCCEEDED(scRet))
        scRet = ReadMessage(Client, &hContext, rgbIn, cbIn);
    if (SUCCEEDED(scRet))
        scRet = Greet(Client, &hContext);
    if (SUCCEEDED(scRet))
        Shutdown(Client, &hCreds, &hContext);
    else
        fprintf(stderr, "error 0x%08x\n", (unsigned)scRet);
    if (SecIsValidHandle(&hContext))
        DeleteSecurityContext(&hContext);
    FreeCredentialsHandle(&hCreds);
    CertFreeCertificateContext(pCert);
    CertCloseStore(g_hStore, 0);
    closesocket(Client);
    closesocket(Listener);
    WSACleanup();
    return SUCCEEDED(scRet) ? 0 : 1;
}
