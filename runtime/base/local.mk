# the ground: checks, allocator door, containers, clocks, switches. One module a line: libruntime_a_SOURCES += %D%/mem.h %D%/mem.c
