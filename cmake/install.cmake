# `cmake --install`, and the Debian package by CPack. docs/packages.md has the layout and the reasons.
include(GNUInstallDirs)

# The manual and the completions come from the program's own table of commands; nothing has to be kept in step by hand.
set(manual ${CMAKE_BINARY_DIR}/manual)
file(MAKE_DIRECTORY ${manual})
add_custom_command(OUTPUT ${manual}/ascribe.1 ${manual}/ascribe.bash ${manual}/_ascribe ${manual}/ascribe.fish
  COMMAND ascribe --print-man > ${manual}/ascribe.1
  COMMAND ascribe --print-completion bash > ${manual}/ascribe.bash
  COMMAND ascribe --print-completion zsh > ${manual}/_ascribe
  COMMAND ascribe --print-completion fish > ${manual}/ascribe.fish
  DEPENDS ascribe VERBATIM COMMENT "Writing the manual and the completions")
add_custom_target(manual ALL DEPENDS ${manual}/ascribe.1)

set(data_dir ${CMAKE_INSTALL_DATADIR}/ascribe)
install(TARGETS ascribe RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
# All of it: the digest of the tables that an assessment names is over every file of the folder.
install(DIRECTORY data/ DESTINATION ${data_dir} PATTERN *.tmp EXCLUDE)
install(DIRECTORY examples/sony-2014 DESTINATION ${data_dir}/examples)
install(FILES ${manual}/ascribe.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${manual}/ascribe.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME ascribe)
install(FILES ${manual}/_ascribe DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES ${manual}/ascribe.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(FILES README.md SECURITY.md LICENSE packaging/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME changelog)
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR})

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME ascribe)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "ascribe developers <ascribe@example.org>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "attributes cyber attacks from evidence")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"Given a case (samples, threat intelligence, reports, statements) and a
knowledge base of earlier attacks, ascribe links tools, infrastructure and
techniques, traces the route back and says where the trail ends, and weighs
rival hypotheses: whose tools, which operator, which state. An unknown actor
and somebody imitating the leader are always among them and can win.
.
Every number goes back to a line or offset of a file and its SHA-256, and the
same input gives the same bytes. Samples are read, never run; no network
connection is opened.
.
Eight packs of public knowledge, compact MITRE ATT&CK tables and an example
case are included; the command demo investigates it.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
# Sorts below a package of the same version that Debian itself may carry one day.
set(CPACK_DEBIAN_PACKAGE_RELEASE 1~bookworm1)
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS poppler-utils)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_SOURCE_DIR}/packaging/debian_files.cmake)
include(CPack)
