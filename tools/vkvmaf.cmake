# FFmpeg's libraries open whatever is not y4m or raw. Without them the tool says so when it meets such a file.
option(VKV_FFMPEG "read compressed videos with FFmpeg's libraries, where they are found" ON)
if(VKV_FFMPEG)
    find_package(PkgConfig)
    if(PKG_CONFIG_FOUND)
        pkg_check_modules(FFMPEG IMPORTED_TARGET GLOBAL libavformat>=59 libavcodec>=59 libavutil>=57 libswscale>=6)
    endif()
    if(NOT FFMPEG_FOUND)
        message(STATUS "FFmpeg's libraries were not found: vkvmaf will read y4m and raw video only")
    endif()
endif()

# The command line tool. Its parts are a library of their own, so that tests can link them without the engine.
find_package(JPEG REQUIRED)
set(report_page ${CMAKE_CURRENT_BINARY_DIR}/report_page.h)
set(report_sources ${CMAKE_CURRENT_SOURCE_DIR}/output/report)
add_custom_command(
    OUTPUT ${report_page}
    COMMAND ${CMAKE_COMMAND} -DSOURCE=${report_sources} -DHEADER=${report_page} -P ${report_sources}/embed.cmake
    DEPENDS ${report_sources}/page.html ${report_sources}/style.css ${report_sources}/script.js
            ${report_sources}/embed.cmake
    VERBATIM)
add_library(vkvmaf_cli STATIC
    alias.c batch.c bench.c cli_parse.c device.c extractor.c job.c json_text.c manifest.c mcp.c mcp_score.c measure.c
    message.c model_path.c notes.c psnr.c score.c session.c svm_path.c
    input/convert.c input/format.c input/input.c input/pair.c input/reader.c input/source.c input/window.c
    input/sync.c input/uncompressed.c input/y4m.c input/yuv.c
    output/csv.c output/file.c output/gallery.c output/json.c output/ladder.c output/log.c output/names.c
    output/number.c output/picture.c output/pool.c output/progress.c output/report.c output/sub.c output/summary.c
    output/worst.c output/xml.c ${report_page})
target_include_directories(vkvmaf_cli PUBLIC ${PROJECT_SOURCE_DIR}/include ${CMAKE_CURRENT_SOURCE_DIR})
target_compile_definitions(vkvmaf_cli PRIVATE _XOPEN_SOURCE=700
    VKVMAF_MODELS_DIR="${CMAKE_INSTALL_FULL_DATADIR}/vkvmaf/models")
target_include_directories(vkvmaf_cli PRIVATE ${CMAKE_CURRENT_BINARY_DIR})
find_package(PkgConfig REQUIRED)
pkg_check_modules(CJSON REQUIRED IMPORTED_TARGET libcjson)
target_link_libraries(vkvmaf_cli PUBLIC PkgConfig::CJSON Threads::Threads m PRIVATE JPEG::JPEG)
if(VKV_FFMPEG AND FFMPEG_FOUND)
    target_sources(vkvmaf_cli PRIVATE input/libav.c input/scale.c)
    target_link_libraries(vkvmaf_cli PRIVATE PkgConfig::FFMPEG)
else()
    target_sources(vkvmaf_cli PRIVATE input/no_ffmpeg.c)
endif()

# The installed layout, for running from the build folder: <build>/tools/../share/vkvmaf/models.
file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/share/vkvmaf)
file(CREATE_LINK ${PROJECT_SOURCE_DIR}/models ${PROJECT_BINARY_DIR}/share/vkvmaf/models SYMBOLIC)

if(TARGET vkvmaf_internal)
    add_executable(vkvmaf-tool vkvmaf.c)
    set_target_properties(vkvmaf-tool PROPERTIES OUTPUT_NAME vkvmaf)
    target_link_libraries(vkvmaf-tool PRIVATE vkvmaf_cli vkvmaf_internal)
    install(TARGETS vkvmaf-tool RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
    foreach(name vkvmaf vkvmaf-model)
        install(FILES ${PROJECT_SOURCE_DIR}/docs/man/${name}.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
        install(FILES ${CMAKE_CURRENT_SOURCE_DIR}/completions/vkvmaf.bash
            DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME ${name})
        install(FILES ${CMAKE_CURRENT_SOURCE_DIR}/completions/_${name}
            DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
        install(FILES ${CMAKE_CURRENT_SOURCE_DIR}/completions/${name}.fish
            DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
    endforeach()
else()
    add_library(vkvmaf-tool OBJECT vkvmaf.c)
    target_link_libraries(vkvmaf-tool PRIVATE vkvmaf_cli)
endif()
install(DIRECTORY ${PROJECT_SOURCE_DIR}/models/ DESTINATION ${CMAKE_INSTALL_DATADIR}/vkvmaf/models
    FILES_MATCHING PATTERN "*.onnx" PATTERN "*.json" PATTERN "*.md")
install(FILES ${PROJECT_SOURCE_DIR}/README.md ${PROJECT_SOURCE_DIR}/CHANGELOG.md ${PROJECT_SOURCE_DIR}/LICENSE
    DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs FILES_MATCHING PATTERN "*.md"
    PATTERN "sample" EXCLUDE PATTERN "man" EXCLUDE)
