/* SPDX-License-Identifier: MIT */
/*
 * A TLS client as programs for Windows are written: neutral names and TEXT(), so that it builds
 * with and without UNICODE. Validates the server by hand. usage: win_client ADDRESS PORT NAME
 * ROOT.DER
 */
#define WIN32_LEAN_AND_MEAN
#define SECURITY_WIN32
#define SCHANNEL_USE_BLACKLISTS
#include <winsock2.h>
#include <Windows.h>
#include <Wincrypt.h>
#ifdef SCHANNEL_FIRST
#include <SubAuth.h>
#include <schannel.h>
#include <security.h>
#else
#include <security.h>
#include <SubAuth.h>
#include <Schannel.h>
#endif
#include <stdio.h>
#include <stdlib.h>
#include <tchar.h>

#ifdef _MSC_VER
#pragma comment(lib, "ws2_32.lib")
#pragma comment(lib, "secur32.lib")
#pragma comment(lib, "crypt32.lib")
#endif

#define IO_BUFFER_SIZE 0x10000

static PSecurityFunctionTable g_pSSPI;

static VOID PrintError(LPCTSTR pszWhere, DWORD dwError)
{
    LPTSTR pszMessage = NULL;
    FormatMessage(
        FORMAT_MESSAGE_ALLOCATE_BUFFER | FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS,
        NULL, dwError, MAKELANGID(LANG_NEUTRAL, SUBLANG_DEFAULT), (LPTSTR)&pszMessage, 0, NULL);
    (void)pszWhere;
    fprintf(stderr, "error 0x%08x%s\n", (unsigned)dwError, pszMessage != NULL ? "" : " (no text)");
    if (pszMessage != NULL)
        LocalFree(pszMessage);
}

static SOCKET ConnectTo(const char *pszAddress, const char *pszPort)
{
    SOCKADDR_IN sin;
    SOCKET Socket = socket(PF_INET, SOCK_STREAM, 0);
    ZeroMemory(&sin, sizeof(sin));
    sin.sin_family = AF_INET;
    sin.sin_port = htons((u_short)atoi(pszPort));
    sin.sin_addr.s_addr = inet_addr(pszAddress);
    if (Socket == INVALID_SOCKET ||
        connect(Socket, (struct sockaddr *)&sin, sizeof(sin)) == SOCKET_ERROR) {
        PrintError(TEXT("connect"), (DWORD)WSAGetLastError());
        return INVALID_SOCKET;
    }
    return Socket;
}

static SECURITY_STATUS CreateCredentials(PCredHandle phCreds)
{
    SCHANNEL_CRED SchannelCred;
    TimeStamp tsExpiry;
    ZeroMemory(&SchannelCred, sizeof(SchannelCred));
    SchannelCred.dwVersion = SCHANNEL_CRED_VERSION;
    SchannelCred.grbitEnabledProtocols = SP_PROT_TLS1_2_CLIENT;
    SchannelCred.dwFlags = SCH_CRED_NO_DEFAULT_CREDS | SCH_CRED_MANUAL_CRED_VALIDATION;
    return g_pSSPI->AcquireCredentialsHandle(NULL, (LPTSTR)UNISP_NAME, SECPKG_CRED_OUTBOUND, NULL,
                                             &SchannelCred, NULL, NULL, phCreds, &tsExpiry);
}

static SECURITY_STATUS SendToken(SOCKET Socket, SecBuffer *pBuffer)
{
    SECURITY_STATUS scRet = SEC_E_OK;
    if (pBuffer->cbBuffer != 0 && pBuffer->pvBuffer != NULL) {
        if (send(Socket, (const char *)pBuffer->pvBuffer, pBuffer->cbBuffer, 0) <= 0)
            scRet = SEC_E_INTERNAL_ERROR;
        g_pSSPI->FreeContextBuffer(pBuffer->pvBuffer);
        pBuffer->pvBuffer = NULL;
    }
    return scRet;
}

