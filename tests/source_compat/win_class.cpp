/* SPDX-License-Identifier: MIT */
/*
 * A TLS client as C++ programs for Windows are written: wide strings, the security functions found
 * at run time, files through handles, Winsock's own functions, methods named like socket calls.
 * usage: win_class ADDRESS PORT NAME ROOT.DER
 */
#define SECURITY_WIN32
#define SCHANNEL_USE_BLACKLISTS
#include <Windows.h>
#include <winsock.h>
#include <WS2tcpip.h>
#include <SChannel.h>
#include <Security.h>
#include <Strsafe.h>
#include <VersionHelpers.h>
#include <tchar.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#pragma comment(lib, "ws2_32.lib")
#pragma comment(lib, "crypt32.lib")

typedef std::basic_string<TCHAR> tstring;

class Failure : public std::runtime_error
{
  public:
    Failure(const char *where, DWORD code) : std::runtime_error(where), m_code(code)
    {
    }
    DWORD code() const
    {
        return m_code;
    }

  private:
    DWORD m_code;
};

/* Critical section, taken for a scope. */
class Guard
{
  public:
    explicit Guard(CRITICAL_SECTION &section) : m_section(section)
    {
        EnterCriticalSection(&m_section);
    }
    ~Guard()
    {
        LeaveCriticalSection(&m_section);
    }

  private:
    CRITICAL_SECTION &m_section;
};

static PSecurityFunctionTable LoadTable()
{
    HMODULE hModule = LoadLibrary(TEXT("SECUR32.DLL"));
    if (hModule == NULL)
        throw Failure("LoadLibrary", GetLastError());
#ifdef UNICODE
    auto pStart = reinterpret_cast<INIT_SECURITY_INTERFACE_W>(
        reinterpret_cast<void *>(GetProcAddress(hModule, "InitSecurityInterfaceW")));
#else
    auto pStart = reinterpret_cast<INIT_SECURITY_INTERFACE_A>(
        reinterpret_cast<void *>(GetProcAddress(hModule, "InitSecurityInterfaceA")));
#endif
    if (pStart == NULL)
        throw Failure("GetProcAddress", GetLastError());
    return pStart();
}

static std::vector<BYTE> ReadWholeFile(const tstring &strPath)
{
    HANDLE hFile = CreateFile(strPath.c_str(), GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING,
                              FILE_ATTRIBUTE_NORMAL, NULL);
    if (hFile == INVALID_HANDLE_VALUE)
        throw Failure("CreateFile", GetLastError());
    LARGE_INTEGER liSize;
    DWORD cbRead = 0;
    std::vector<BYTE> data;
    if (GetFileSizeEx(hFile, &liSize)) {
        data.resize(static_cast<size_t>(liSize.QuadPart));
        if (!ReadFile(hFile, data.data(), static_cast<DWORD>(data.size()), &cbRead, NULL))
            cbRead = 0;
    }
    CloseHandle(hFile);
    data.resize(cbRead);
    return data;
}

class Connection
{
  public:
    Connection() : m_socket(socket(AF_INET, SOCK_STREAM, 0))
    {
    }
    ~Connection()
    {
        close();
    }
    void close()
    {
        if (m_socket != INVALID_SOCKET)
            closesocket(m_socket);
        m_socket = INVALID_SOCKET;
    }
    void connect(const tstring &strHost, const tstring &strPort)
    {
        struct timeval timeout = {10, 0};
        if (!WSAConnectByName(m_socket, const_cast<LPTSTR>(strHost.c_str()),
                              const_cast<LPTSTR>(strPort.c_str()), NULL, NULL, NULL, NULL, &timeout,
                              NULL))
            throw Failure("WSAConnectByName", WSAGetLastError());
    }
    void send(const void *pData, DWORD cbData)
    {
        WSABUF buffer = {cbData, static_cast<CHAR *>(const_cast<void *>(pData))};
        DWORD cbSent = 0;
        if (WSASend(m_socket, &buffer, 1, &cbSent, 0, NULL, NULL) == SOCKET_ERROR)
            throw Failure("WSASend", WSAGetLastError());
    }
    /* False when the server has gone. */
    bool receive(std::vector<BYTE> &data)
    {
        BYTE piece[4096];
        FD_SET fds;
        TIMEVAL tv = {10, 0};
        FD_ZERO(&fds);
        FD_SET(m_socket, &fds);
        if (select(0, &fds, NULL, NULL, &tv) != 1)
            throw Failure("select", WSAGetLastError());
        int cb = ::recv(m_socket, reinterpret_cast<char *>(piece), sizeof(piece), 0);
        if (cb > 0)
            data.insert(data.end(), piece, piece + cb);
        return cb > 0;
    }

