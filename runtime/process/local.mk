# processes, signals, scheduling. One module a line: libruntime_a_SOURCES += %D%/mem.h %D%/mem.c