static SECURITY_STATUS Handshake(SOCKET Socket, PCredHandle phCreds, LPTSTR pszName,
                                 CtxtHandle *phContext, SecBuffer *pExtraData)
{
    DWORD dwFlags = ISC_REQ_SEQUENCE_DETECT | ISC_REQ_REPLAY_DETECT | ISC_REQ_CONFIDENTIALITY |
                    ISC_RET_EXTENDED_ERROR | ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_STREAM;
    DWORD dwOutFlags, cbIoBuffer = 0;
    SecBufferDesc OutBuffer, InBuffer;
    SecBuffer OutBuffers[1], InBuffers[2];
    SECURITY_STATUS scRet;
    TimeStamp tsExpiry;
    BOOL fDoRead = TRUE;
    PUCHAR IoBuffer = (PUCHAR)LocalAlloc(LMEM_FIXED, IO_BUFFER_SIZE);
    if (IoBuffer == NULL)
        return SEC_E_INTERNAL_ERROR;

    OutBuffers[0].pvBuffer = NULL;
    OutBuffers[0].BufferType = SECBUFFER_TOKEN;
    OutBuffers[0].cbBuffer = 0;
    OutBuffer.cBuffers = 1;
    OutBuffer.pBuffers = OutBuffers;
    OutBuffer.ulVersion = SECBUFFER_VERSION;
    scRet = g_pSSPI->InitializeSecurityContext(phCreds, NULL, pszName, dwFlags, 0,
                                               SECURITY_NATIVE_DREP, NULL, 0, phContext, &OutBuffer,
                                               (PULONG)&dwOutFlags, &tsExpiry);
    if (scRet != SEC_I_CONTINUE_NEEDED) {
        LocalFree(IoBuffer);
        return scRet;
    }
    if (SendToken(Socket, &OutBuffers[0]) != SEC_E_OK)
        scRet = SEC_E_INTERNAL_ERROR;

    while (scRet == SEC_I_CONTINUE_NEEDED || scRet == SEC_E_INCOMPLETE_MESSAGE ||
           scRet == SEC_I_INCOMPLETE_CREDENTIALS) {
        if (cbIoBuffer == 0 || scRet == SEC_E_INCOMPLETE_MESSAGE) {
            if (fDoRead) {
                int cbData = (int)recv(Socket, (char *)IoBuffer + cbIoBuffer,
                                       IO_BUFFER_SIZE - cbIoBuffer, 0);
                if (cbData == SOCKET_ERROR || cbData == 0) {
                    scRet = SEC_E_INTERNAL_ERROR;
                    break;
                }
                cbIoBuffer += (DWORD)cbData;
            } else {
                fDoRead = TRUE;
            }
        }
        InBuffers[0].pvBuffer = IoBuffer;
        InBuffers[0].cbBuffer = cbIoBuffer;
        InBuffers[0].BufferType = SECBUFFER_TOKEN;
        InBuffers[1].pvBuffer = NULL;
        InBuffers[1].cbBuffer = 0;
        InBuffers[1].BufferType = SECBUFFER_EMPTY;
        InBuffer.cBuffers = 2;
        InBuffer.pBuffers = InBuffers;
        InBuffer.ulVersion = SECBUFFER_VERSION;
        OutBuffers[0].pvBuffer = NULL;
        OutBuffers[0].BufferType = SECBUFFER_TOKEN;
        OutBuffers[0].cbBuffer = 0;
        scRet = g_pSSPI->InitializeSecurityContext(phCreds, phContext, NULL, dwFlags, 0,
                                                   SECURITY_NATIVE_DREP, &InBuffer, 0, NULL,
                                                   &OutBuffer, (PULONG)&dwOutFlags, &tsExpiry);
        if (scRet == SEC_E_OK || scRet == SEC_I_CONTINUE_NEEDED ||
            (FAILED(scRet) && (dwOutFlags & ISC_RET_EXTENDED_ERROR))) {
            if (SendToken(Socket, &OutBuffers[0]) != SEC_E_OK)
                scRet = SEC_E_INTERNAL_ERROR;
        }
        if (scRet == SEC_E_INCOMPLETE_MESSAGE)
            continue;
        if (scRet == SEC_E_OK) {
            if (InBuffers[1].BufferType == SECBUFFER_EXTRA) {
                pExtraData->pvBuffer = LocalAlloc(LMEM_FIXED, InBuffers[1].cbBuffer);
                MoveMemory(pExtraData->pvBuffer, IoBuffer + (cbIoBuffer - InBuffers[1].cbBuffer),
                           InBuffers[1].cbBuffer);
                pExtraData->cbBuffer = InBuffers[1].cbBuffer;
                pExtraData->BufferType = SECBUFFER_TOKEN;
            } else {
                pExtraData->pvBuffer = NULL;
                pExtraData->cbBuffer = 0;
                pExtraData->BufferType = SECBUFFER_EMPTY;
            }
            break;
        }
        if (FAILED(scRet))
            break;
        if (InBuffers[1].BufferType == SECBUFFER_EXTRA) {
            MoveMemory(IoBuffer, IoBuffer + (cbIoBuffer - InBuffers[1].cbBuffer),
                       InBuffers[1].cbBuffer);
            cbIoBuffer = InBuffers[1].cbBuffer;
        } else {
            cbIoBuffer = 0;
        }
    }
    LocalFree(IoBuffer);
    return scRet;
}

