# The page: packages as the lock file names them, built by Vite, each file compressed and put into one source.
set(CONVSCOPE_PAGE_SOURCE "${PROJECT_BINARY_DIR}/web/page_files.cc")

set(packages "${CMAKE_CURRENT_LIST_DIR}/node_modules/.package-lock.json")
add_custom_command(
  OUTPUT "${packages}"
  COMMAND "${CONVSCOPE_NPM}" ci --no-fund --no-audit --loglevel=error
  COMMAND ${CMAKE_COMMAND} -E touch "${packages}"
  DEPENDS "${CMAKE_CURRENT_LIST_DIR}/package.json" "${CMAKE_CURRENT_LIST_DIR}/package-lock.json"
  WORKING_DIRECTORY "${CMAKE_CURRENT_LIST_DIR}"
  COMMENT "Fetching the packages of the studio's page (without them: -DCONVSCOPE_STUDIO=OFF)" VERBATIM)

file(GLOB_RECURSE page CONFIGURE_DEPENDS "${CMAKE_CURRENT_LIST_DIR}/src/*")
list(FILTER page EXCLUDE REGEX "\\.test\\.ts$")
add_custom_command(
  OUTPUT "${CONVSCOPE_PAGE_SOURCE}"
  COMMAND "${CONVSCOPE_NPM}" run --silent build -- --outDir "${PROJECT_BINARY_DIR}/web/dist"
  COMMAND "${CONVSCOPE_NPM}" run --silent build-report -- --outDir "${PROJECT_BINARY_DIR}/web/report"
  COMMAND "${CONVSCOPE_NODE}" embed.mjs "${PROJECT_BINARY_DIR}/web/dist" "${PROJECT_BINARY_DIR}/web/report"
    "${PROJECT_SOURCE_DIR}/docs/openapi.json" "${CONVSCOPE_PAGE_SOURCE}"
  DEPENDS ${page} "${packages}" "${CMAKE_CURRENT_LIST_DIR}/index.html" "${CMAKE_CURRENT_LIST_DIR}/report.html"
    "${CMAKE_CURRENT_LIST_DIR}/vite.config.ts" "${CMAKE_CURRENT_LIST_DIR}/vite.report.config.ts"
    "${CMAKE_CURRENT_LIST_DIR}/package.json"
    "${CMAKE_CURRENT_LIST_DIR}/tsconfig.json" "${CMAKE_CURRENT_LIST_DIR}/embed.mjs" "${PROJECT_SOURCE_DIR}/docs/openapi.json"
  WORKING_DIRECTORY "${CMAKE_CURRENT_LIST_DIR}"
  COMMENT "Building the studio's page" VERBATIM)
