/* SPDX-License-Identifier: MIT */
/* Sizes and offsets of the structures of sspi.h, as on 64-bit Windows. */
#ifndef SCHANNEL_PARTS_SSPI_LAYOUT_H
#define SCHANNEL_PARTS_SSPI_LAYOUT_H

SCHANNEL_SIZE(SecHandle, 16);
SCHANNEL_AT(SecHandle, dwUpper, 8);
SCHANNEL_SIZE(TimeStamp, 8);
SCHANNEL_SIZE(SecBuffer, 16);
SCHANNEL_AT(SecBuffer, cbBuffer, 0);
SCHANNEL_AT(SecBuffer, BufferType, 4);
SCHANNEL_AT(SecBuffer, pvBuffer, 8);
SCHANNEL_SIZE(SecBufferDesc, 16);
SCHANNEL_AT(SecBufferDesc, ulVersion, 0);
SCHANNEL_AT(SecBufferDesc, cBuffers, 4);
SCHANNEL_AT(SecBufferDesc, pBuffers, 8);
SCHANNEL_SIZE(SecPkgInfoA, 32);
SCHANNEL_SIZE(SecPkgInfoW, 32);
SCHANNEL_AT(SecPkgInfoW, wVersion, 4);
SCHANNEL_AT(SecPkgInfoW, wRPCID, 6);
SCHANNEL_AT(SecPkgInfoW, cbMaxToken, 8);
SCHANNEL_AT(SecPkgInfoW, Name, 16);
SCHANNEL_AT(SecPkgInfoW, Comment, 24);
SCHANNEL_SIZE(SECURITY_PACKAGE_OPTIONS, 24);
SCHANNEL_SIZE(SEC_WINNT_AUTH_IDENTITY_W, 48);
SCHANNEL_SIZE(SEC_WINNT_AUTH_IDENTITY_A, 48);

SCHANNEL_SIZE(SEC_NEGOTIATION_INFO, 24);
SCHANNEL_SIZE(SEC_CHANNEL_BINDINGS, 32);
SCHANNEL_AT(SEC_CHANNEL_BINDINGS, cbApplicationDataLength, 24);
SCHANNEL_AT(SEC_CHANNEL_BINDINGS, dwApplicationDataOffset, 28);
SCHANNEL_SIZE(SEC_CHANNEL_BINDINGS_EX, 48);
SCHANNEL_SIZE(SEC_APPLICATION_PROTOCOL_NEGOTIATION_EXT, 4);
SCHANNEL_AT(SEC_APPLICATION_PROTOCOL_LIST, ProtocolListSize, 4);
SCHANNEL_AT(SEC_APPLICATION_PROTOCOL_LIST, ProtocolList, 6);
SCHANNEL_AT(SEC_APPLICATION_PROTOCOLS, ProtocolLists, 4);
SCHANNEL_AT(SEC_SRTP_PROTECTION_PROFILES, ProfilesList, 2);
SCHANNEL_AT(SEC_SRTP_MASTER_KEY_IDENTIFIER, MasterKeyIdentifier, 1);
SCHANNEL_AT(SEC_TOKEN_BINDING, KeyParameters, 4);
SCHANNEL_AT(SEC_PRESHAREDKEY, Key, 2);
SCHANNEL_AT(SEC_PRESHAREDKEY_IDENTITY, KeyIdentity, 2);
SCHANNEL_SIZE(SEC_DTLS_MTU, 2);
SCHANNEL_SIZE(SEC_FLAGS, 8);
SCHANNEL_AT(SEC_CERTIFICATE_REQUEST_CONTEXT, rgCertificateRequestContext, 1);
SCHANNEL_AT(SEC_TRAFFIC_SECRETS, ChainingMode, 128);
SCHANNEL_AT(SEC_TRAFFIC_SECRETS, HashAlgId, 256);
SCHANNEL_AT(SEC_TRAFFIC_SECRETS, KeySize, 384);
SCHANNEL_AT(SEC_TRAFFIC_SECRETS, MsgSequenceEnd, 390);
SCHANNEL_AT(SEC_TRAFFIC_SECRETS, TrafficSecretType, 392);
SCHANNEL_AT(SEC_TRAFFIC_SECRETS, TrafficSecretSize, 396);
SCHANNEL_AT(SEC_TRAFFIC_SECRETS, TrafficSecret, 398);
SCHANNEL_AT(SEC_APP_SESSION_STATE, AppSessionState, 2);
SCHANNEL_AT(SEC_SESSION_TICKET, SessionTicket, 2);