  private:
    SOCKET m_socket;
};

class Tls
{
  public:
    Tls(PSecurityFunctionTable pTable, Connection &connection)
        : m_pTable(pTable), m_connection(connection)
    {
        SecInvalidateHandle(&m_hCreds);
        SecInvalidateHandle(&m_hContext);
        InitializeCriticalSection(&m_section);
    }
    ~Tls()
    {
        m_pTable->DeleteSecurityContext(&m_hContext);
        m_pTable->FreeCredentialsHandle(&m_hCreds);
        DeleteCriticalSection(&m_section);
    }
    void acquire(HCERTSTORE hRoots)
    {
        SCH_CREDENTIALS credentials = {};
        TLS_PARAMETERS parameters = {};
        credentials.dwVersion = SCH_CREDENTIALS_VERSION;
        credentials.hRootStore = hRoots;
        credentials.dwFlags = SCH_CRED_NO_DEFAULT_CREDS | SCH_USE_STRONG_CRYPTO;
        credentials.cTlsParameters = 1;
        credentials.pTlsParameters = &parameters;
        TCHAR szPackage[] = UNISP_NAME;
        SECURITY_STATUS status = m_pTable->AcquireCredentialsHandle(
            NULL, szPackage, SECPKG_CRED_OUTBOUND, NULL, &credentials, NULL, NULL, &m_hCreds, NULL);
        if (status != SEC_E_OK)
            throw Failure("AcquireCredentialsHandle", status);
    }
    void handshake(const tstring &strName)
    {
        SECURITY_STATUS status = step(strName, NULL);
        while (status == SEC_I_CONTINUE_NEEDED || status == SEC_E_INCOMPLETE_MESSAGE) {
            if ((m_input.empty() || status == SEC_E_INCOMPLETE_MESSAGE) &&
                !m_connection.receive(m_input))
                throw Failure("receive", SEC_E_INTERNAL_ERROR);
            status = step(strName, &m_hContext);
        }
        if (status != SEC_E_OK)
            throw Failure("InitializeSecurityContext", status);
    }
    void write(const std::string &strText)
    {
        Guard guard(m_section);
        SecPkgContext_StreamSizes sizes;
        SECURITY_STATUS status =
            m_pTable->QueryContextAttributes(&m_hContext, SECPKG_ATTR_STREAM_SIZES, &sizes);
        if (status != SEC_E_OK)
            throw Failure("QueryContextAttributes", status);
        DWORD cbText = min(strText.size(), sizes.cbMaximumMessage);
        std::vector<BYTE> record(sizes.cbHeader + cbText + sizes.cbTrailer);
        memcpy_s(&record[sizes.cbHeader], record.size() - sizes.cbHeader, strText.data(), cbText);
        SecBuffer buffers[] = {
            {sizes.cbHeader, SECBUFFER_STREAM_HEADER, &record[0]},
            {cbText, SECBUFFER_DATA, &record[sizes.cbHeader]},
            {sizes.cbTrailer, SECBUFFER_STREAM_TRAILER, &record[sizes.cbHeader + cbText]},
            {0, SECBUFFER_EMPTY, NULL}};
        SecBufferDesc message = {SECBUFFER_VERSION, _countof(buffers), buffers};
        status = m_pTable->EncryptMessage(&m_hContext, 0, &message, 0);
        if (FAILED(status))
            throw Failure("EncryptMessage", status);
        m_connection.send(&record[0],
                          buffers[0].cbBuffer + buffers[1].cbBuffer + buffers[2].cbBuffer);
    }
    /* Until the server closes. */
    std::string readAll(const tstring &strName)
    {
        std::string strText;
        SECURITY_STATUS status = SEC_E_OK;
        while (status != SEC_I_CONTEXT_EXPIRED) {
            if ((m_input.empty() || status == SEC_E_INCOMPLETE_MESSAGE) &&
                !m_connection.receive(m_input))
                throw Failure("receive", SEC_E_INTERNAL_ERROR);
            status = readOne(strText);
            if (status == SEC_I_RENEGOTIATE)
                handshakeAgain(strName);
            else if (FAILED(status) && status != SEC_E_INCOMPLETE_MESSAGE)
                throw Failure("DecryptMessage", status);
        }
        return strText;
    }

