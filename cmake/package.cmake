# What is installed: one shared library with engine, query and rendering, its headers, its CMake
# package (targets kpistore::engine and kpistore::query), and pkg-config file. Programs are
# installed where they are built.
include(CMakePackageConfigHelpers)

# The libraries of ours below a folder, whatever its subfolders call them.
function(kpi_libraries_below folder result)
  get_property(targets DIRECTORY ${folder} PROPERTY BUILDSYSTEM_TARGETS)
  get_property(folders DIRECTORY ${folder} PROPERTY SUBDIRECTORIES)
  set(found "")
  foreach(target IN LISTS targets)
    get_target_property(type ${target} TYPE)
    if(type STREQUAL "STATIC_LIBRARY")
      list(APPEND found ${target})
    endif()
  endforeach()
  foreach(subfolder IN LISTS folders)
    kpi_libraries_below(${subfolder} below)
    list(APPEND found ${below})
  endforeach()
  set(${result} ${found} PARENT_SCOPE)
endfunction()

kpi_libraries_below(${PROJECT_SOURCE_DIR}/engine engine_libraries)
kpi_libraries_below(${PROJECT_SOURCE_DIR}/query query_libraries)
add_library(kpistore SHARED)
foreach(library IN LISTS engine_libraries query_libraries)
  target_sources(kpistore PRIVATE $<TARGET_OBJECTS:${library}>)
endforeach()
target_include_directories(kpistore INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_compile_features(kpistore INTERFACE cxx_std_20)
# Private: an embedder sees std and our headers only.
target_link_libraries(kpistore PRIVATE
  RocksDB::rocksdb-shared PkgConfig::XXHASH Threads::Threads kpi_flags)
set_target_properties(kpistore PROPERTIES
  VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR} LINKER_LANGUAGE CXX
  LINK_DEPENDS ${PROJECT_SOURCE_DIR}/cmake/kpistore.map)
target_link_options(kpistore PRIVATE
  -Wl,--version-script=${PROJECT_SOURCE_DIR}/cmake/kpistore.map)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/kpistore)
configure_package_config_file(
  ${PROJECT_SOURCE_DIR}/cmake/kpistoreConfig.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/kpistoreConfig.cmake
  INSTALL_DESTINATION ${package_dir})
# Before 1.0 any minor version may change the interface.
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/kpistoreConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
configure_file(${PROJECT_SOURCE_DIR}/cmake/kpistore.pc.in ${CMAKE_CURRENT_BINARY_DIR}/kpistore.pc @ONLY)

install(TARGETS kpistore EXPORT kpistoreTargets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT kpistoreTargets NAMESPACE kpistore:: DESTINATION ${package_dir})
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/kpistoreConfig.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/kpistoreConfigVersion.cmake DESTINATION ${package_dir})
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/kpistore.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(DIRECTORY include/kpi DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h"
  PATTERN canary.h EXCLUDE)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME kpistore)
set(CPACK_PACKAGE_CONTACT "The kpistore developers <kpistore@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Time-series store for key performance indicators of sign-in")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
include(CPack)
