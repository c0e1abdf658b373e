# SPDX-License-Identifier: MIT
function(schannel_warnings target)
    target_compile_options(${target} PRIVATE
        -Wall -Wextra -Wconversion -Wshadow -Wformat=2 -Wvla -Werror
        $<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes -Wmissing-prototypes>
        $<$<C_COMPILER_ID:GNU>:-Wlogical-op>
        -fstack-protector-strong
        $<$<CONFIG:Release,RelWithDebInfo>:-D_FORTIFY_SOURCE=2>)
endfunction()