static HCERTSTORE OpenRoots(const char *pszFile)
{
    BYTE rgbCert[8192];
    HCERTSTORE hStore;
    FILE *pFile = fopen(pszFile, "rb");
    size_t cbCert;
    if (pFile == NULL)
        return NULL;
    cbCert = fread(rgbCert, 1, sizeof(rgbCert), pFile);
    fclose(pFile);
    hStore = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, CERT_STORE_CREATE_NEW_FLAG, NULL);
    if (hStore == NULL)
        return NULL;
    if (!CertAddEncodedCertificateToStore(hStore, X509_ASN_ENCODING, rgbCert, (DWORD)cbCert,
                                          CERT_STORE_ADD_REPLACE_EXISTING, NULL)) {
        PrintError(TEXT("CertAddEncodedCertificateToStore"), GetLastError());
        CertCloseStore(hStore, 0);
        return NULL;
    }
    return hStore;
}

/* The chain ends in our root, and the name is right. */
static DWORD VerifyServer(CtxtHandle *phContext, LPCWSTR pwszName, HCERTSTORE hRoots)
{
    PCCERT_CONTEXT pCert = NULL;
    PCCERT_CHAIN_CONTEXT pChain = NULL;
    HCERTCHAINENGINE hEngine = NULL;
    CERT_CHAIN_ENGINE_CONFIG Config;
    CERT_CHAIN_PARA ChainPara;
    CERT_CHAIN_POLICY_PARA PolicyPara;
    CERT_CHAIN_POLICY_STATUS PolicyStatus;
    SSL_EXTRA_CERT_CHAIN_POLICY_PARA SslPara;
    LPSTR rgszUsages[] = {(LPSTR)szOID_PKIX_KP_SERVER_AUTH};
    DWORD dwResult = (DWORD)g_pSSPI->QueryContextAttributes(
        phContext, SECPKG_ATTR_REMOTE_CERT_CONTEXT, (PVOID)&pCert);
    if (dwResult != SEC_E_OK)
        return dwResult;
    ZeroMemory(&Config, sizeof(Config));
    Config.cbSize = sizeof(Config);
    Config.hExclusiveRoot = hRoots;
    ZeroMemory(&ChainPara, sizeof(ChainPara));
    ChainPara.cbSize = sizeof(ChainPara);
    ChainPara.RequestedUsage.dwType = USAGE_MATCH_TYPE_OR;
    ChainPara.RequestedUsage.Usage.cUsageIdentifier = 1;
    ChainPara.RequestedUsage.Usage.rgpszUsageIdentifier = rgszUsages;
    if (!CertCreateCertificateChainEngine(&Config, &hEngine) ||
        !CertGetCertificateChain(hEngine, pCert, NULL, pCert->hCertStore, &ChainPara, 0, NULL,
                                 &pChain)) {
        dwResult = GetLastError();
    } else {
        ZeroMemory(&SslPara, sizeof(SslPara));
        SslPara.cbSize = sizeof(SslPara);
        SslPara.dwAuthType = AUTHTYPE_SERVER;
        SslPara.pwszServerName = (LPWSTR)pwszName;
        ZeroMemory(&PolicyPara, sizeof(PolicyPara));
        PolicyPara.cbSize = sizeof(PolicyPara);
        PolicyPara.pvExtraPolicyPara = &SslPara;
        ZeroMemory(&PolicyStatus, sizeof(PolicyStatus));
        PolicyStatus.cbSize = sizeof(PolicyStatus);
        if (!CertVerifyCertificateChainPolicy(CERT_CHAIN_POLICY_SSL, pChain, &PolicyPara,
                                              &PolicyStatus))
            dwResult = GetLastError();
        else
            dwResult = PolicyStatus.dwError;
    }
    if (pChain != NULL)
        CertFreeCertificateChain(pChain);
    if (hEngine != NULL)
        CertFreeCertificateChainEngine(hEngine);
    CertFreeCertificateContext(pCert);
    return dwResult;
}

