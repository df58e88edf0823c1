// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Runs a file of Lua, for ci/real-programs: what lua.c does without a prompt, signals or options.
#include "lua.h"

#include <stdio.h>

#include "lauxlib.h"
#include "lualib.h"
int main(int argc, char** argv) {
  lua_State* L = luaL_newstate();
  luaL_openlibs(L);
  if (argc < 2 || luaL_dofile(L, argv[1]) != LUA_OK) {
    fprintf(stderr, "%s\n", argc < 2 ? "usage: lua FILE" : lua_tostring(L, -1));
    return 1;
  }
  return 0;
}
