# A text as a C string: "static const char NAME[]". Run as a script with -DSOURCE= -DHEADER= -DNAME=.
file(READ ${SOURCE} text HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${text}")
string(REGEX REPLACE "(................................................................................)" "\\1\n"
       bytes "${bytes}")
file(WRITE ${HEADER} "/* Made from ${SOURCE} by embed.cmake. */\nstatic const char ${NAME}[] = {\n${bytes}0\n};\n")
