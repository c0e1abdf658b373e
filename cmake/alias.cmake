# SPDX-License-Identifier: MIT
# Programs written for Windows link -lsecur32 -lcrypt32 and friends. Each of these names is a linker
# script that pulls in libschannel.
set(SCHANNEL_ALIAS_DIR ${PROJECT_BINARY_DIR}/alias)
foreach(name secur32 crypt32 ncrypt bcrypt advapi32 kernel32 ws2_32)
    file(WRITE ${SCHANNEL_ALIAS_DIR}/lib${name}.so "/* libschannel stands in for ${name} */\nINPUT(-lschannel)\n")
    install(FILES ${SCHANNEL_ALIAS_DIR}/lib${name}.so
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/schannel-alias)
endforeach()
