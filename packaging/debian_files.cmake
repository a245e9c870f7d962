# Run by CPack on what it is about to pack: what Debian's policy asks for beyond an ordinary installation.
set(usr ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/usr)
set(doc ${usr}/share/doc/ascribe)

# The copyright file names the licence, whose text every Debian system has.
file(REMOVE ${doc}/LICENSE)
configure_file(${CMAKE_CURRENT_LIST_DIR}/debian-changelog ${doc}/changelog.Debian COPYONLY)
# -n: no name and no time in the file, so that the same source gives the same bytes.
execute_process(COMMAND gzip -9n ${doc}/changelog ${doc}/changelog.Debian ${usr}/share/man/man1/ascribe.1
  COMMAND_ERROR_IS_FATAL ANY)
