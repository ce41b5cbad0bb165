# One demo a line: libdemo_a_SOURCES += %D%/shop.c