static SECURITY_STATUS Talk(SOCKET Socket, CtxtHandle *phContext, SecBuffer *pExtra)
{
    static const char szRequest[] = "hello from Windows\r\n";
    SecPkgContext_StreamSizes Sizes;
    SecBufferDesc Message;
    SecBuffer Buffers[4];
    PBYTE pbIoBuffer;
    DWORD cbIoBufferLength, cbIoBuffer, cbMessage = sizeof(szRequest) - 1;
    SECURITY_STATUS scRet =
        g_pSSPI->QueryContextAttributes(phContext, SECPKG_ATTR_STREAM_SIZES, &Sizes);
    if (scRet != SEC_E_OK)
        return scRet;
    cbIoBufferLength = Sizes.cbHeader + Sizes.cbMaximumMessage + Sizes.cbTrailer;
    pbIoBuffer = (PBYTE)LocalAlloc(LMEM_FIXED, cbIoBufferLength);
    if (pbIoBuffer == NULL)
        return SEC_E_INTERNAL_ERROR;

    CopyMemory(pbIoBuffer + Sizes.cbHeader, szRequest, cbMessage);
    Buffers[0].pvBuffer = pbIoBuffer;
    Buffers[0].cbBuffer = Sizes.cbHeader;
    Buffers[0].BufferType = SECBUFFER_STREAM_HEADER;
    Buffers[1].pvBuffer = pbIoBuffer + Sizes.cbHeader;
    Buffers[1].cbBuffer = cbMessage;
    Buffers[1].BufferType = SECBUFFER_DATA;
    Buffers[2].pvBuffer = pbIoBuffer + Sizes.cbHeader + cbMessage;
    Buffers[2].cbBuffer = Sizes.cbTrailer;
    Buffers[2].BufferType = SECBUFFER_STREAM_TRAILER;
    Buffers[3].pvBuffer = NULL;
    Buffers[3].cbBuffer = 0;
    Buffers[3].BufferType = SECBUFFER_EMPTY;
    Message.ulVersion = SECBUFFER_VERSION;
    Message.cBuffers = 4;
    Message.pBuffers = Buffers;
    scRet = g_pSSPI->EncryptMessage(phContext, 0, &Message, 0);
    if (!FAILED(scRet))
        send(Socket, (const char *)pbIoBuffer,
             Buffers[0].cbBuffer + Buffers[1].cbBuffer + Buffers[2].cbBuffer, 0);

    cbIoBuffer = 0;
    if (pExtra->cbBuffer != 0) {
        MoveMemory(pbIoBuffer, pExtra->pvBuffer, pExtra->cbBuffer);
        cbIoBuffer = pExtra->cbBuffer;
    }
    while (scRet == SEC_E_OK || scRet == SEC_E_INCOMPLETE_MESSAGE) {
        SecBuffer *pDataBuffer = NULL;
        SecBuffer *pExtraBuffer = NULL;
        int i;
        if (cbIoBuffer == 0 || scRet == SEC_E_INCOMPLETE_MESSAGE) {
            int cbData = (int)recv(Socket, (char *)pbIoBuffer + cbIoBuffer,
                                   cbIoBufferLength - cbIoBuffer, 0);
            if (cbData <= 0) {
                scRet = SEC_E_INTERNAL_ERROR; /* no close_notify */
                break;
            }
            cbIoBuffer += (DWORD)cbData;
        }
        Buffers[0].pvBuffer = pbIoBuffer;
        Buffers[0].cbBuffer = cbIoBuffer;
        Buffers[0].BufferType = SECBUFFER_DATA;
        Buffers[1].BufferType = SECBUFFER_EMPTY;
        Buffers[2].BufferType = SECBUFFER_EMPTY;
        Buffers[3].BufferType = SECBUFFER_EMPTY;
        scRet = g_pSSPI->DecryptMessage(phContext, &Message, 0, NULL);
        if (scRet == SEC_E_INCOMPLETE_MESSAGE)
            continue;
        if (scRet != SEC_E_OK)
            break;
        for (i = 1; i < 4; i++) {
            if (pDataBuffer == NULL && Buffers[i].BufferType == SECBUFFER_DATA)
                pDataBuffer = &Buffers[i];
            if (pExtraBuffer == NULL && Buffers[i].BufferType == SECBUFFER_EXTRA)
                pExtraBuffer = &Buffers[i];
        }
        if (pDataBuffer != NULL)
            printf("%.*s", (int)pDataBuffer->cbBuffer, (char *)pDataBuffer->pvBuffer);
        if (pExtraBuffer != NULL) {
            MoveMemory(pbIoBuffer, pExtraBuffer->pvBuffer, pExtraBuffer->cbBuffer);
            cbIoBuffer = pExtraBuffer->cbBuffer;
        } else {
            cbIoBuffer = 0;
        }
    }
    LocalFree(pbIoBuffer);
    return scRet == SEC_I_CONTEXT_EXPIRED ? SEC_E_OK : scRet;
}

