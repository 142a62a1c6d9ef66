# Installs the build in BUILD_DIR under WORK_DIR, then configures, builds and runs programs that know the installed
# package alone. COMPONENTS: the built components, separated by commas.
file(REMOVE_RECURSE "${WORK_DIR}")
set(prefix "${WORK_DIR}/prefix")

function(run)
  execute_process(COMMAND ${ARGV} COMMAND_ECHO STDOUT COMMAND_ERROR_IS_FATAL ANY)
endfunction()

run(${CMAKE_COMMAND} --install ${BUILD_DIR} --prefix ${prefix})
set(flags "")
if(SANITIZE)
  set(flags "-fsanitize=${SANITIZE}")
endif()
file(COPY ${CMAKE_CURRENT_LIST_DIR}/outside DESTINATION ${WORK_DIR})
# The program for convscope::media is the one that the README shows.
configure_file(${CMAKE_CURRENT_LIST_DIR}/../../examples/fifteen_lines.cc ${WORK_DIR}/outside/use_media.cc COPYONLY)
run(${CMAKE_COMMAND} -G Ninja -S ${WORK_DIR}/outside -B ${WORK_DIR}/build
  -D CMAKE_PREFIX_PATH=${prefix} -D CMAKE_CXX_COMPILER=${COMPILER} -D CMAKE_BUILD_TYPE=${BUILD_TYPE}
  -D CMAKE_CXX_FLAGS=${flags} -D COMPONENTS=${COMPONENTS})
run(${CMAKE_COMMAND} --build ${WORK_DIR}/build)
run(${CMAKE_COMMAND} --build ${WORK_DIR}/build --target run)

# A user of the core alone, on a machine that has nothing of what the media component uses.
file(COPY ${CMAKE_CURRENT_LIST_DIR}/core_alone DESTINATION ${WORK_DIR})
file(COPY ${WORK_DIR}/outside/use_core.cc DESTINATION ${WORK_DIR}/core_alone)
run(${CMAKE_COMMAND} -G Ninja -S ${WORK_DIR}/core_alone -B ${WORK_DIR}/build-core
  -D CMAKE_PREFIX_PATH=${prefix} -D CMAKE_CXX_COMPILER=${COMPILER} -D CMAKE_BUILD_TYPE=${BUILD_TYPE}
  -D CMAKE_CXX_FLAGS=${flags} -D COMPONENTS=${COMPONENTS})
run(${CMAKE_COMMAND} --build ${WORK_DIR}/build-core)
run(${WORK_DIR}/build-core/use_core)
