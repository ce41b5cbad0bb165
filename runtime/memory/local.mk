# heaps and what lives on and beside them. One module a line: libruntime_a_SOURCES += %D%/mem.h %D%/mem.c
