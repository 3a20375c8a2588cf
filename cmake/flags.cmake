# kpi_flags: warnings, hardening and sanitizers of every target of ours. Not exported.
add_library(kpi_flags INTERFACE)
target_compile_options(kpi_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Werror
  -fstack-protector-strong -fcf-protection -fno-semantic-interposition)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(kpi_flags INTERFACE -fstack-clash-protection)
endif()
if(KPI_SANITIZE)
  add_compile_options(-fsanitize=${KPI_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${KPI_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ warns without cause about code that sanitizers have rewritten, and about Asio's fences.
    target_compile_options(kpi_flags INTERFACE -Wno-maybe-uninitialized -Wno-tsan)
  endif()
elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_options(kpi_flags INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
endif()
target_link_options(kpi_flags INTERFACE -Wl,-z,relro,-z,now)

# Sources of this folder that include kpi/canary.h. They alone differ in a build with canaries.
function(kpi_canaries)
  if(KPI_CANARIES)
    set_source_files_properties(${ARGN} PROPERTIES COMPILE_DEFINITIONS KPI_CANARIES)
  endif()
endfunction()

find_program(KPI_MOLD mold)
if(KPI_MOLD)
  add_link_options(-fuse-ld=mold)
endif()
find_program(KPI_CCACHE ccache)
if(KPI_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${KPI_CCACHE})
endif()