SCHANNEL_SIZE(SecPkgCredentials_NamesW, 8);
SCHANNEL_SIZE(SecPkgContext_Sizes, 16);
SCHANNEL_AT(SecPkgContext_Sizes, cbSecurityTrailer, 12);
SCHANNEL_SIZE(SecPkgContext_StreamSizes, 20);
SCHANNEL_AT(SecPkgContext_StreamSizes, cbTrailer, 4);
SCHANNEL_AT(SecPkgContext_StreamSizes, cbMaximumMessage, 8);
SCHANNEL_AT(SecPkgContext_StreamSizes, cBuffers, 12);
SCHANNEL_AT(SecPkgContext_StreamSizes, cbBlockSize, 16);
SCHANNEL_SIZE(SecPkgContext_NamesW, 8);
SCHANNEL_SIZE(SecPkgContext_Lifespan, 16);
SCHANNEL_SIZE(SecPkgContext_KeyInfoW, 32);
SCHANNEL_AT(SecPkgContext_KeyInfoW, KeySize, 16);
SCHANNEL_AT(SecPkgContext_KeyInfoW, EncryptAlgorithm, 24);
SCHANNEL_SIZE(SecPkgContext_AuthorityW, 8);
SCHANNEL_SIZE(SecPkgContext_ProtoInfoW, 16);
SCHANNEL_AT(SecPkgContext_ProtoInfoW, minorVersion, 12);
SCHANNEL_SIZE(SecPkgContext_SessionKey, 16);
SCHANNEL_SIZE(SecPkgContext_PackageInfoW, 8);
SCHANNEL_SIZE(SecPkgContext_NegotiationInfoW, 16);
SCHANNEL_SIZE(SecPkgContext_Flags, 4);
SCHANNEL_SIZE(SecPkgContext_AccessToken, 8);
SCHANNEL_SIZE(SecPkgContext_Bindings, 16);
SCHANNEL_AT(SecPkgContext_Bindings, Bindings, 8);
SCHANNEL_SIZE(SecPkgContext_ApplicationProtocol, 264);
SCHANNEL_AT(SecPkgContext_ApplicationProtocol, ProtocolIdSize, 8);
SCHANNEL_AT(SecPkgContext_ApplicationProtocol, ProtocolId, 9);
SCHANNEL_SIZE(SecPkgContext_NegotiatedTlsExtensions, 16);

SCHANNEL_SIZE(SecurityFunctionTableW, 256);
SCHANNEL_SIZE(SecurityFunctionTableA, 256);
SCHANNEL_AT(SecurityFunctionTableW, EnumerateSecurityPackagesW, 8);
SCHANNEL_AT(SecurityFunctionTableW, InitializeSecurityContextW, 48);
SCHANNEL_AT(SecurityFunctionTableW, FreeContextBuffer, 128);
SCHANNEL_AT(SecurityFunctionTableW, Reserved3, 144);
SCHANNEL_AT(SecurityFunctionTableW, QuerySecurityContextToken, 192);
SCHANNEL_AT(SecurityFunctionTableW, EncryptMessage, 200);
SCHANNEL_AT(SecurityFunctionTableW, DecryptMessage, 208);
SCHANNEL_AT(SecurityFunctionTableW, ChangeAccountPasswordW, 232);
SCHANNEL_AT(SecurityFunctionTableW, QueryCredentialsAttributesExW, 248);
SCHANNEL_AT(SecurityFunctionTableA, AcquireCredentialsHandleA, 24);

#endif