  private:
    SECURITY_STATUS step(const tstring &strName, PCtxtHandle phContext)
    {
        SecBuffer in[] = {{static_cast<DWORD>(m_input.size()), SECBUFFER_TOKEN, m_input.data()},
                          {0, SECBUFFER_EMPTY, NULL}};
        SecBuffer out[] = {{0, SECBUFFER_TOKEN, NULL}, {0, SECBUFFER_ALERT, NULL}};
        SecBufferDesc inDesc = {SECBUFFER_VERSION, _countof(in), in};
        SecBufferDesc outDesc = {SECBUFFER_VERSION, _countof(out), out};
        DWORD dwAttributes = 0;
        SECURITY_STATUS status = m_pTable->InitializeSecurityContext(
            &m_hCreds, phContext, const_cast<LPTSTR>(strName.c_str()),
            ISC_REQ_CONFIDENTIALITY | ISC_REQ_REPLAY_DETECT | ISC_REQ_SEQUENCE_DETECT |
                ISC_REQ_STREAM | ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_EXTENDED_ERROR,
            0, 0, phContext != NULL ? &inDesc : NULL, 0, &m_hContext, &outDesc, &dwAttributes,
            NULL);
        if (out[0].cbBuffer != 0)
            m_connection.send(out[0].pvBuffer, out[0].cbBuffer);
        for (size_t i = 0; i < ARRAYSIZE(out); i++)
            m_pTable->FreeContextBuffer(out[i].pvBuffer);
        if (status != SEC_E_INCOMPLETE_MESSAGE)
            keep(in[1].BufferType == SECBUFFER_EXTRA ? in[1].cbBuffer : 0);
        return status;
    }
    void handshakeAgain(const tstring &strName)
    {
        if (step(strName, &m_hContext) != SEC_E_OK)
            throw Failure("InitializeSecurityContext", SEC_E_INTERNAL_ERROR);
    }
    SECURITY_STATUS readOne(std::string &strText)
    {
        SecBuffer buffers[4] = {
            {static_cast<DWORD>(m_input.size()), SECBUFFER_DATA, m_input.data()},
            {0, SECBUFFER_EMPTY, NULL},
            {0, SECBUFFER_EMPTY, NULL},
            {0, SECBUFFER_EMPTY, NULL}};
        SecBufferDesc message = {SECBUFFER_VERSION, 4, buffers};
        SECURITY_STATUS status = m_pTable->DecryptMessage(&m_hContext, &message, 0, NULL);
        if (status == SEC_E_INCOMPLETE_MESSAGE)
            return status;
        DWORD cbExtra = 0;
        for (const SecBuffer &buffer : buffers) {
            if (buffer.BufferType == SECBUFFER_DATA && status == SEC_E_OK)
                strText.append(static_cast<const char *>(buffer.pvBuffer), buffer.cbBuffer);
            if (buffer.BufferType == SECBUFFER_EXTRA)
                cbExtra = buffer.cbBuffer;
        }
        keep(cbExtra);
        return status;
    }
    /* Only the last bytes of the input are still to be looked at. */
    void keep(DWORD cb)
    {
        m_input.erase(m_input.begin(), m_input.end() - cb);
    }

    PSecurityFunctionTable m_pTable;
    Connection &m_connection;
    CredHandle m_hCreds;
    CtxtHandle m_hContext;
    CRITICAL_SECTION m_section;
    std::vector<BYTE> m_input;
};

static HCERTSTORE OpenRoots(const tstring &strPath)
{
    std::vector<BYTE> der = ReadWholeFile(strPath);
    HCERTSTORE hStore =
        CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, CERT_STORE_CREATE_NEW_FLAG, NULL);
    if (!CertAddEncodedCertificateToStore(hStore, X509_ASN_ENCODING, der.data(),
                                          static_cast<DWORD>(der.size()), CERT_STORE_ADD_ALWAYS,
                                          NULL))
        throw Failure("CertAddEncodedCertificateToStore", GetLastError());
    return hStore;
}

static void Run(TCHAR *argv[])
{
    Connection connection;
    HCERTSTORE hRoots = OpenRoots(argv[4]);
    tstring strName = tstring(TEXT("")) + argv[3];
    Tls tls(LoadTable(), connection);
    connection.connect(argv[1], argv[2]);
    tls.acquire(hRoots);
    CertCloseStore(hRoots, 0);
    tls.handshake(strName);
    tls.write("hello from Windows\r\n");
    std::string strText = tls.readAll(strName);
    fwrite(strText.data(), 1, strText.size(), stdout);
}

int _tmain(int argc, TCHAR *argv[])
{
    WSADATA wsaData;
    if (argc != 5 || !IsWindows8Point1OrGreater() || WSAStartup(MAKEWORD(2, 2), &wsaData) != 0)
        return 2;
    try {
        Run(argv);
    } catch (const Failure &failure) {
        char szText[64];
        sprintf_s(szText, "%s: 0x%08x\n", failure.what(), (unsigned)failure.code());
        OutputDebugStringA(szText);
        return 1;
    }
    WSACleanup();
    return 0;
}
