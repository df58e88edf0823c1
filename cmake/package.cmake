# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# A package for Debian 12 of what is installed; ci/package makes it.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME cordon)
set(CPACK_PACKAGE_CONTACT "The Cordon authors <cordon@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "sandbox for untrusted WebAssembly")
set(CPACK_PACKAGE_DESCRIPTION
"Runs WASI programs at native speed in jailed processes: the compiler in one, what it
made, checked by an independent verifier, in another that can do nothing but compute.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
# The libraries' packages and versions, by dpkg-shlibdeps.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# Folders that are made on the way have the rights of a system's, whatever the umask is.
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
include(CPack)
