# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# One interface target carries the flags that every target of the project compiles with.
include(CheckIPOSupported)
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
