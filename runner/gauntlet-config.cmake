# find_package(gauntlet) gives the targets gauntlet::runner and gauntlet::migration and the function
# gauntlet_embed (embed.cmake). Headers are included as "runner/apply.h".
include("${CMAKE_CURRENT_LIST_DIR}/packages.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/gauntlet-targets.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/embed.cmake")