static VOID Disconnect(SOCKET Socket, PCredHandle phCreds, CtxtHandle *phContext)
{
    DWORD dwType = SCHANNEL_SHUTDOWN, dwOutFlags;
    TimeStamp tsExpiry;
    SecBufferDesc OutBuffer;
    SecBuffer OutBuffers[1];
    OutBuffers[0].pvBuffer = &dwType;
    OutBuffers[0].BufferType = SECBUFFER_TOKEN;
    OutBuffers[0].cbBuffer = sizeof(dwType);
    OutBuffer.cBuffers = 1;
    OutBuffer.pBuffers = OutBuffers;
    OutBuffer.ulVersion = SECBUFFER_VERSION;
    if (FAILED(g_pSSPI->ApplyControlToken(phContext, &OutBuffer)))
        return;
    OutBuffers[0].pvBuffer = NULL;
    OutBuffers[0].BufferType = SECBUFFER_TOKEN;
    OutBuffers[0].cbBuffer = 0;
    if (!FAILED(g_pSSPI->InitializeSecurityContext(
            phCreds, phContext, NULL,
            ISC_REQ_SEQUENCE_DETECT | ISC_REQ_REPLAY_DETECT | ISC_REQ_CONFIDENTIALITY |
                ISC_RET_EXTENDED_ERROR | ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_STREAM,
            0, SECURITY_NATIVE_DREP, NULL, 0, phContext, &OutBuffer, (PULONG)&dwOutFlags,
            &tsExpiry)))
        SendToken(Socket, &OutBuffers[0]);
}

int main(int argc, char *argv[])
{
    WSADATA WsaData;
    CredHandle hCreds;
    CtxtHandle hContext;
    SecBuffer ExtraData = {0, SECBUFFER_EMPTY, NULL};
    WCHAR wszName[256];
    TCHAR szName[256];
    HCERTSTORE hRoots;
    SECURITY_STATUS Status;
    DWORD dwError;
    SOCKET Socket;
    int fGood = 0;
    if (argc != 5 || WSAStartup(MAKEWORD(2, 2), &WsaData) != 0)
        return 2;
    if (MultiByteToWideChar(CP_ACP, 0, argv[3], -1, wszName, 256) == 0) {
        PrintError(TEXT("MultiByteToWideChar"), GetLastError());
        return 2;
    }
#ifdef UNICODE
    _tcscpy(szName, wszName);
#else
    strncpy(szName, argv[3], sizeof(szName) - 1);
    szName[sizeof(szName) - 1] = 0;
#endif
    g_pSSPI = InitSecurityInterface();
    hRoots = OpenRoots(argv[4]);
    Socket = ConnectTo(argv[1], argv[2]);
    if (g_pSSPI == NULL || hRoots == NULL || Socket == INVALID_SOCKET)
        return 2;
    Status = CreateCredentials(&hCreds);
    if (Status != SEC_E_OK) {
        PrintError(TEXT("AcquireCredentialsHandle"), (DWORD)Status);
        return 1;
    }
    Status = Handshake(Socket, &hCreds, szName, &hContext, &ExtraData);
    if (Status != SEC_E_OK) {
        PrintError(TEXT("InitializeSecurityContext"), (DWORD)Status);
    } else {
        dwError = VerifyServer(&hContext, wszName, hRoots);
        if (dwError != 0) {
            PrintError(TEXT("VerifyServer"), dwError);
        } else {
            Status = Talk(Socket, &hContext, &ExtraData);
            fGood = Status == SEC_E_OK;
            if (!fGood)
                PrintError(TEXT("Talk"), (DWORD)Status);
        }
        Disconnect(Socket, &hCreds, &hContext);
        g_pSSPI->DeleteSecurityContext(&hContext);
        if (ExtraData.pvBuffer != NULL)
            LocalFree(ExtraData.pvBuffer);
    }
    g_pSSPI->FreeCredentialsHandle(&hCreds);
    CertCloseStore(hRoots, 0);
    closesocket(Socket);
    WSACleanup();
    return fGood ? 0 : 1;
}
