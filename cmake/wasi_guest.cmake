# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Guests: C programs compiled to wasm at build time, for tests and examples. Found on Debian:
# clang-19, lld-19, wasi-libc (headers in /usr/include/wasm32-wasi) and libclang-rt-19-dev-wasm32; clang knows
# these places itself, so there is no sysroot to name. CORDON_WASI_GUESTS says whether all of it is there.

find_program(CORDON_WASI_CLANG NAMES clang-19 clang)
if(CORDON_WASI_CLANG AND NOT DEFINED CORDON_WASI_GUESTS)
  file(WRITE ${CMAKE_BINARY_DIR}/wasi_probe/probe.c "#include <stdio.h>\nint main(void) { return puts(\"\"); }\n")
  execute_process(
    COMMAND ${CORDON_WASI_CLANG} --target=wasm32-wasi -O2 probe.c -o probe.wasm
    WORKING_DIRECTORY ${CMAKE_BINARY_DIR}/wasi_probe RESULT_VARIABLE failed OUTPUT_QUIET ERROR_QUIET)
  if(failed EQUAL 0)
    set(CORDON_WASI_GUESTS ON CACHE INTERNAL "C programs can be compiled to WASI guests")
  else()
    message(STATUS "No WASI guests: needs clang-19, lld-19, wasi-libc, libclang-rt-19-dev-wasm32")
  endif()
endif()

# cordon_add_wasi_guest(name sources...): ${CMAKE_CURRENT_BINARY_DIR}/name.wasm, by the target name_wasm. Options in
# CORDON_WASI_OPTIONS are the compiler's, too.
function(cordon_add_wasi_guest name)
  list(TRANSFORM ARGN PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/ OUTPUT_VARIABLE sources)
  set(output ${CMAKE_CURRENT_BINARY_DIR}/${name}.wasm)
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CORDON_WASI_CLANG} --target=wasm32-wasi -std=c17 -D_GNU_SOURCE -O2 -Wall -Wextra -Werror
            ${CORDON_WASI_OPTIONS} -MD -MF ${output}.d -MT ${output} ${sources} -o ${output}
    DEPENDS ${sources} DEPFILE ${output}.d VERBATIM)
  add_custom_target(${name}_wasm ALL DEPENDS ${output})
endfunction()
