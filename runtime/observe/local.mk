# fills snapshots, runs commands. One module a line: libruntime_a_SOURCES += %D%/mem.h %D%/mem.c
