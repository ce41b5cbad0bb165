# terms: tagging, atoms, payloads, order, text. One module a line: libruntime_a_SOURCES += %D%/mem.h %D%/mem.c
