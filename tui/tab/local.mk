# One tab a line: libtui_a_SOURCES += %D%/x.c
