# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# One interface target carries the flags that every target of the project compiles with.
include(CheckPIESupported)
check_pie_supported(LANGUAGES CXX)
find_package(Threads REQUIRED)

add_library(cordon_flags INTERFACE)
target_include_directories(cordon_flags INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/generated)
target_compile_options(cordon_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wimplicit-fallthrough -Werror
  -fno-strict-aliasing -fstack-protector-strong -fvisibility=hidden)
target_compile_definitions(cordon_flags INTERFACE _GNU_SOURCE)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(cordon_flags INTERFACE -Wno-gnu-statement-expression-from-macro-expansion)
endif()
if(CORDON_SANITIZE OR CORDON_COVERAGE OR CMAKE_BUILD_TYPE STREQUAL "Debug")
  target_compile_definitions(cordon_flags INTERFACE _GLIBCXX_ASSERTIONS)
else()
  # What the compiler, the C library and the linker can do against a bug of ours. An uninitialized variable
  # that is zero reveals nothing about the memory around it to a worker or to the reader of a message.
  target_compile_options(cordon_flags INTERFACE
    -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-clash-protection -ftrivial-auto-var-init=zero)
  target_link_options(cordon_flags INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_link_options(cordon_flags INTERFACE -fuse-ld=lld)
endif()
# For what is compiled more often than it runs.
set(CORDON_UNOPTIMIZED -O0)
if(CORDON_SANITIZE)
  # vptr needs RTTI, which core/ and the workers have not.
  target_compile_options(cordon_flags INTERFACE
    -fsanitize=${CORDON_SANITIZE} -fno-sanitize=vptr -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(cordon_flags INTERFACE -fsanitize=${CORDON_SANITIZE})
  target_compile_definitions(cordon_flags INTERFACE CORDON_SANITIZED=1)
endif()
if(CORDON_COVERAGE)
  target_compile_options(cordon_flags INTERFACE -fprofile-instr-generate -fcoverage-mapping)
  target_link_options(cordon_flags INTERFACE -fprofile-instr-generate)
endif()

# core/ and the workers have neither exceptions nor RTTI (DESIGN §6); the command line, which uses
# libraries that throw, and the tests have both.
add_library(cordon_no_exceptions INTERFACE)
target_compile_options(cordon_no_exceptions INTERFACE -fno-exceptions -fno-rtti)
