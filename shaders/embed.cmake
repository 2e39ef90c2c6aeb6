# SPV -> HEADER: the words of a module as the C array NAME.
file(READ ${SPV} hex HEX)
string(REGEX REPLACE "(..)(..)(..)(..)" "0x\\4\\3\\2\\1,\n" words "${hex}")
if(NOT words MATCHES "^0x07230203,")
    message(FATAL_ERROR "${SPV}: not a SPIR-V module of little-endian words")
endif()
file(WRITE ${HEADER} "#pragma once\nconst uint32_t ${NAME}[] = {\n${words}};\n")
