# Things drawn on a canvas. One module a line: libtui_a_SOURCES += %D%/x.h %D%/x.c
